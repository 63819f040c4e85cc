/** The subjects in a tar of scans, and how they are unpacked one after another into folders of their own. */
import path from "node:path"
import type { BadScan } from "../../src/connectome/RawConnectome.ts"
import { type TarMember, unpackTar } from "../../src/fetch/tar/tarMembers.ts"

/** A subject whose scans lie in a tar. */
export interface TarSubject {
  readonly id: string
  /** Its scans as the store names them, in the order of the runs. */
  readonly sources: ReadonlyArray<string>
  /** Shape: as `sources`. Their paths in the tar. */
  readonly members: ReadonlyArray<string>
  /** Changes when a scan does: as that of the unpacked files. */
  readonly fingerprint: string
}

/** What a tar holds of a data set. */
export interface TarSubjects {
  readonly subjects: ReadonlyArray<TarSubject>
  /** Subjects that are said to be in it, and are not. */
  readonly missing: ReadonlyArray<BadScan>
}

/** A tar's members by their names: of a tar that was added to, which holds a file twice, the last one counts. */
export const membersByName = (members: ReadonlyArray<TarMember>): ReadonlyMap<string, TarMember> =>
  new Map(members.map((member) => [member.name, member]))

/** Size and time of change of files of a tar, in the words of `fingerprintOf`. */
export const fingerprintIn = (members: ReadonlyArray<TarMember>): string =>
  members.map(({ bytes, changedMillis }) => `${bytes}@${BigInt(changedMillis) * 1_000_000n}`).join(" ")

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
    subjects.flatMap((subject, position) => subject.members.map((name) => [name, position] as const))
  )
  const missing = subjects.map(({ members }) => new Set(members))
  const unpacked = unpackTar(tar, ({ name }) => {
    const position = owners.get(name)
    return position === undefined ? undefined : path.join(folderOf(work, position), name)
  })
  for await (const { name } of unpacked) {
    const position = owners.get(name)!
    if (missing[position]!.delete(name) && missing[position]!.size === 0) {
      yield { subject: subjects[position]!, folder: folderOf(work, position) }
    }
  }
}
