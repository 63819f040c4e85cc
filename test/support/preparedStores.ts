/** Preparing stores from tiny connectomes by the command, and the maps of runs on them. */
import { join } from "node:path"
import { filesIn, isMap } from "./folderContent.ts"
import { readMap } from "./readMap.ts"
import { lnmSucceeds } from "./runLnm.ts"
import { type TinyStudy, writeConfig } from "./tinyStudy.ts"

type Keys = Readonly<Record<string, unknown>>

/** Writes the config of a preparation; gives its path. */
export const writePrepareConfig = (folder: string, name: string, keys: Keys): string =>
  writeConfig(join(folder, `${name}.yaml`), {
    pipeline: "prepare-connectome",
    output: { path: `${name}.zarr` },
    ...keys
  })

/** Makes a store; gives its path. */
export const makeStoreIn = async (folder: string, name: string, keys: Keys): Promise<string> => {
  await lnmSucceeds(["run", writePrepareConfig(folder, name, keys), "--progress", "off"])
  return join(folder, `${name}.zarr`)
}

/** Runs a study on another connectome, into a folder of its own. */
export const runStudyOn = async (study: TinyStudy, name: string, connectome: Keys): Promise<string> => {
  const output = join(study.folder, name)
  const config = writeConfig(join(study.folder, `${name}.yaml`), {
    pipeline: "functional-network-mapping",
    ...study.keys,
    connectome,
    output: { path: output }
  })
  await lnmSucceeds(["run", config, "--progress", "off"])
  return output
}

/** Largest distance of two values over all maps of a statistic, between two output folders. */
export const largestDifference = (
  a: string,
  b: string,
  statistic: string,
  distance = (left: number, right: number): number => Math.abs(left - right)
): number => {
  const names = filesIn(a).filter((file) => isMap(file) && file.includes(`_stat-${statistic}_`))
  if (names.length === 0) throw new Error(`${a} has no map of ${statistic}`)
  let largest = 0
  for (const name of names) {
    const [left, right] = [readMap(join(a, name)).values, readMap(join(b, name)).values]
    for (let n = 0; n < left.length; n++) largest = Math.max(largest, distance(left[n]!, right[n]!))
  }
  return largest
}
