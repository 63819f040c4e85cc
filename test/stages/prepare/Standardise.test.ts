/** The stage that standardises scans: every panel once and in order, and which scans are bad. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type { Scan } from "../../../src/stages/prepare/ReadScan.ts"
import { type StandardPanels, standardise } from "../../../src/stages/prepare/Standardise.ts"
import { extentOf, scanOf, seriesIn, subjectOf } from "../../support/rawSubjects.ts"

/** Copies of what comes, as it comes: the stage uses its memory again. */
const standardised = (scans: ReadonlyArray<Scan>, extent: ReturnType<typeof extentOf>) =>
  standardise(extent)
    .transform(Stream.fromIterable(scans))
    .pipe(
      Stream.map((panels): StandardPanels => ({ ...panels, values: panels.values.slice(), sd: panels.sd.slice() })),
      Stream.runCollect
    )

/** By the definition, in float64. */
const naive = (series: ReadonlyArray<number>) => {
  const mean = series.reduce((sum, x) => sum + x, 0) / series.length
  const sd = Math.sqrt(series.reduce((sum, x) => sum + (x - mean) ** 2, 0) / series.length)
  return { sd, values: series.map((x) => (sd > 0 ? (x - mean) / sd : 0)) }
}

const rawSeries = ({ subject, raw }: Scan, voxels: number, voxel: number) =>
  Array.from({ length: subject.timePoints }, (_, t) => raw[t * voxels + voxel]!)

const assertRight = (scan: Scan, extent: ReturnType<typeof extentOf>, ranges: ReadonlyArray<StandardPanels>) => {
  const { voxels, timePoints, panelsPerChunk = 0 } = extent
  for (const { chunk, from, panels, values, sd } of ranges) {
    assert.strictEqual(values.length, panels * timePoints * 8)
    for (let v = 0; v < panels * 8; v++) {
      const voxel = (chunk * panelsPerChunk + from) * 8 + v
      const expected = voxel < voxels ? naive(rawSeries(scan, voxels, voxel)) : { sd: 0, values: [] }
      const errors = seriesIn(values, timePoints, v).map((x, t) => Math.abs(x - (expected.values[t] ?? 0)))
      // One rounding to float32.
      assert.approximately(sd[v]!, expected.sd, 1e-6 * expected.sd)
      assert.isAtMost(Math.max(...errors), 1e-6)
    }
  }
}

const problemOf = (scan: Scan, extent: ReturnType<typeof extentOf>) =>
  Effect.map(Effect.flip(standardised([scan], extent)), ({ _tag, subject, file, problem }) => {
    assert.strictEqual(_tag, "BadSubject")
    assert.deepStrictEqual([subject, file], [scan.subject.id, scan.subject.sources.join(", ")])
    return problem
  })

describe("standardise", () => {
  it.effect(
    "gives each panel once and in order, for voxels that fill no panel, chunk or block, and short subjects",
    () =>
      Effect.gen(function* () {
        for (const [voxels, own, timePoints, panelsPerChunk] of [
          [1, 2, 2, 1],
          [8, 3, 5, 1],
          [61, 31, 31, 3],
          [61, 7, 31, 100],
          // 2,000 time points: blocks of 4 panels, in chunks of 6.
          [93, 2000, 2000, 6]
        ] as const) {
          const extent = extentOf(voxels, timePoints, panelsPerChunk)
          const scan = scanOf(subjectOf("sub-1", own), voxels)
          const ranges = yield* standardised([scan], extent)
          const chunks = Math.ceil(Math.ceil(voxels / 8) / panelsPerChunk)
          const panels = ranges.flatMap((range) =>
            Array.from({ length: range.panels }, (_, n) => [range.chunk, range.from + n])
          )
          assert.deepStrictEqual(
            panels,
            Array.from({ length: chunks * panelsPerChunk }, (_, n) => [
              Math.floor(n / panelsPerChunk),
              n % panelsPerChunk
            ])
          )
          assertRight(scan, extent, ranges)
        }
      })
  )

  it.effect("takes one subject after the other in the same memory, shorter ones and such of several runs", () =>
    Effect.gen(function* () {
      const extent = extentOf(19, 30, 2)
      const scans = [subjectOf("a", 30), subjectOf("b", 2), subjectOf("c", 9)].map((subject, n) =>
        scanOf(subject, 19, n)
      )
      const ranges = yield* standardised(scans, extent)
      for (const scan of scans) {
        const own = ranges.filter(({ subject }) => subject.id === scan.subject.id)
        assert.lengthOf(own, 2)
        assertRight(scan, extent, own)
      }
      const joined = scanOf(subjectOf("d", 12, 18), 19)
      const [first] = yield* standardised([joined], extent)
      const raw = rawSeries(joined, 19, 5)
      const expected = [...naive(raw.slice(0, 12)).values, ...naive(raw.slice(12)).values]
      for (const [t, x] of seriesIn(first!.values, 30, 5).entries()) assert.approximately(x, expected[t]!, 1e-6)
    })
  )

  it.effect("keeps constant voxels as zeros with sd 0, unless all are constant", () =>
    Effect.gen(function* () {
      const extent = extentOf(10, 6, 1)
      const scan = scanOf(subjectOf("sub-1", 6), 10)
      for (let t = 0; t < 6; t++) for (let v = 0; v < 9; v++) scan.raw[t * 10 + v] = 0.1 + v
      const ranges = yield* standardised([scan], extent)
      assert.deepStrictEqual(
        ranges.map(({ sd }) => [...sd].map((x) => x > 0).indexOf(true)),
        [-1, 1]
      )
      assert.isTrue(ranges[0]!.values.every((x) => x === 0))
      for (let t = 0; t < 6; t++) scan.raw[t * 10 + 9] = -7
      assert.match(yield* problemOf(scan, extent), /the signal is constant in every voxel/)
    })
  )

  it.effect("counts the voxels with a NaN or infinity over all chunks, and none of them is stored", () =>
    Effect.gen(function* () {
      const extent = extentOf(29, 9, 2)
      const scan = scanOf(subjectOf("sub-1", 4, 5), 29)
      scan.raw[0] = Number.NaN
      scan.raw[8 * 29 + 28] = Number.NEGATIVE_INFINITY
      scan.raw[3 * 29 + 12] = Number.POSITIVE_INFINITY
      scan.raw[5 * 29 + 12] = Number.NaN
      assert.match(yield* problemOf(scan, extent), /^3 of 29 voxels of the brain mask hold a NaN or infinity/)
      const healthy = scanOf(subjectOf("sub-2", 9), 29)
      const bad = standardise(extent)
      yield* Effect.flip(Stream.runDrain(bad.transform(Stream.make(scan))))
      // The same stage goes on with another subject, of which nothing is counted twice.
      yield* Stream.runDrain(bad.transform(Stream.make(healthy)))
    })
  )
})
