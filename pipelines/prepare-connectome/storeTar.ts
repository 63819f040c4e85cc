/**
 * The subjects of one tar on their way into a store: unpacked one after another, each into a folder of its own, held against the store's grid,
 * stored by the workers of `prepare-connectome`, and removed. Which are stored already is looked up first.
 */
import { rm } from "node:fs/promises"
import { Console, Effect, Stream } from "effect"
import type { BadScan, RawSubject } from "../../src/connectome/RawConnectome.ts"
import type { SubjectEntry } from "../../src/connectome/store/making/storeProgress.ts"
import { type TarsDone, writeTarsDone } from "../../src/connectome/store/making/tarsDone.ts"
import type { UnfinishedStore } from "../../src/connectome/store/making/UnfinishedStore.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { type PreparedStore, storeOne, type workersFor } from "../prepare-connectome.ts"
import { describeBad } from "./failures.ts"
import { type Tar, type TarContent, unusable } from "./TarContent.ts"
import { type TarSubject, type TarSubjects, type UnpackedSubject, unpackSubjects } from "./tarSubjects.ts"

/** A store that is being made: the plan, what is stored, and the workers once they are needed. */
export interface Making {
  readonly prepared: PreparedStore
  readonly content: TarContent
  readonly unfinished: UnfinishedStore
  readonly pool: ReturnType<typeof workersFor>
  readonly stored: Map<string, SubjectEntry>
  readonly bad: Array<BadScan>
  done: TarsDone
}

/**
 * Stores what is not stored yet of a tar. Whether all of it is done.
 *
 * @param work the folder that subjects are unpacked into
 */
export const storeTar = Effect.fnUntraced(function* (
  making: Making,
  work: string,
  tar: Tar,
  { subjects, missing }: TarSubjects,
  longest: number
) {
  const { prepared, unfinished, stored } = making
  yield* (yield* Progress).phase({ name: "storing", counts: "subjects" })
  const { todo, twice } = sortOut(subjects, stored, tar)
  const unpacked = Stream.fromAsyncIterable(unpackSubjects(tar.file, work, todo), (cause) => unusable(tar, cause))
  const outcomes = yield* unpacked.pipe(
    Stream.mapEffect((each) => storeUnpacked(making, each, longest), { concurrency: prepared.plan.workers }),
    Stream.runCollect
  )
  for (const outcome of outcomes) if ("checksums" in outcome) stored.set(outcome.id, outcome)
  const lacking = missing.filter(({ subject }) => !stored.has(subject))
  const bad = [...lacking, ...twice, ...outcomes.flatMap((outcome) => ("problem" in outcome ? [outcome] : []))]
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
  function* ({ prepared, content, unfinished, pool }: Making, { subject, folder }: UnpackedSubject, longest: number) {
    const { id, sources, fingerprint } = subject
    const raw = yield* content.open(subject, folder)
    const found = raw.subjects[0]
    const fits = content.fits(prepared.source, raw)
    const problem = raw.bad[0] ?? problemOf(fits, found, longest)
    if (problem === undefined && found !== undefined) {
      const outcome = yield* storeOne(yield* pool, unfinished.folder, { ...found, id, sources, fingerprint })
      return "problem" in outcome ? within(folder, outcome) : outcome
    }
    const bad = within(folder, { file: "", problem: "it cannot be read", ...problem, subject: id })
    yield* Console.error(`warning: ${describeBad(bad)}`)
    yield* (yield* Progress).subjectDone
    return bad
  },
  (effect, _, { folder }) => Effect.ensuring(effect, remove(folder))
)

/** A bad scan without the folder that it was unpacked into, which is gone by then. */
const within = (folder: string, { subject, file, problem }: BadScan): BadScan => {
  const shortened = (text: string) => text.replaceAll(`${folder}/`, "")
  return { subject, file: shortened(file), problem: shortened(problem) }
}

/** What keeps a subject out of the store, beside what `openRawConnectome` has found. */
const problemOf = (fits: boolean, found: RawSubject | undefined, longest: number): BadScan | undefined => {
  if (found === undefined) return undefined
  const bad = (problem: string): BadScan => ({ subject: found.id, file: found.sources.join(", "), problem })
  if (found.timePoints > longest) {
    return bad(`it has ${found.timePoints} time points, and the store was begun for ${longest} at most`)
  }
  return fits ? undefined : bad("its grid, or its voxels, are not those of the store")
}

export const remove = (folder: string): Effect.Effect<void> =>
  Effect.ignore(Effect.tryPromise(() => rm(folder, { recursive: true, force: true })))
