/** Lead-DBS folders of both MATLAB formats and both orders of axes, as SciPy and h5py write them (fixtures/make.py). */
import { cp, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestConsole } from "effect/testing"
import { inspect } from "../../../src/cli/inspect.ts"
import { averagedRuns } from "../../../src/connectome/Connectome.ts"
import { openConnectome } from "../../../src/connectome/openConnectome.ts"
import { openRawConnectome } from "../../../src/connectome/openRawConnectome.ts"
import { joinRuns, makeJoinMemory } from "../../../src/kernels/joinRuns.ts"
import { temporaryFolder } from "../../support/niftiBytes.ts"

const fixtures = join(import.meta.dirname, "fixtures")

const space = "MNI152NLin2009bAsym"

/** Of the runs one_run1, two_run1, two_run2, three_run1. */
const timePoints = [12, 12, 10, 11]
const outidx = [90, 3, 4, 10, 17, 18, 25, 33, 40, 52, 53, 61, 70, 77, 88]
const voxels = outidx.length

type Value = (run: number, t: number, v: number) => number

const real: Value = (run, t, v) => 5000 + 10 * v + 5 * Math.sin(1 + 31 * run + 7 * t + 3 * v)
const whole: Value = (run, t, v) => (7 * run + 31 * t + 5 * v * t + v) % 120

interface Kind {
  readonly name: string
  readonly value: Value
  /** Whether each voxel loses its first time point, since float32 does not hold its numbers. */
  readonly shifted: boolean
  readonly storage: string
}

const kinds: ReadonlyArray<Kind> = [
  { name: "mat5-format1", value: whole, shifted: true, storage: "MATLAB v5, float64, gzip" },
  { name: "mat5-format2", value: real, shifted: false, storage: "MATLAB v5, float32" },
  { name: "mat73-format1", value: real, shifted: false, storage: "MATLAB v7.3, float32, gzip" },
  { name: "mat73-format2", value: real, shifted: true, storage: "MATLAB v7.3, float64" }
]

/** A run as it is read. */
const expected = ({ value, shifted }: Kind, run: number): Float32Array => {
  const series = new Float32Array(timePoints[run]! * voxels)
  for (let t = 0; t < timePoints[run]!; t++) {
    for (let v = 0; v < voxels; v++) series[t * voxels + v] = value(run, t, v) - (shifted ? value(run, 0, v) : 0)
  }
  return series
}

const assertClose = (actual: Float32Array, wanted: Float32Array, context: string) => {
  assert.strictEqual(actual.length, wanted.length, context)
  // NumPy's and V8's sine may differ in the last bit, which rounding to float32 can carry on.
  for (let n = 0; n < wanted.length; n++) assert.closeTo(actual[n]!, wanted[n]!, 1e-3, `${context}: ${n}`)
}

/** A copy of a fixture that a test may change. */
const copyOf = Effect.fnUntraced(function* (name: string) {
  const path = join(yield* temporaryFolder, name)
  yield* Effect.promise(() => cp(join(fixtures, name), path, { recursive: true }))
  return path
})

const refusal = (path: string, mask?: string) =>
  openConnectome({ path, space, ...(mask === undefined ? {} : { mask }) }).pipe(
    Effect.flip,
    Effect.map(({ message }) => message.replaceAll(path, "P"))
  )

describe.each(kinds)("a Lead-DBS connectome of $name", (kind) => {
  const path = join(fixtures, kind.name)

  it.effect("has the subjects, voxels and grid that it lists", () =>
    Effect.gen(function* () {
      const connectome = yield* openConnectome({ path, space })
      assert.strictEqual(connectome.kind, "leaddbs")
      assert.deepStrictEqual(
        connectome.subjects.map(({ id, timePoints: length, runs }) => [id, length, runs?.length]),
        [
          ["one", 12, undefined],
          ["two", 22, 2],
          ["three", 11, undefined]
        ]
      )
      assert.deepStrictEqual(
        [...connectome.gridIndex],
        outidx.map((number) => number - 1)
      )
      assert.deepStrictEqual(connectome.grid.shape, [7, 5, 3])
      // MATLAB's matrix places voxel (1, 1, 1), so that ours places (0, 0, 0) there.
      assert.deepStrictEqual(connectome.grid.affine, [-2, 0, 0, 6, 0, 2, 0, -6, 0, 0, 2, -4, 0, 0, 0, 1])
      assert.strictEqual(connectome.storage, kind.storage)
    })
  )

  it.effect("gives a single run as it is, and joins several", () =>
    Effect.gen(function* () {
      const { read } = yield* openConnectome({ path, space })
      const series = [12, 22, 11].map((length) => new Float32Array(length * voxels))
      yield* read(0, series)
      assertClose(series[0]!, expected(kind, 0), "one")
      assertClose(series[2]!, expected(kind, 3), "three")
      const joined = new Float32Array([...expected(kind, 1), ...expected(kind, 2)])
      joinRuns({ values: joined, voxels, runs: [12, 10] }, 0, voxels, makeJoinMemory(voxels))
      assertClose(series[1]!, joined, "two")
    })
  )

  it.effect("has a subject for each run where they are to be separate", () =>
    Effect.gen(function* () {
      const { subjects, read } = yield* openConnectome({ path, space, runs: "separate" })
      assert.deepStrictEqual(
        subjects.map(({ id }) => id),
        ["one_run1", "two_run1", "two_run2", "three_run1"]
      )
      const series = new Float32Array(10 * voxels)
      yield* read(2, [series])
      assertClose(series, expected(kind, 2), "two_run2")
    })
  )

  it.effect("is raw material for a store: every run is read by itself", () =>
    Effect.gen(function* () {
      const { subjects, bad, grid, gridIndex } = yield* openRawConnectome({ path }, "concatenate")
      assert.deepStrictEqual(bad, [])
      const { source } = yield* Effect.promise(() => import("../../../src/connectome/leaddbs/leadDbsSource.ts"))
      const series = new Float32Array(10 * voxels)
      yield* source.raw!.read(subjects[1]!.runs[1]!, { grid, gridIndex }, series)
      assertClose(series, expected(kind, 2), "two_run2")
    })
  )
})

describe("a Lead-DBS connectome", () => {
  it.effect("gives several runs one after another, as they are, where r is averaged over them", () =>
    Effect.gen(function* () {
      const kind = kinds[2]!
      const connectome = yield* openConnectome({ path: join(fixtures, kind.name), space, runs: "average" })
      assert.deepStrictEqual(connectome.subjects.map(averagedRuns), [undefined, [12, 10], undefined])
      const series = new Float32Array(22 * voxels)
      yield* connectome.read(1, [series])
      assertClose(series, new Float32Array([...expected(kind, 1), ...expected(kind, 2)]), "two")
    })
  )

  it.effect("needs its space said", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(openConnectome({ path: join(fixtures, "mat5-format1") }))
      assert.strictEqual(error._tag, "UnknownSpace")
    })
  )

  it.effect("is refused with a mask, which would be passed over", () =>
    Effect.gen(function* () {
      const message = yield* refusal(yield* copyOf("mat5-format1"), "mask.nii")
      assert.include(message, "Remove `mask` from the config")
    })
  )

  it.effect("says where its axes are the other way round", () =>
    Effect.gen(function* () {
      const path = yield* copyOf("mat73-format1")
      yield* Effect.promise(() =>
        writeFile(join(path, "dataset_info.json"), '{"type":"fMRI_timecourses","formatversion":2}')
      )
      const message = yield* refusal(path)
      assert.include(message, "4 scans cannot be used")
      assert.include(message, "`gmtc` is 15 × 12, not time points × 15 voxels")
      assert.include(message, "correct `formatversion`")
    })
  )

  it.effect("is refused where it holds correlations", () =>
    Effect.gen(function* () {
      const path = yield* copyOf("mat73-format1")
      yield* Effect.promise(() => writeFile(join(path, "dataset_info.json"), '{"type":"fMRI_matrix"}'))
      assert.include(yield* refusal(path), "its type is fMRI_matrix")
    })
  )

  it.effect("names a run that is not there, and one that is cut off", () =>
    Effect.gen(function* () {
      const path = yield* copyOf("mat5-format2")
      const run = join(path, "vol/three_run1.mat")
      yield* Effect.promise(() => rm(join(path, "vol/one_run1.mat")))
      yield* Effect.promise(async () => writeFile(run, (await readFile(run)).subarray(0, 500)))
      const message = yield* refusal(path)
      assert.match(message, /vol\/one_run1\.mat: .*no such file/)
      assert.match(message, /vol\/three_run1\.mat: .*truncated file: it ends at byte 500/)
      const { bad, subjects } = yield* openRawConnectome({ path }, "concatenate")
      assert.deepStrictEqual(
        [bad.map(({ subject }) => subject), subjects.map(({ id }) => id)],
        [["one", "three"], ["two"]]
      )
    })
  )

  it.effect("names a run that is no MATLAB file", () =>
    Effect.gen(function* () {
      const path = yield* copyOf("mat5-format1")
      yield* Effect.promise(() => writeFile(join(path, "vol/one_run1.mat"), "no such thing"))
      assert.include(yield* refusal(path), "it is no MATLAB file of version 5 or 7.3")
    })
  )

  it.effect("fails with file and subject where a run does not inflate", () =>
    Effect.gen(function* () {
      const path = yield* copyOf("mat5-format1")
      const { read } = yield* openConnectome({ path, space })
      const run = join(path, "vol/one_run1.mat")
      const bytes = yield* Effect.promise(() => readFile(run))
      bytes.fill(0, bytes.length - 60)
      yield* Effect.promise(() => writeFile(run, bytes))
      const error = yield* Effect.flip(read(0, [new Float32Array(12 * voxels)]))
      assert.deepStrictEqual([error._tag, error.subject, error.file], ["ConnectomeUnreadable", "one", run])
    })
  )
})

describe("lnm inspect", () => {
  it.effect("says what a Lead-DBS folder holds", () =>
    Effect.gen(function* () {
      yield* inspect({ path: join(fixtures, "mat73-format2"), json: true, check: false })
      const facts = JSON.parse(String((yield* TestConsole.logLines).at(-1))) as Readonly<Record<string, unknown>>
      assert.deepStrictEqual(
        [facts.kind, facts.name, facts.format_version, facts.subjects, facts.runs, facts.time_points, facts.voxels],
        ["connectome (Lead-DBS)", "Made up", 2, 3, 4, [11, 12, 22], 15]
      )
    })
  )
})
