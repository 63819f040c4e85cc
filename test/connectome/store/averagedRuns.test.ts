/** People of a store whose runs were kept apart: each has its own runs, wherever they lie in the store. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { averagedRuns, type Connectome } from "../../../src/connectome/Connectome.ts"
import { openConnectome } from "../../../src/connectome/openConnectome.ts"
import { averageRuns } from "../../../src/connectome/store/averagedRuns.ts"
import { connectomeOf } from "../../support/memoryConnectome.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"
import { storesIn } from "../../support/storesIn.ts"

const voxels = 3
const lengths = [5, 7, 6, 8]

/** Each number says of which run it is. */
const apart = connectomeOf(
  lengths.map((timePoints, run) => new Float32Array(timePoints * voxels).fill(run)),
  voxels
)
const runs: Connectome = { ...apart, bytesToRead: 400 }

const stored = storesIn(scratchFolder())

describe("runs that a store has apart", () => {
  const people = averageRuns(runs, ["b", "a", "b", "c"])

  it("are those of one person, in the order of the store; a person with one run has it as it is", () => {
    assert.deepStrictEqual(
      people.subjects.map((subject) => [subject.id, subject.index, subject.timePoints, averagedRuns(subject)]),
      [
        ["b", 0, 11, [5, 6]],
        ["a", 1, 7, undefined],
        ["c", 2, 8, undefined]
      ]
    )
    assert.strictEqual(people.bytesOf!([0, 2]), 300)
  })

  it.effect("are read one after another", () =>
    Effect.gen(function* () {
      const [b, a, c] = people.subjects.map(({ timePoints }) => new Float32Array(timePoints * voxels))
      yield* people.read(0, [b!, a!])
      yield* people.read(2, [c!])
      assert.deepStrictEqual(Array.from(b!), [...new Array(15).fill(0), ...new Array(18).fill(2)])
      assert.deepStrictEqual(Array.from(a!), new Array(21).fill(1))
      assert.deepStrictEqual(Array.from(c!), new Array(24).fill(3))
    })
  )

  it.live("are none in a store in which they were joined, and the error says how they come apart", () =>
    Effect.gen(function* () {
      const { path } = yield* stored(apart, "float32")
      const { message } = yield* Effect.flip(openConnectome({ path, runs: "average" }))
      assert.include(message, "it does not have the runs of a person apart")
      assert.include(message, "Make a store with prepare-connectome and `runs: separate`")
    }).pipe(Effect.scoped)
  )
})
