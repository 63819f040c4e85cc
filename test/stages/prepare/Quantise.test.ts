/** The stage that makes chunk files of panels: whole chunks in order, of either precision. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { quantise, type StoredChunk } from "../../../src/stages/prepare/Quantise.ts"
import type { Scan } from "../../../src/stages/prepare/ReadScan.ts"
import { standardise } from "../../../src/stages/prepare/Standardise.ts"
import { extentOf, scanOf, seriesIn, subjectOf } from "../../support/rawSubjects.ts"

const copyOf = (chunk: StoredChunk): StoredChunk => ({
  ...chunk,
  values: chunk.values.slice(),
  sd: chunk.sd.slice(),
  step: chunk.step?.slice()
})

const quantised = (scans: ReadonlyArray<Scan>, extent: ReturnType<typeof extentOf>) => {
  const panels = standardise(extent).transform(Stream.fromIterable(scans))
  return Stream.runCollect(Stream.map(quantise(extent).transform(panels), copyOf))
}

describe("quantise", () => {
  it.effect("gives each chunk of each subject once, whole, float32 as it was standardised", () =>
    Effect.gen(function* () {
      // 2,000 time points: a chunk is put together of several blocks of panels.
      for (const [voxels, timePoints, panelsPerChunk] of [
        [1, 2, 1],
        [61, 31, 3],
        [93, 2000, 6]
      ] as const) {
        const extent = extentOf(voxels, timePoints, panelsPerChunk, "float32")
        const scans = [scanOf(subjectOf("a", timePoints), voxels), scanOf(subjectOf("b", 2), voxels, 2)]
        const chunks = yield* quantised(scans, extent)
        const each = Math.ceil(Math.ceil(voxels / 8) / panelsPerChunk)
        assert.deepStrictEqual(
          chunks.map(({ subject, chunk }) => [subject.id, chunk]),
          ["a", "b"].flatMap((id) => Array.from({ length: each }, (_, chunk) => [id, chunk]))
        )
        const panels = yield* standardise(extent)
          .transform(Stream.fromIterable(scans))
          .pipe(
            Stream.map(({ values, sd }) => ({ values: [...values], sd: [...sd] })),
            Stream.runCollect
          )
        assert.deepStrictEqual(
          chunks.flatMap(({ values }) => [...values]),
          panels.flatMap(({ values }) => values)
        )
        assert.deepStrictEqual(
          chunks.flatMap(({ sd }) => [...sd]),
          panels.flatMap(({ sd }) => sd)
        )
        assert.isTrue(chunks.every(({ step }) => step === undefined))
      }
    })
  )

  it.effect("makes integers that lead back to within half a step, zeros beyond voxels and time points", () =>
    Effect.gen(function* () {
      const [voxels, timePoints] = [21, 12]
      const scans = [scanOf(subjectOf("long", 12), voxels), scanOf(subjectOf("short", 5), voxels, 2)]
      for (const scan of scans) {
        for (let t = 0; t < scan.subject.timePoints; t++) scan.raw[t * voxels + 3] = 8
      }
      const floats = yield* quantised(scans, extentOf(voxels, timePoints, 2, "float32"))
      const integers = yield* quantised(scans, extentOf(voxels, timePoints, 2))
      for (const [n, { values, step, sd, chunk, subject }] of integers.entries()) {
        assert.deepStrictEqual(sd, floats[n]!.sd)
        for (let v = 0; v < 16; v++) {
          const stored = seriesIn(values, timePoints, v)
          const exact = seriesIn(floats[n]!.values, timePoints, v)
          const valid = 16 * chunk + v < voxels && 16 * chunk + v !== 3
          assert.strictEqual(step![v]! > 0, valid)
          assert.strictEqual(Math.max(...stored.map(Math.abs)), valid ? 32767 : 0)
          // The step is not that of the largest value but that of variance 1: another half of one at most.
          for (const [t, q] of stored.entries()) assert.approximately(q * step![v]!, exact[t]!, 1.01 * step![v]!)
          assert.isTrue(stored.slice(subject.timePoints).every((q) => q === 0))
        }
      }
    })
  )

  it.effect("of two time points is 1 and -1, to the last digit", () =>
    Effect.gen(function* () {
      const [chunk] = yield* quantised([scanOf(subjectOf("two", 2), 3)], extentOf(3, 2, 1))
      for (let v = 0; v < 3; v++) {
        const [a, b] = seriesIn(chunk!.values, 2, v)
        assert.deepStrictEqual([Math.abs(a!), a! + b!], [32767, 0])
        assert.strictEqual(chunk!.step![v], Math.fround(1 / 32767))
      }
    })
  )
})
