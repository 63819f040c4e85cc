/** The stage that reads scans: the runs of a subject one after the other, from either source, and damaged files. */
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { openRawConnectome } from "../../../src/connectome/openRawConnectome.ts"
import type { RawConnectome, RawSubject } from "../../../src/connectome/RawConnectome.ts"
import { readScan, type Scan } from "../../../src/stages/prepare/ReadScan.ts"
import { damageLastChunk, truncate } from "../../support/damage.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"
import { timeSeriesOf, tinyBrain, writeHdf5, writeNiftiScans } from "../../support/tinyConnectome.ts"

const scratch = scratchFolder()
const voxels = tinyBrain.gridIndex.length

const stageOf = ({ grid, gridIndex }: Pick<RawConnectome, "grid" | "gridIndex">, timePoints: number) =>
  readScan({ grid, gridIndex, timePoints, readingBytes: 0 })

/** Copies of the scans: the stage uses its memory again. */
const scansOf = (subjects: ReadonlyArray<RawSubject>, stage: ReturnType<typeof readScan>) =>
  stage.transform(Stream.fromIterable(subjects)).pipe(
    Stream.map((scan): Scan => ({ ...scan, raw: scan.raw.slice() })),
    Stream.runCollect
  )

/** NIfTI scans of so many time points each, all of them runs of one subject. */
const runsOf = Effect.fnUntraced(function* (folder: string, lengths: ReadonlyArray<number>) {
  const subjects: Array<RawSubject> = []
  for (const [n, timePoints] of lengths.entries()) {
    const { path, mask } = writeNiftiScans(join(scratch, folder, `${n}`), { subjects: 1, firstSubject: n, timePoints })
    subjects.push(...(yield* openRawConnectome({ path, mask }, "separate")).subjects)
  }
  const joined: RawSubject = {
    ...subjects[0]!,
    runs: subjects.flatMap(({ runs }) => runs),
    timePoints: lengths.reduce((sum, length) => sum + length, 0)
  }
  return { subjects, joined, files: subjects.map(({ runs: [run] }) => run!.file) }
})

describe("readScan", () => {
  it.effect("makes a subject bad one of whose runs is constant everywhere", () =>
    Effect.gen(function* () {
      const { joined } = yield* runsOf("constant", [9, 6])
      const file = join(scratch, "constant.h5")
      yield* Effect.promise(() => writeHdf5(file, { subjects: 1, timePoints: 6, edit: (_, values) => values.fill(7) }))
      const flat: RawSubject = { ...joined, runs: [joined.runs[0]!, { reader: "hdf5", file, place: 0, timePoints: 6 }] }
      const { problem, file: named } = yield* Effect.flip(scansOf([flat], stageOf(tinyBrain, 15)))
      assert.strictEqual(problem, "the signal of this run is constant in every voxel of the brain mask")
      assert.strictEqual(named, file)
    })
  )

  it.effect("gives the mask's voxels of each subject, of any length, joined runs one after the other", () =>
    Effect.gen(function* () {
      const lengths = [9, 6, 14]
      const { subjects, joined } = yield* runsOf("runs", lengths)
      const expected = lengths.map((timePoints, n) => timeSeriesOf(tinyBrain, n, timePoints))
      const scans = yield* scansOf([joined, ...subjects, joined], stageOf(tinyBrain, 29))
      const all = Float32Array.from(expected.flatMap((series) => [...series]))
      for (const [n, values] of [all, ...expected, all].entries()) assert.deepStrictEqual(scans[n]!.raw, values)
      assert.deepStrictEqual(
        scans.map(({ subject }) => subject),
        [joined, ...subjects, joined]
      )
    })
  )

  it.effect("gives the same from HDF5, whose subjects are rows of one file", () =>
    Effect.gen(function* () {
      const file = join(scratch, "rows.h5")
      yield* Effect.promise(() => writeHdf5(file, { subjects: 3, timePoints: 5, gzip: true }))
      const source = yield* openRawConnectome({ path: file }, "separate")
      const scans = yield* scansOf([...source.subjects].reverse(), stageOf(source, 5))
      for (const [n, { raw }] of scans.entries()) assert.deepStrictEqual(raw, timeSeriesOf(tinyBrain, 2 - n, 5))
    })
  )

  it.effect("tells which run of a subject is truncated, or gone, and reads the next subject all the same", () =>
    Effect.gen(function* () {
      const { subjects, joined, files } = yield* runsOf("damaged", [9, 11, 9])
      truncate(files[1]!, 0.5)
      rmSync(files[2]!)
      const stage = stageOf(tinyBrain, 29)
      const truncated = yield* Effect.flip(scansOf([joined], stage))
      assert.strictEqual(truncated._tag, "BadSubject")
      assert.deepStrictEqual([truncated.subject, truncated.file], [joined.id, files[1]!])
      assert.match(truncated.problem, /^the file is truncated, after \d+ of \d+ bytes/)
      const gone = yield* Effect.flip(scansOf([subjects[2]!], stage))
      assert.strictEqual(gone.file, files[2])
      assert.match(gone.problem, /the file is not there/)
      const [scan] = yield* scansOf([subjects[0]!], stage)
      assert.deepStrictEqual(scan!.raw, timeSeriesOf(tinyBrain, 0, 9))
    })
  )

  it.effect("tells a damaged chunk of HDF5 with the file it is in", () =>
    Effect.gen(function* () {
      const file = join(scratch, "damaged.h5")
      yield* Effect.promise(() => writeHdf5(file, { subjects: 2, timePoints: 30, gzip: true }))
      damageLastChunk(file, 30 * voxels * 4)
      const { subjects, grid, gridIndex } = yield* openRawConnectome({ path: file }, "separate")
      const stage = stageOf({ grid, gridIndex }, 30)
      const [first] = yield* scansOf([subjects[0]!], stage)
      assert.deepStrictEqual(first!.raw, timeSeriesOf(tinyBrain, 0, 30))
      const bad = yield* Effect.flip(scansOf([subjects[1]!], stage))
      assert.strictEqual(bad._tag, "BadSubject")
      assert.deepStrictEqual([bad.subject, bad.file], ["damaged.h5[1]", file])
      assert.include(bad.problem, "does not inflate")
    })
  )

  it.effect("does not take a file that has changed since its header was read", () =>
    Effect.gen(function* () {
      const file = join(scratch, "changed.h5")
      yield* Effect.promise(() => writeHdf5(file, { subjects: 2, timePoints: 6 }))
      const source = yield* openRawConnectome({ path: file }, "separate")
      const bytes = readFileSync(file)
      writeFileSync(file, bytes)
      const bad = yield* Effect.flip(scansOf(source.subjects, stageOf(source, 6)))
      assert.strictEqual(bad._tag, "BadSubject")
      assert.deepStrictEqual([bad.file, bad.problem], [file, "it has changed while it was read"])
    })
  )
})
