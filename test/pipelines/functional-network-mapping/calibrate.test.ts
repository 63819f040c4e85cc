/** What is made of measured times, which are made up. */
import { assert, describe, it } from "@effect/vitest"
import { spreadRanges, steadySeconds } from "../../../pipelines/functional-network-mapping/calibrate.ts"
import { speedOf } from "../../../pipelines/functional-network-mapping/plannedTime.ts"
import type { MeasuredPhase } from "../../../src/runtime/measuredProgress.ts"
import type { ProblemShape } from "../../../src/runtime/ProblemShape.ts"

describe("steadySeconds", () => {
  /** Chunks of four subjects that are finished together at these seconds. */
  const chunksAt = (...seconds: ReadonlyArray<number>) => seconds.flatMap((second) => [second, second, second, second])

  it("leaves out the chunks at the beginning, and the last one", () => {
    // Starting takes 5 s, then a chunk 2 s, and the last one, beside which nothing is read, 1 s.
    assert.strictEqual(steadySeconds(0, chunksAt(5, 7, 9, 11, 12), 4), 0.5)
    const many = Array.from({ length: 30 }, (_, chunk) => (chunk < 10 ? 3 * chunk : 27 + 2 * (chunk - 9)))
    assert.strictEqual(steadySeconds(0, chunksAt(...many), 4), 0.5)
  })

  it("takes all where there are too few", () => {
    assert.strictEqual(steadySeconds(10, chunksAt(12, 14), 4), 0.5)
    assert.strictEqual(steadySeconds(10, chunksAt(12), 4), 0.5)
    assert.strictEqual(steadySeconds(10, [], 4), 0)
  })
})

describe("spreadRanges", () => {
  it("has every subject once, and begins far apart", () => {
    for (const subjects of [1, 3, 4, 5, 60, 61, 1000]) {
      const ranges = spreadRanges(subjects, 4)
      const found = ranges.flatMap(({ first, count }) => Array.from({ length: count }, (_, n) => first + n))
      assert.deepStrictEqual(
        found.sort((a, b) => a - b),
        Array.from({ length: subjects }, (_, n) => n)
      )
    }
    const firsts = spreadRanges(1000, 4)
      .slice(0, 5)
      .map(({ first }) => first)
    assert.isAbove(Math.max(...firsts) - Math.min(...firsts), 500)
  })
})

describe("the speed of a finished run", () => {
  const size = {
    timePoints: 100,
    voxels: 1000,
    lesions: 12,
    bytesPerSubject: 4e5,
    refiningBytesPerSubject: 0,
    imageBytesPerLesion: 1e4,
    workers: 2
  }
  const plan = { passes: 2, lesions: 24, shape: { subjects: 10, subjectsPerChunk: 4 } as ProblemShape }
  const phase = (changed: Partial<MeasuredPhase>): MeasuredPhase => ({
    seconds: 0,
    subjects: 0,
    lesions: 0,
    firstSubjectSeconds: 0,
    work: { readBytes: 0, readSeconds: 0, operations: 0, computeSeconds: 0 },
    ...changed
  })
  const work = { readBytes: 1, readSeconds: 1, operations: 1, computeSeconds: 3 }
  const mapping = phase({ seconds: 11, subjects: 20, firstSubjectSeconds: 3, work })
  const writing = phase({ seconds: 12, lesions: 24 })
  const speed = (...phases: ReadonlyArray<readonly [string, MeasuredPhase]>) => speedOf(plan, size, new Map(phases), 30)

  it("is that after the first chunk; what the first one took longer is starting", () => {
    assert.deepStrictEqual(speed(["connectivity", mapping], ["writing maps", writing]), {
      size,
      secondsPerSubject: 0.5,
      readingShare: 0.25,
      refiningSecondsPerSubject: 0,
      secondsPerLesion: 0.5,
      otherSeconds: 30 - 12 - 20 * 0.5
    })
  })

  it("has the pass that refines seeds apart", () => {
    const refining = phase({ seconds: 5, subjects: 20, firstSubjectSeconds: 1 })
    const found = speed(["refining seeds", refining], ["connectivity", mapping], ["writing maps", writing])
    assert.deepInclude(found, { refiningSecondsPerSubject: 0.25, otherSeconds: 3 })
  })

  it("is none of a run that has not done all of its plan", () => {
    assert.isUndefined(speed(["connectivity", mapping]))
    assert.isUndefined(speed(["connectivity", { ...mapping, subjects: 19 }], ["writing maps", writing]))
    assert.isUndefined(speed(["connectivity", mapping], ["writing maps", { ...writing, lesions: 23 }]))
  })
})
