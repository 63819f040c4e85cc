import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { type PieceOptions, passInPieces } from "../../../pipelines/functional-network-mapping/passInPieces.ts"
import { type CoveredSubjects, joinSubjects } from "../../../src/elements/coveredSubjects.ts"
import { Interruption, makeInterruption } from "../../../src/runtime/Interruption.ts"
import { Progress } from "../../../src/runtime/Progress.ts"

/** Sums of subjects that are only their numbers. */
interface Sums {
  readonly covered: CoveredSubjects
  readonly added: ReadonlyArray<number>
}

const nothing: Sums = { covered: [], added: [] }

const subjects = 17

/** What a checkpoint is said to take. */
const saveSeconds = 0.25

/** A pass whose chunks take a second each, with a disk that keeps the newest checkpoint. */
const passOn = (disk: { kept: Sums | undefined; saves: number }, interval: number, onChunk = (_: number) => {}) => {
  const options: PieceOptions<Sums, Sums, never, never, never, never> = {
    subjects,
    subjectsPerChunk: 2,
    bytes: 1,
    interval,
    folder: "/output/.lnm",
    checkpoint: {
      newest: Effect.sync(() => disk.kept),
      save: (sums) =>
        Effect.sync(() => {
          disk.kept = sums
          disk.saves++
          return saveSeconds
        }),
      remove: Effect.void
    },
    add: (ranges, from = nothing) =>
      Stream.runFoldEffect(
        ranges,
        () => from,
        (sums, range) =>
          Effect.as(
            Effect.andThen(
              TestClock.adjust("1 second"),
              Effect.sync(() => onChunk(range.first))
            ),
            {
              covered: joinSubjects(sums.covered, [range]),
              added: [...sums.added, ...Array.from({ length: range.count }, (_, i) => range.first + i)]
            }
          )
      )
  }
  return passInPieces(options).pipe(Effect.provide(Progress.layerOff))
}

const all = Array.from({ length: subjects }, (_, subject) => subject)

describe("a pass in pieces", () => {
  it.effect("adds every subject once, and writes a checkpoint as often as it is told", () =>
    Effect.gen(function* () {
      for (const [interval, saves] of [
        [1, 9],
        [3, 3],
        [100, 0]
      ] as const) {
        const disk = { kept: undefined, saves: 0 }
        const { sums, record } = yield* passOn(disk, interval)
        assert.deepStrictEqual(sums.added, all)
        assert.strictEqual(disk.saves, saves)
        assert.deepStrictEqual(record, { takenOver: 0, checkpoints: saves, checkpointSeconds: saves * saveSeconds })
      }
    })
  )

  it.effect("stops after the chunk that is begun where that is asked for, and goes on from what it kept", () =>
    Effect.gen(function* () {
      for (let first = 0; first < subjects - 2; first += 2) {
        const disk = { kept: undefined, saves: 0 }
        const interruption = makeInterruption()
        const stopped = yield* Effect.flip(
          Effect.provideService(
            passOn(disk, 100, (chunk) => {
              if (chunk === first) assert.isTrue(interruption.request())
            }),
            Interruption,
            interruption
          )
        )
        assert.strictEqual(stopped._tag, "RunStopped")
        assert.include(stopped.message, `${first + 2} of 17 subjects of this pass are kept in /output/.lnm`)
        assert.isFalse(interruption.request(), "nobody heeds a request any more")
        const { sums, record } = yield* passOn(disk, 100)
        assert.deepStrictEqual(sums.added, all)
        assert.strictEqual(record.takenOver, first + 2)
      }
    })
  )

  it("takes over any subjects that were added before, and adds the others", () =>
    fc.assert(
      fc.asyncProperty(fc.subarray(all, { minLength: 1 }), (before) => {
        const covered = before.reduce<CoveredSubjects>(
          (sum, subject) => joinSubjects(sum, [{ first: subject, count: 1 }]),
          []
        )
        return Effect.gen(function* () {
          const { sums, record } = yield* passOn({ kept: { covered, added: before }, saves: 0 }, 100)
          assert.deepStrictEqual(
            sums.added.toSorted((a, b) => a - b),
            all
          )
          assert.strictEqual(record.takenOver, before.length)
        }).pipe(Effect.provide(TestClock.layer()), Effect.runPromise)
      }),
      { seed: 4, numRuns: 50 }
    ))
})
