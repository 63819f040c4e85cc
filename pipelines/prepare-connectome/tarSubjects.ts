/** The subjects in a tar of scans, told by the names of its files, and unpacked one after another into folders of their own. */
import path from "node:path"
import { groupScans } from "../../src/connectome/nifti/scanGroups.ts"
import type { RunsOption } from "../../src/connectome/Source.ts"
import { type TarMember, unpackTar } from "../../src/fetch/tar/tarMembers.ts"
import { makeFilePattern } from "../../src/imaging/FilePattern.ts"
import { byCodePoint } from "../../src/imaging/walkFolder.ts"

/** A subject whose scans lie in a tar. */
export interface TarSubject {
  readonly id: string
  /** Paths of its scans in the tar, in the order of the runs. */
  readonly sources: ReadonlyArray<string>
  /** Changes when a scan does: as that of the unpacked files. */
  readonly fingerprint: string
  /** Bytes of its scans. */
  readonly bytes: number
}

/** Groups the scans among the members of a tar, as those of a folder are. */
export const subjectsIn = (
  members: ReadonlyArray<TarMember>,
  pattern: string,
  runs: RunsOption
): ReadonlyArray<TarSubject> => {
  const { matches } = makeFilePattern(pattern)
  // A tar that was added to holds a file twice: the last one counts.
  const byName = new Map(members.flatMap((member) => (matches(member.name) ? [[member.name, member] as const] : [])))
  const names = [...byName.keys()].sort(byCodePoint)
  return groupScans(
    "/",
    names.map((name) => `/${name}`),
    runs
  ).map(({ id, files }) => {
    const scans = files.map((file) => byName.get(file.slice(1))!)
    return {
      id,
      sources: scans.map(({ name }) => name),
      fingerprint: scans.map(({ bytes, changedMillis }) => `${bytes}@${BigInt(changedMillis) * 1_000_000n}`).join(" "),
      bytes: scans.reduce((sum, { bytes }) => sum + bytes, 0)
    }
  })
}

/** The folder that a subject is unpacked into. */
export const folderOf = (work: string, position: number): string => path.join(work, `${position}`)

/** A subject whose scans are all unpacked. */
export interface UnpackedSubject {
  readonly subject: TarSubject
  readonly folder: string
}

/** Unpacks subjects in the order of the tar, and gives each when its last scan is there. Throws what is wrong with the tar. */
export async function* unpackSubjects(
  tar: string,
  work: string,
  subjects: ReadonlyArray<TarSubject>
): AsyncGenerator<UnpackedSubject> {
  const owners = new Map(
    subjects.flatMap((subject, position) => subject.sources.map((name) => [name, position] as const))
  )
  const missing = subjects.map(({ sources }) => new Set(sources))
  const members = unpackTar(tar, ({ name }) => {
    const position = owners.get(name)
    return position === undefined ? undefined : path.join(folderOf(work, position), name)
  })
  for await (const { name } of members) {
    const position = owners.get(name)!
    if (missing[position]!.delete(name) && missing[position]!.size === 0) {
      yield { subject: subjects[position]!, folder: folderOf(work, position) }
    }
  }
}
