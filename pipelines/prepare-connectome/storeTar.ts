/**
 * The subjects of one tar on their way into a store: unpacked one after another, each into a folder of its own, held against the store's grid,
 * stored by the workers of `prepare-connectome`, and removed. Which are stored already is looked up first.
 */
import { rm } from "node:fs/promises"
import { Console, Effect, Schema, Stream } from "effect"
import { placeMask } from "../../src/connectome/nifti/brainMask.ts"
import { openRawConnectome } from "../../src/connectome/openRawConnectome.ts"
import type { BadScan, RawConnectome, RawSubject } from "../../src/connectome/RawConnectome.ts"
import type { SubjectEntry } from "../../src/connectome/store/making/storeProgress.ts"
import { type TarsDone, writeTarsDone } from "../../src/connectome/store/making/tarsDone.ts"
import type { UnfinishedStore } from "../../src/connectome/store/making/UnfinishedStore.ts"
import { listTar } from "../../src/fetch/tar/tarMembers.ts"
import { reasonOf } from "../../src/files/reasonOf.ts"
import { LoadingMemory, makeLoadingMemory } from "../../src/imaging/loadingMemory.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { memoryLimit, type PreparedStore, storeOne, type workersFor } from "../prepare-connectome.ts"
import { describeBad } from "./failures.ts"
import type { PrepareConfig } from "./PrepareConfig.ts"
import { subjectsIn, type TarSubject, type UnpackedSubject, unpackSubjects } from "./tarSubjects.ts"

/** A tar that lies on the disk. */
export interface Tar {
  /** Tells it from the others. */
  readonly name: string
  readonly file: string
  /** What is to be done once all of it is in the store. */
  readonly done: Effect.Effect<void, Error>
}

/** A tar, or what is in it, cannot be used. */
export class TarUnusable extends Schema.TaggedError<TarUnusable>()("TarUnusable", {
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. Remove it and get it again; what is in the store already stays.`
  }
}

/** A store that is being made: the plan, what is stored, and the workers once they are needed. */
export interface Making {
  readonly prepared: PreparedStore
  readonly unfinished: UnfinishedStore
  readonly pool: ReturnType<typeof workersFor>
  readonly stored: Map<string, SubjectEntry>
  readonly bad: Array<BadScan>
  done: TarsDone
}

/** Stores what is not stored yet of a tar. Whether all of it is done. */
export const storeTar = Effect.fnUntraced(function* (
  making: Making,
  config: PrepareConfig,
  tar: Tar,
  subjects: ReadonlyArray<TarSubject>,
  longest: number
) {
  const { prepared, unfinished, stored } = making
  yield* (yield* Progress).phase({ name: "storing", counts: "subjects" })
  const { todo, twice } = sortOut(subjects, stored, tar)
  const unpacked = Stream.fromAsyncIterable(unpackSubjects(tar.file, config.source.path, todo), (cause) =>
    unusable(tar, cause)
  )
  const outcomes = yield* unpacked.pipe(
    Stream.mapEffect((each) => storeUnpacked(making, config, each, longest), { concurrency: prepared.plan.workers }),
    Stream.runCollect
  )
  for (const outcome of outcomes) if ("checksums" in outcome) stored.set(outcome.id, outcome)
  const bad = [...twice, ...outcomes.flatMap((outcome) => ("problem" in outcome ? [outcome] : []))]
  making.bad.push(...bad)
  if (bad.length > 0 && prepared.onBadSubject === "error") return false
  const ids = subjects.map(({ id }) => id)
  making.done = { ...making.done, tars: { ...making.done.tars, [tar.name]: { subjects: ids, bad } } }
  yield* writeTarsDone(unfinished.folder, making.done)
  return true
})

/** The subjects that are to be stored, and those of which other scans are stored already. */
const sortOut = (subjects: ReadonlyArray<TarSubject>, stored: ReadonlyMap<string, SubjectEntry>, tar: Tar) => {
  const isSame = ({ id, sources }: TarSubject) => stored.get(id)?.sources.join("\n") === sources.join("\n")
  const todo = subjects.filter((subject) => {
    const entry = stored.get(subject.id)
    return entry === undefined || (isSame(subject) && entry.fingerprint !== subject.fingerprint)
  })
  const twice = subjects
    .filter((subject) => stored.has(subject.id) && !isSame(subject))
    .map(({ id }): BadScan => {
      const problem = "its scans lie in several tars: unpack them all, and make the store with prepare-connectome"
      return { subject: id, file: tar.file, problem }
    })
  return { todo, twice }
}

const storeUnpacked = Effect.fnUntraced(
  function* (
    { prepared, unfinished, pool }: Making,
    config: PrepareConfig,
    { subject: { id, fingerprint }, folder }: UnpackedSubject,
    longest: number
  ) {
    const raw = yield* openUnpacked(config, folder)
    const found = raw.subjects[0]
    const problem = raw.bad[0] ?? problemOf(prepared, raw, found, longest)
    if (problem === undefined && found !== undefined) {
      const outcome = yield* storeOne(yield* pool, unfinished.folder, { ...found, id, fingerprint })
      return "problem" in outcome ? within(folder, outcome) : outcome
    }
    const bad = within(folder, { file: "", problem: "it cannot be read", ...problem, subject: id })
    yield* Console.error(`warning: ${describeBad(bad)}`)
    yield* (yield* Progress).subjectDone
    return bad
  },
  (effect, _, __, { folder }) => Effect.ensuring(effect, remove(folder))
)

/** A bad scan without the folder that it was unpacked into, which is gone by then. */
const within = (folder: string, { subject, file, problem }: BadScan): BadScan => {
  const shortened = (text: string) => text.replaceAll(`${folder}/`, "")
  return { subject, file: shortened(file), problem: shortened(problem) }
}

/** What keeps a subject out of the store, beside what `openRawConnectome` has found. */
const problemOf = (
  { source }: PreparedStore,
  raw: RawConnectome,
  found: RawSubject | undefined,
  longest: number
): BadScan | undefined => {
  if (found === undefined) return undefined
  const bad = (problem: string): BadScan => ({ subject: found.id, file: found.sources.join(", "), problem })
  if (found.timePoints > longest) {
    return bad(`it has ${found.timePoints} time points, and the store was begun for ${longest} at most`)
  }
  const placement = placeMask({ file: "", grid: source.grid, gridIndex: source.gridIndex }, raw.grid)
  return placement.kind === "placed" ? undefined : bad("its grid is not that of the first scan")
}

/** The scans of one subject, in a folder of their own. */
export const openUnpacked = Effect.fnUntraced(function* (config: PrepareConfig, folder: string) {
  const opening = openRawConnectome({ ...config.source, path: folder }, config.runs)
  return yield* Effect.provideService(opening, LoadingMemory, makeLoadingMemory(yield* memoryLimit(config)))
})

export const subjectsOfTar = Effect.fnUntraced(function* (tar: Tar, { source, runs }: PrepareConfig) {
  const members = yield* Effect.tryPromise({
    try: (signal) => listTar(tar.file, signal),
    catch: (cause) => unusable(tar, cause)
  })
  const subjects = subjectsIn(members, source.pattern!, runs)
  if (subjects.length > 0) return subjects
  const problem = `none of its ${members.length} files matches ${source.pattern}`
  return yield* new TarUnusable({ file: tar.file, problem })
})

export const unusable = (tar: Tar, cause: unknown): TarUnusable =>
  new TarUnusable({ file: tar.file, problem: `it cannot be unpacked (${reasonOf(cause, "reading")})` })

export const remove = (folder: string): Effect.Effect<void> =>
  Effect.ignore(Effect.tryPromise(() => rm(folder, { recursive: true, force: true })))
