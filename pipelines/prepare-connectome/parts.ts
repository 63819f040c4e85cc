/** A preparation in parts: each stores its share of the subjects, and the last step puts the store together. */
import { Effect, Schema } from "effect"
import { cutIntoParts } from "../../src/cluster/cutIntoParts.ts"
import type { BadScan, RawSubject } from "../../src/connectome/RawConnectome.ts"
import { readDonePart, writeDonePart } from "../../src/connectome/store/making/partsDone.ts"
import { lockPart, lockStore, refuseParts } from "../../src/connectome/store/making/StoreLock.ts"
import { checkStorePath, openForPart, openUnfinished } from "../../src/connectome/store/making/UnfinishedStore.ts"
import { finishStore, keptEntries, type PreparedStore, storeSubjects } from "../prepare-connectome.ts"
import { BadScans } from "./failures.ts"

/** There is no such part. */
export class NoSuchSubjects extends Schema.TaggedError<NoSuchSubjects>()("NoSuchSubjects", {
  parts: Schema.Int,
  subjects: Schema.Int
}) {
  override get message(): string {
    return `--part: ${this.subjects} subjects cannot be cut into ${this.parts} parts. Ask for ${this.subjects} at most.`
  }
}

/** Subjects that no part has stored yet. */
export class SubjectsMissing extends Schema.TaggedError<SubjectsMissing>()("SubjectsMissing", {
  store: Schema.String,
  subjects: Schema.Int,
  first: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const rest = this.subjects - this.first.length
    const named = `${this.first.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`
    return (
      `${this.store}: ${this.subjects} subject(s) are not stored yet: ${named}. Run the parts that are missing, or ` +
      "lnm run without --part, which does the rest by itself."
    )
  }
}

/** Subjects that a message names. */
const mostNamed = 8

/** The subjects of a part: shares of about as many bytes. */
export const subjectsOfPart = Effect.fnUntraced(function* (
  subjects: ReadonlyArray<RawSubject>,
  { number, of }: { readonly number: number; readonly of: number }
) {
  const bytesOfSubjects = subjects.map(({ bytes }) => bytes)
  const cut = cutIntoParts({ parts: of, lesions: 1, fewestBatches: 1, bytesOfSubjects, sumsBytesPerLesion: 0 })
  if (cut === undefined) return yield* new NoSuchSubjects({ parts: of, subjects: subjects.length })
  const { first, count } = cut.units.find(({ part }) => part === number)!.subjects
  return subjects.slice(first, first + count)
})

/** Stores the subjects of a part that are not stored yet. Errors: `StoreBusy`, `BadScans` after all others are stored, `StoreNotWritten`. */
export const makeStorePart = Effect.fn("makeStorePart")(function* (
  prepared: PreparedStore,
  part: { readonly number: number; readonly of: number },
  own: ReadonlyArray<RawSubject>
) {
  const { store, job, extent, source, onBadSubject } = prepared
  yield* lockPart(store, part.number)
  yield* checkStorePath(store, job, false)
  const unfinished = yield* openForPart(store, job, extent)
  const kept = keptEntries(unfinished, source)
  const earlier = yield* readDonePart(unfinished.folder, part.number)
  const todo = unfinished.complete ? [] : own.filter(({ id }) => !kept.has(id))
  const isDone = earlier?.of === part.of && todo.every(({ id }) => earlier.bad.some(({ subject }) => subject === id))
  if (todo.length === 0 || isDone) {
    if (earlier === undefined && !unfinished.complete) {
      yield* writeDonePart(unfinished.folder, { part: part.number, of: part.of, bad: [] })
    }
    return { stored: own.length - todo.length, resumed: own.length - todo.length, bad: earlier?.bad ?? [] }
  }
  const outcomes = yield* storeSubjects(prepared, unfinished.folder, todo)
  const bad = outcomes.flatMap((outcome) => ("problem" in outcome ? [outcome] : []))
  const stored = own.length - bad.length
  if (bad.length > 0 && onBadSubject === "error") return yield* new BadScans({ bad, stored })
  yield* writeDonePart(unfinished.folder, { part: part.number, of: part.of, bad })
  return { stored, resumed: own.length - todo.length, bad }
})

/** Puts the store together from what all parts have stored. Errors: `SubjectsMissing`, `StoreBusy`, and those of `makeStore`. */
export const mergeStore = Effect.fn("mergeStore")(function* (prepared: PreparedStore) {
  const { store, job, extent, source } = prepared
  yield* lockStore(store)
  yield* refuseParts(store)
  yield* checkStorePath(store, job, false)
  const unfinished = yield* openUnfinished(store, job, extent, false)
  const stored = keptEntries(unfinished, source)
  const bad: Array<BadScan> = [...source.bad]
  for (let part = 1, of = 1; part <= of; part++) {
    const done = yield* readDonePart(unfinished.folder, part)
    of = Math.max(of, done?.of ?? 1)
    bad.push(...(done?.bad ?? []).filter(({ subject }) => !stored.has(subject)))
  }
  const known = new Set(bad.map(({ subject }) => subject))
  const missing = source.subjects.filter(({ id }) => !stored.has(id) && !known.has(id)).map(({ id }) => id)
  if (missing.length > 0) {
    return yield* new SubjectsMissing({ store, subjects: missing.length, first: missing.slice(0, mostNamed) })
  }
  const entries = yield* finishStore(prepared, unfinished.folder, stored, bad)
  return { store, entries, bad, resumed: stored.size }
})
