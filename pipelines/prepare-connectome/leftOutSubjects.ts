/** The subjects that a store lacks, as it keeps them: the same wherever the scans lie. */
import path from "node:path"
import type { LeftOutSubject } from "../../src/connectome/Connectome.ts"
import type { BadScan } from "../../src/connectome/RawConnectome.ts"

/**
 * Takes the places of the source out of what is said of its scans.
 *
 * @param places absolute paths of the folder or file of the scans, and of the brain mask where there is one
 */
export const leftOutSubjects = (
  bad: ReadonlyArray<BadScan>,
  places: ReadonlyArray<string | undefined>
): ReadonlyArray<LeftOutSubject> => {
  const known = places.flatMap((place) => (place === undefined ? [] : [place, path.dirname(place)]))
  // What lies in the folder of another begins with that, too.
  const folders = [...new Set(known)].sort((a, b) => b.length - a.length).map((folder) => `${folder}${path.sep}`)
  const within = (text: string) => folders.reduce((shorter, folder) => shorter.replaceAll(folder, ""), text)
  return bad.map(({ subject, file, problem }) => ({ subject, file: within(file), reason: within(problem) }))
}
