import { open, readdir, readFile, readlink, stat, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as fc from "fast-check"
import type { Connectome } from "../../../src/connectome/Connectome.ts"
import { openHdf5Connectome } from "../../../src/connectome/hdf5/Hdf5Connectome.ts"
import { blockBytes, blocksOf, readSlab } from "../../../src/connectome/hdf5/hdf5Block.ts"
import { isHdf5 } from "../../../src/connectome/hdf5/hdf5Files.ts"
import { loadHdf5Library } from "../../../src/connectome/hdf5/hdf5Library.ts"
import { numberForms } from "../../../src/connectome/hdf5/hdf5Numbers.ts"
import { gridShapeOf, type Hdf5Fields, signal, writeHdf5File } from "../../support/hdf5Files.ts"
import { temporaryFolder, writeBytes } from "../../support/niftiBytes.ts"

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

const fixture = (name: string) => join(import.meta.dirname, "fixtures", name)

const opened = (fields: Hdf5Fields) =>
  Effect.gen(function* () {
    const file = yield* writeHdf5File(yield* temporaryFolder, "connectome.h5", fields)
    return yield* openHdf5Connectome(file)
  })

const refusal = (fields: Partial<Hdf5Fields>) =>
  Effect.map(Effect.flip(opened({ subjects: 2, timePoints: 5, voxels: 6, ...fields })), (error) => {
    assert.strictEqual(error._tag, "InvalidConnectome")
    assert.match(error.file, /connectome\.h5$/)
    return error.message
  })

const read = Effect.fnUntraced(function* (connectome: Connectome, first: number, count: number) {
  const into = connectome.subjects
    .slice(first, first + count)
    .map(({ timePoints }) => new Float32Array(timePoints * connectome.voxels).fill(Number.NaN))
  yield* connectome.read(first, into)
  return into
})

type Value = (subject: number, timePoint: number, voxel: number) => number

/** What float32 files give: the values. */
const assertValues = (series: Float32Array, voxels: number, subject: number, value: Value = signal) => {
  for (let i = 0; i < series.length; i++) {
    const expected = Math.fround(value(subject, Math.floor(i / voxels), i % voxels))
    if (series[i] !== expected) assert.fail(`subject ${subject}, value ${i}: ${series[i]} instead of ${expected}`)
  }
}

/** What float64 files give: the values less a constant for each voxel. */
const assertShiftedValues = (
  series: Float32Array,
  voxels: number,
  subject: number,
  value: Value = signal,
  tolerance = 1e-6
) => {
  for (let i = 0; i < series.length; i++) {
    const [t, v] = [Math.floor(i / voxels), i % voxels]
    const expected = value(subject, t, v) - value(subject, 0, v)
    const found = series[i]! - series[v]!
    if (!(Math.abs(found - expected) <= tolerance)) {
      assert.fail(`subject ${subject}, value ${i}: ${found} instead of ${expected}`)
    }
  }
}

describe("isHdf5", () => {
  it("goes by the name's end", () => {
    assert.deepStrictEqual(["a.h5", "B.HDF5", "c.hdf", "d.h5.txt", "e.nii.gz", "h5"].map(isHdf5), [
      true,
      true,
      true,
      false,
      false,
      false
    ])
  })
})

describe("openHdf5Connectome", () => {
  it.effect("describes what a file holds, without reading a time series", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const fields: Hdf5Fields = { subjects: 3, timePoints: 7, voxels: 11, chunks: [2, 3, 4], filter: "gzip" }
      const file = yield* writeHdf5File(folder, "part.h5", fields)
      const connectome = yield* openHdf5Connectome(file)
      assert.strictEqual(connectome.kind, "hdf5")
      assert.deepStrictEqual(connectome.files, [file])
      assert.deepStrictEqual(
        connectome.subjects,
        [0, 1, 2].map((index) => ({ index, id: `part.h5[${index}]`, file, timePoints: 7 }))
      )
      assert.strictEqual(connectome.voxels, 11)
      assert.deepStrictEqual(connectome.grid, {
        shape: gridShapeOf(11),
        affine: [2, 0, 0, -6, 0, 2, 0, -4, 0, 0, 2, -2, 0, 0, 0, 1]
      })
      assert.deepStrictEqual(
        [...connectome.gridIndex],
        Array.from({ length: 11 }, (_, v) => v + 3)
      )
      assert.strictEqual(connectome.space, "MNI152NLin6Asym")
      assert.strictEqual(connectome.storage, "float32, gzip, chunks 2 × 3 × 4")
      assert.strictEqual(connectome.bytesToRead, (yield* Effect.promise(() => stat(file))).size)
      assert.strictEqual(connectome.subjectsPerRead, 2)
      assert.strictEqual((yield* opened({ ...fields, space: null })).space, undefined)
    })
  )

  it.effect("takes mask indices as (3, voxels) and as (voxels, 3); for three voxels as (3, voxels)", () =>
    Effect.gen(function* () {
      for (const voxelsFirst of [false, true]) {
        const { gridIndex } = yield* opened({ subjects: 2, timePoints: 5, voxels: 5, voxelsFirst })
        assert.deepStrictEqual([...gridIndex], [3, 4, 5, 6, 7])
      }
      const { gridIndex } = yield* opened({ subjects: 2, timePoints: 5, voxels: 3 })
      assert.deepStrictEqual([...gridIndex], [3, 4, 5])
    })
  )

  it.effect("keeps one list of voxels, however many files there are", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const [files, voxels] = [12, 20_000]
      for (let n = 0; n < files; n++) {
        yield* writeHdf5File(folder, `part-${n}.h5`, { subjects: 1, timePoints: 5, voxels })
      }
      const held = () => {
        // Memory of arrays is given back beside the collection; the second waits for the first.
        collectGarbage()
        collectGarbage()
        return process.memoryUsage().arrayBuffers
      }
      const before = held()
      const connectome = yield* openHdf5Connectome(folder)
      assert.isBelow(held() - before, (files / 2) * connectome.gridIndex.byteLength)
      assert.strictEqual(connectome.subjects.length, files)
    })
  )

  it.effect("takes a folder's files in the order of their names, and nothing else in it", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const part = (name: string, offset: number, subjects: number) =>
        writeHdf5File(folder, name, {
          subjects,
          timePoints: 5 + offset,
          voxels: 6,
          value: (s, t, v) => signal(offset + s, t, v)
        })
      yield* part("part-10.h5", 0, 2)
      yield* part("part-9.h5", 2, 1)
      yield* part("a.HDF5", 3, 2)
      yield* writeBytes(join(folder, "README.txt"), "not a connectome")
      const connectome = yield* openHdf5Connectome(folder)
      assert.deepStrictEqual(
        connectome.subjects.map(({ id, timePoints }) => [id, timePoints]),
        [
          ["a.HDF5[0]", 8],
          ["a.HDF5[1]", 8],
          ["part-10.h5[0]", 5],
          ["part-10.h5[1]", 5],
          ["part-9.h5[0]", 7]
        ]
      )
      const all = yield* read(connectome, 0, 5)
      for (const [position, subject] of [3, 4, 0, 1, 2].entries()) assertValues(all[position]!, 6, subject)
      const middle = yield* read(connectome, 1, 3)
      assert.deepStrictEqual(middle, all.slice(1, 4))
    })
  )

  it.effect("refuses a file without time series, and says what is there", () =>
    Effect.gen(function* () {
      assert.include(
        yield* refusal({ timeseries: null }),
        "there is no dataset `timeseries`, only `mask_affine`, `mask_indices`"
      )
    })
  )

  it.effect("refuses time series of another shape or type", () =>
    Effect.gen(function* () {
      const timeseries = (data: Float32Array, ...shape: ReadonlyArray<number>) =>
        refusal({ timeseries: { data, shape } })
      assert.include(yield* timeseries(new Float32Array(24), 4, 6), "`timeseries` has 2 dimensions (4 × 6), not 3")
      assert.include(yield* timeseries(new Float32Array(0), 0, 5, 6), "`timeseries` is empty (0 × 5 × 6)")
      for (const fewer of [2, 3, 4]) {
        assert.include(
          yield* timeseries(new Float32Array(12 * fewer), 2, fewer, 6),
          `\`timeseries\` has ${fewer} time points; 5 are needed`
        )
      }
      const text = yield* refusal({ timeseries: { data: ["a", "b"], shape: [2, 1, 1] } })
      assert.match(text, /time points|neither floating-point numbers of 16 to 64 bits nor integers/)
    })
  )

  it.effect("refuses a mask shape or affine that is missing or makes no sense", () =>
    Effect.gen(function* () {
      assert.include(yield* refusal({ maskShape: null }), "there is no attribute `mask_shape`")
      for (const [maskShape, said] of [
        [[7, 5], "7 × 5"],
        [[7, 5, 0], "7 × 5 × 0"],
        [[7, -5, 2], "7 × -5 × 2"],
        [[7, 5, 1, 1], "7 × 5 × 1 × 1"],
        [[1e5, 1e5, 1e5], "100000 × 100000 × 100000"],
        [[40_000, 8, 7], "40000 × 8 × 7"]
      ] as const) {
        assert.include(
          yield* refusal({ maskShape }),
          `\`mask_shape\` is ${said}, not three whole numbers of 1 to 32767`
        )
      }
      assert.include(yield* refusal({ maskShape: [32_767, 32_767, 32_767] }), "may have 2147483647 voxels at most")
      const affine = (data: Float64Array | null, ...shape: ReadonlyArray<number>) =>
        refusal({ maskAffine: data === null ? null : { data, shape } })
      assert.include(yield* affine(null), "there is no `mask_affine` of 4 × 4 numbers")
      assert.include(yield* affine(new Float64Array(12), 3, 4), "there is no `mask_affine` of 4 × 4 numbers")
      const broken = Float64Array.from({ length: 16 }, (_, i) => (i === 3 ? Number.NaN : i))
      assert.match(yield* affine(broken, 4, 4), /`mask_affine` \[.*\] holds values that are no numbers/)
      const flat = Float64Array.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
      assert.match(yield* affine(flat, 4, 4), /`mask_affine` \[.*\] cannot be inverted/)
      const projective = Float64Array.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0.5, 1)
      assert.include(yield* affine(projective, 4, 4), "ends in the row (0, 0, 0.5, 1) instead of (0, 0, 0, 1)")
      const transposed = Float64Array.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, -6, -4, -2, 1)
      assert.include(yield* affine(transposed, 4, 4), "it seems to be transposed")
    })
  )

  it.effect("refuses mask indices that are missing, too few, outside of the grid or there twice", () =>
    Effect.gen(function* () {
      const indices = (data: ReadonlyArray<number>, ...shape: ReadonlyArray<number>) =>
        refusal({ voxels: 2, maskShape: [7, 5, 1], maskIndices: { data: Int32Array.from(data), shape } })
      assert.include(yield* refusal({ maskIndices: null }), "there is no dataset `mask_indices`")
      assert.include(yield* indices([0, 1, 2, 0, 0, 0, 0, 0, 0], 3, 3), "is 3 × 3, but `timeseries` has 2 voxels")
      assert.include(yield* indices([0, 1, 2, 0, 0, 0], 6), "is 6, but `timeseries` has 2 voxels")
      assert.include(yield* indices([0, 7, 0, 0, 0, 0], 3, 2), "has voxel (7, 0, 0), outside of the grid of 7 × 5 × 1")
      assert.include(yield* indices([0, 0, -1, 1, 0, 0], 2, 3), "has voxel (0, 0, -1), outside of the grid")
      assert.include(yield* indices([1, 1, 2, 2, 0, 0], 3, 2), "names voxel (1, 2, 0) twice")
      const wide = { data: Int32Array.of(91, 91, 2, 2, 0, 0), shape: [3, 2] }
      const ofWide = yield* refusal({ voxels: 2, maskShape: [100, 5, 3], maskIndices: wide })
      assert.include(ofWide, "names voxel (91, 2, 0) twice")
      const fractional = { data: Float64Array.of(1, 1.25, 2, 2, 0, 0), shape: [3, 2] }
      assert.include(
        yield* refusal({ voxels: 2, maskShape: [7, 5, 1], maskIndices: fractional }),
        "has voxel (1.25, 2, 0), which is not three whole numbers"
      )
      const none = { data: Float64Array.of(1, Number.NaN, 2, 2, 0, 0), shape: [3, 2] }
      assert.include(yield* refusal({ voxels: 2, maskShape: [7, 5, 1], maskIndices: none }), "has voxel (NaN, 2, 0)")
    })
  )

  it.effect("refuses files that do not agree, and names both", () =>
    Effect.gen(function* () {
      const fields: Hdf5Fields = { subjects: 2, timePoints: 5, voxels: 6 }
      const second = (changed: Partial<Hdf5Fields>) =>
        Effect.gen(function* () {
          const folder = yield* temporaryFolder
          const a = yield* writeHdf5File(folder, "a.h5", fields)
          const b = yield* writeHdf5File(folder, "b.h5", { ...fields, ...changed })
          const { message } = yield* Effect.flip(openHdf5Connectome(folder))
          return message.replaceAll(a, "A").replaceAll(b, "B")
        })
      const moved = [2, 0, 0, -6.01, 0, 2, 0, -4, 0, 0, 2, -2, 0, 0, 0, 1]
      const swapped = { data: Int32Array.of(4, 3, 5, 6, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0), shape: [3, 6] }
      assert.include(yield* second({ voxels: 5 }), "B: it has 5 voxels, but A has 6")
      assert.include(yield* second({ affine: moved }), "B: its mask_shape or mask_affine differs from that of A")
      assert.include(yield* second({ maskShape: [7, 5, 2] }), "B: its mask_shape or mask_affine differs from that of A")
      assert.include(yield* second({ maskIndices: swapped }), "B: its mask_indices differ from those of A")
      assert.include(yield* second({ space: "Other" }), "B: it says space Other, but A says MNI152NLin6Asym")
    })
  )

  it.effect("refuses what is not there, a folder without HDF5, and a file of something else", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const message = (path: string) => Effect.map(Effect.flip(openHdf5Connectome(path)), (error) => error.message)
      assert.include(yield* message(join(folder, "none.h5")), "there is no such file or folder")
      assert.include(yield* message(folder), "the folder holds no .h5 file")
      const text = yield* writeBytes(join(folder, "text.h5"), "this is text, and quite some of it\n".repeat(50))
      assert.match(yield* message(text), /text\.h5: this is no readable HDF5 file: .*\. Check that it was copied whole/)
      const empty = yield* writeBytes(join(folder, "empty.h5"), "")
      assert.include(yield* message(empty), "this is no readable HDF5 file")
    })
  )

  it.effect("finds a truncated file when it is opened, wherever it was cut", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (const chunks of [undefined, [1, 4, 6] as const]) {
        const fields = { subjects: 2, timePoints: 5, voxels: 6, ...(chunks === undefined ? {} : { chunks }) }
        for (const share of [0.1, 0.5, 0.9, 0.999]) {
          const file = yield* writeHdf5File(folder, "cut.h5", fields)
          const { size } = yield* Effect.promise(() => stat(file))
          yield* Effect.promise(() => truncate(file, Math.floor(size * share)))
          const error = yield* Effect.flip(openHdf5Connectome(file))
          assert.strictEqual(error._tag, "InvalidConnectome")
          assert.include(error.message, "truncated file")
        }
      }
    })
  )
})

describe("HDF5 connectome, read", () => {
  const storages: ReadonlyArray<readonly [name: string, fields: Partial<Hdf5Fields>]> = [
    ["contiguous", {}],
    ["a chunk a subject", { chunks: [1, 9, 13] }],
    ["chunks of several subjects that cut time and voxels oddly", { chunks: [3, 4, 5] }],
    ["chunks larger than the file", { chunks: [5, 9, 13] }],
    ["gzip", { chunks: [2, 5, 4], filter: "gzip" }],
    ["shuffle", { chunks: [2, 9, 4], filter: "shuffle" }]
  ]

  for (const [name, storage] of storages) {
    it.effect(`gives any range of subjects as it was written: ${name}`, () =>
      Effect.gen(function* () {
        const fields: Hdf5Fields = { subjects: 5, timePoints: 9, voxels: 13, ...storage }
        const single = yield* opened({ ...fields, type: "f4" })
        const double = yield* opened({ ...fields, type: "f8" })
        for (let first = 0; first < 5; first++) {
          for (let count = 1; first + count <= 5; count++) {
            for (const [i, series] of (yield* read(single, first, count)).entries()) {
              assertValues(series, 13, first + i)
            }
            for (const [i, series] of (yield* read(double, first, count)).entries()) {
              assertShiftedValues(series, 13, first + i)
            }
          }
        }
      })
    )
  }

  it.effect("reads one subject, three voxels, five time points", () =>
    Effect.gen(function* () {
      const connectome = yield* opened({ subjects: 1, timePoints: 5, voxels: 3 })
      assertValues((yield* read(connectome, 0, 1))[0]!, 3, 0)
    })
  )

  it.effect(
    "reads what h5py writes: several filters, 64-bit indices, big-endian values, a user block, its newest format",
    () =>
      Effect.gen(function* () {
        const value: Value = (s, t, v) => 5000 + 100 * v + Math.sin(1 + 31 * s + 7 * t + 3 * v)
        const names = [
          "filtered-f4",
          "filtered-f8",
          "shuffled-f4",
          "big-endian-f4",
          "big-endian-f8",
          "user-block-f4",
          "latest-f4",
          "lzf-f4",
          "lzf-shuffled-f4",
          "lzf-big-endian-f4",
          "lzf-f8"
        ]
        for (const name of names.map((stem) => `${stem}.h5`)) {
          const connectome = yield* openHdf5Connectome(fixture(name))
          assert.deepStrictEqual([...connectome.gridIndex], [0, 1, 6, 13, 15], name)
          assert.deepStrictEqual(connectome.grid.shape, [4, 2, 2])
          assert.strictEqual(connectome.space, "MNI152NLin6Asym")
          for (const [subject, series] of (yield* read(connectome, 0, 3)).entries()) {
            if (name.includes("f4")) assertValues(series, 5, subject, value)
            else assertShiftedValues(series, 5, subject, value)
          }
        }
        const { storage } = yield* openHdf5Connectome(fixture("filtered-f8.h5"))
        assert.match(storage, /^float64, .*shuffle.*gzip.*, chunks 2 × 3 × 2$/)
      })
  )

  it.effect("keeps the digits of a small signal on a mean of ten million in float64", () =>
    Effect.gen(function* () {
      const value: Value = (s, t, v) => 1e7 + 1000 * v + 0.01 * Math.sin(1 + s + 7 * t + 3 * v)
      for (const chunks of [undefined, [2, 3, 4] as const]) {
        const connectome = yield* opened({
          subjects: 3,
          timePoints: 11,
          voxels: 9,
          type: "f8",
          value,
          ...(chunks === undefined ? {} : { chunks })
        })
        for (const [subject, series] of (yield* read(connectome, 0, 3)).entries()) {
          // float64 itself holds 2e-9 there.
          assertShiftedValues(series, 9, subject, value, 5e-9)
        }
      }
    })
  )

  it.effect("leaves a NaN or an infinity to be seen, wherever in the series it is, and in its voxel only", () =>
    Effect.gen(function* () {
      for (const type of ["f4", "f8"] as const) {
        for (const [bad, at] of [
          [Number.NaN, 0],
          [Number.NaN, 3],
          [Number.POSITIVE_INFINITY, 0],
          [Number.NEGATIVE_INFINITY, 4]
        ] as const) {
          const value: Value = (s, t, v) => (s === 1 && t === at && v === 2 ? bad : signal(s, t, v))
          const connectome = yield* opened({ subjects: 2, timePoints: 5, voxels: 4, type, value })
          const [clean, series] = yield* read(connectome, 0, 2)
          assert.isTrue(clean!.every(Number.isFinite))
          for (let v = 0; v < 4; v++) {
            const column = [0, 1, 2, 3, 4].map((t) => series![t * 4 + v]!)
            assert.strictEqual(column.every(Number.isFinite), v !== 2, `${type}, ${bad} at ${at}, voxel ${v}`)
          }
        }
      }
    })
  )

  it.effect("puts together subjects of many blocks, cut along time points or along voxels", () =>
    Effect.gen(function* () {
      const large: ReadonlyArray<Hdf5Fields> = [
        { subjects: 2, timePoints: 61, voxels: 23_001, chunks: [1, 7, 5003] },
        { subjects: 2, timePoints: 61, voxels: 13_001, type: "f8", chunks: [2, 10, 2003] },
        { subjects: 2, timePoints: 61, voxels: 13_001, type: "f8" }
      ]
      for (const fields of large) {
        const connectome = yield* opened(fields)
        assert.isAbove(connectome.parts!(1, [new Float32Array(61 * fields.voxels)]).length, 1)
        const [series] = yield* read(connectome, 1, 1)
        if (fields.type === "f8") assertShiftedValues(series!, fields.voxels, 1)
        else assertValues(series!, fields.voxels, 1)
      }
    })
  )

  it.effect("fails where a compressed chunk is damaged, and names file and subject", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const fields: Hdf5Fields = { subjects: 4, timePoints: 50, voxels: 100, chunks: [1, 50, 100], filter: "gzip" }
      const file = yield* writeHdf5File(folder, "damaged.h5", fields)
      const bytes = yield* Effect.promise(() => readFile(file))
      // The chunks fill nearly all of the file; the middle of it lies in one of them.
      const start = Math.floor(bytes.length * 0.55)
      yield* Effect.promise(() => writeFile(file, bytes.fill(0xaa, start, start + 3000)))
      const connectome = yield* openHdf5Connectome(file)
      const results = yield* Effect.forEach([0, 1, 2, 3], (subject) => Effect.result(read(connectome, subject, 1)))
      const failures = results.flatMap((result, subject) =>
        result._tag === "Failure" ? [{ subject, error: result.failure }] : []
      )
      assert.isTrue(failures.length === 1 || failures.length === 2, "one chunk is damaged, or two that touch")
      for (const { subject, error } of failures) {
        assert.strictEqual(error._tag, "ConnectomeUnreadable")
        assert.match(
          error.message,
          new RegExp(
            `damaged\\.h5: subject damaged\\.h5\\[${subject}\\]: time points 0 to 49 cannot be read: a compressed chunk does not inflate`
          )
        )
      }
    })
  )

  it.effect("fails where a file is gone by the time it is read, and names it", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const fields: Hdf5Fields = { subjects: 1, timePoints: 5, voxels: 6 }
      yield* writeHdf5File(folder, "a.h5", fields)
      const second = yield* writeHdf5File(folder, "b.h5", fields)
      const connectome = yield* openHdf5Connectome(folder)
      yield* Effect.promise(() => truncate(second, 100))
      assert.strictEqual((yield* read(connectome, 0, 1)).length, 1)
      const error = yield* Effect.flip(read(connectome, 1, 1))
      assert.strictEqual(error._tag, "ConnectomeUnreadable")
      assert.include(error.message, second)
    })
  )

  // Open files can be listed on Linux only.
  it.effect.skipIf(process.platform !== "linux")(
    "holds one file open at most, and none once its Scope is closed, also after interruption",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const fields: Hdf5Fields = { subjects: 2, timePoints: 40, voxels: 30_000, type: "f8", chunks: [1, 4, 3_000] }
        yield* writeHdf5File(folder, "a.h5", fields)
        yield* writeHdf5File(folder, "b.h5", fields)
        const openFiles = Effect.promise(async () => {
          const handles = await readdir("/proc/self/fd")
          const targets = await Promise.all(handles.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")))
          return targets.filter((target) => target.startsWith(folder))
        })
        yield* Effect.scoped(
          Effect.gen(function* () {
            const connectome = yield* openHdf5Connectome(folder)
            assert.deepStrictEqual(yield* openFiles, [])
            yield* read(connectome, 1, 2)
            assert.deepStrictEqual(yield* openFiles, [join(folder, "b.h5")])
            const into = [new Float32Array(40 * 30_000).fill(Number.NaN)]
            const fiber = yield* Effect.forkChild(connectome.read(0, into))
            while (Number.isNaN(into[0]![0])) yield* Effect.yieldNow
            yield* Fiber.interrupt(fiber)
            assert.isTrue(Number.isNaN(into[0]!.at(-1)), "interrupted between two blocks")
            assert.isAtMost((yield* openFiles).length, 1)
          })
        )
        assert.deepStrictEqual(yield* openFiles, [])
      })
  )

  it.effect("does not change the files", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = yield* writeHdf5File(folder, "a.h5", { subjects: 2, timePoints: 5, voxels: 6 })
      const before = yield* Effect.promise(() => readFile(file))
      yield* Effect.scoped(Effect.flatMap(openHdf5Connectome(file), (connectome) => read(connectome, 0, 2)))
      assert.deepStrictEqual(yield* Effect.promise(() => readFile(file)), before)
      const handle = yield* Effect.promise(() => open(file, "r+"))
      yield* Effect.promise(() => handle.close())
    })
  )
})

describe("HDF5 connectome, parts", () => {
  it.effect("give the same in any order as one reading", () =>
    Effect.gen(function* () {
      const library = yield* Effect.promise(loadHdf5Library)
      const folder = yield* temporaryFolder
      for (const type of ["f4", "f8"] as const) {
        const fields: Hdf5Fields = { subjects: 3, timePoints: 61, voxels: 13_001, type, chunks: [2, 7, 2003] }
        const file = yield* writeHdf5File(folder, `${type}.h5`, fields)
        const connectome = yield* openHdf5Connectome(file)
        const whole = yield* read(connectome, 0, 3)
        const into = whole.map(({ length }) => new Float32Array(length).fill(Number.NaN))
        const parts = connectome.parts!(0, into)
        assert.isAbove(parts.length, 2)
        const source = library.open(file)
        for (const part of parts.toReversed()) readSlab(source, part.block, part.into)
        source.close()
        assert.deepStrictEqual(into, whole)
        assert.strictEqual(
          parts.every(({ block }) => block.chunkIndex !== undefined),
          type === "f4"
        )
      }
    })
  )

  it("cover each value once and follow the chunks, for any storage", () => {
    const extent = fc.integer({ min: 1, max: 12 })
    fc.assert(
      fc.property(
        fc.tuple(extent, extent, extent),
        fc.option(fc.tuple(extent, extent, extent), { nil: undefined }),
        fc.constantFrom<"int8" | "float16" | "float32" | "float64">("int8", "float16", "float32", "float64"),
        fc.constantFrom(1, 20_000),
        fc.nat(5),
        ([count, times, voxels], chunks, type, scale, first) => {
          // `scale` makes a voxel stand for many, so that a subject takes several blocks.
          const layout = {
            timePoints: times,
            voxels: voxels * scale,
            type,
            chunks: chunks === undefined ? undefined : ([chunks[0], chunks[1], chunks[2] * scale] as const)
          }
          const blocks = blocksOf("a.h5", layout, first, count)
          const seen = new Uint8Array(count * times * voxels)
          for (const { offset, count: size } of blocks) {
            assert.isAtMost(size[0] * size[1] * size[2] * numberForms[type].bytes, blockBytes(layout, count))
            if (type === "float64") assert.strictEqual(size[1], times, "a float64 block holds all time points")
            if (chunks !== undefined) assert.strictEqual(offset[2] % (chunks[2] * scale), 0)
            for (let s = offset[0] - first; s < offset[0] - first + size[0]; s++) {
              for (let t = offset[1]; t < offset[1] + size[1]; t++) {
                for (let v = 0; v < voxels; v++) {
                  const inside = v * scale >= offset[2] && v * scale < offset[2] + size[2]
                  if (inside) seen[(s * times + t) * voxels + v]!++
                }
              }
            }
          }
          assert.isTrue(seen.every((times) => times === 1))
          const values = blocks.reduce((sum, { count: size }) => sum + size[0] * size[1] * size[2], 0)
          assert.strictEqual(values, count * times * voxels * scale)
        }
      ),
      { seed: 1, numRuns: 300 }
    )
  })
})
