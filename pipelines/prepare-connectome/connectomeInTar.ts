/**
 * A whole connectome in one tar, as Lead-DBS's are: files of its own list the subjects and the voxels. They are unpacked first, wherever in the
 * tar they lie; runs come one after another, so that the disk never holds the connectome unpacked.
 */
import path from "node:path"
import { Effect } from "effect"
import type { NamedSubject } from "../../src/connectome/RawConnectome.ts"
import type { ListedFolder, ListedSubjects, RunsOption } from "../../src/connectome/Source.ts"
import { allSources } from "../../src/connectome/sourceOf.ts"
import { type TarMember, unpackTar } from "../../src/fetch/tar/tarMembers.ts"
import { type Tar, type TarContent, TarUnusable, unusable } from "./TarContent.ts"
import { fingerprintIn, membersByName, type TarSubjects } from "./tarSubjects.ts"

export interface ConnectomeInTar {
  /** Name of a file that lies in the connectome's folder. */
  readonly marker: string
  readonly runs: RunsOption
  /** A folder for what is unpacked, which is removed by another. */
  readonly work: string
}

export const connectomeInTar = ({ marker, runs, work }: ConnectomeInTar): TarContent => {
  const lists = path.join(work, "lists")
  let opened: ListedFolder | undefined
  return {
    subjectsOf: Effect.fnUntraced(function* (tar: Tar) {
      const listed = yield* Effect.flatMap(listsWith(marker), Effect.fromNullishOr).pipe(Effect.orDie)
      const members = yield* Effect.tryPromise({
        try: (signal) => unpackLists(tar.file, lists, listed.files, signal),
        catch: (cause) => unusable(tar, cause)
      })
      const root = rootOf(members, marker)
      if (root === undefined) {
        const problem = `none of its ${members.length} files is called ${marker}, by which the connectome is known`
        return yield* new TarUnusable({ file: tar.file, problem })
      }
      opened = yield* listed.open(path.join(lists, root), runs)
      return subjectsIn(tar, opened, root, members)
    }),
    open: ({ id, members }, folder) =>
      opened!.lookAt({ id, files: members.map((member) => path.join(folder, member)) }),
    listed: Effect.sync(() => ({
      voxels: Array.from(opened!.gridIndex),
      subjects: opened!.subjects.map(({ id }) => id)
    })),
    voxelsOf: ({ grid, listed }) => Effect.succeed({ grid, gridIndex: Int32Array.from(listed!.voxels) }),
    fits: (store, raw) =>
      store.gridIndex.length === raw.gridIndex.length &&
      store.gridIndex.every((element, v) => element === raw.gridIndex[v])
  }
}

/** How the subjects are listed of connectomes that have a file of this name; undefined where no source knows it. */
const listsWith = (marker: string): Effect.Effect<ListedSubjects | undefined> =>
  Effect.map(allSources, (all) => all.find(({ raw }) => raw?.listed?.files.includes(marker))?.raw?.listed)

/** Whether a connectome is known by a file of this name. */
export const isKnownMarker = (marker: string): Effect.Effect<boolean> =>
  Effect.map(listsWith(marker), (found) => found !== undefined)

/** Unpacks files of these names, and lists all. */
const unpackLists = async (
  tar: string,
  into: string,
  names: ReadonlyArray<string>,
  signal: AbortSignal
): Promise<ReadonlyArray<TarMember>> => {
  const members: Array<TarMember> = []
  const unpacking = unpackTar(tar, (member) => {
    signal.throwIfAborted()
    members.push(member)
    return names.includes(path.posix.basename(member.name)) ? path.join(into, member.name) : undefined
  })
  for await (const _ of unpacking) signal.throwIfAborted()
  return members
}

/** The folder in the tar that holds a file of this name; of several the uppermost. */
const rootOf = (members: ReadonlyArray<TarMember>, marker: string): string | undefined =>
  members
    .map(({ name }) => path.posix.dirname(name))
    .filter((_, n) => path.posix.basename(members[n]!.name) === marker)
    .toSorted((a, b) => a.split("/").length - b.split("/").length)[0]

const subjectsIn = (
  tar: Tar,
  { path: folder, subjects }: ListedFolder,
  root: string,
  members: ReadonlyArray<TarMember>
): TarSubjects => {
  const byName = membersByName(members)
  const sourcesOf = ({ files }: NamedSubject) => files.map((file) => path.relative(folder, file))
  const found = subjects.map((subject) => {
    const sources = sourcesOf(subject)
    const names = sources.map((source) => path.posix.join(root, source))
    return { id: subject.id, sources, names, scans: names.flatMap((name) => byName.get(name) ?? []) }
  })
  const isWhole = ({ names, scans }: (typeof found)[number]) => scans.length === names.length
  return {
    subjects: found
      .filter(isWhole)
      .map(({ id, sources, names, scans }) => ({ id, sources, members: names, fingerprint: fingerprintIn(scans) })),
    missing: found
      .filter((each) => !isWhole(each))
      .map(({ id, names }) => {
        const missing = names.filter((name) => !byName.has(name)).join(", ")
        return { subject: id, file: tar.file, problem: `it does not hold ${missing}` }
      })
  }
}
