import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Affine, Grid } from "../../src/imaging/Grid.ts"
import { LoadingMemory, makeLoadingMemory } from "../../src/imaging/loadingMemory.ts"
import { loadLesion } from "../../src/lesions/Lesion.ts"
import type { LesionValues } from "../../src/lesions/lesionValues.ts"
import type { LesionTarget } from "../../src/lesions/placeLesion.ts"
import { collectWarnings } from "../support/collectWarnings.ts"
import { type NiftiFields, niftiBytes, temporaryFile, temporaryFolder } from "../support/niftiBytes.ts"

/** A brain of 4 × 4 × 4 voxels of 2 mm, whose mask leaves out the first slice. */
const affine: Affine = [2, 0, 0, -4, 0, 2, 0, -4, 0, 0, 2, -4, 0, 0, 0, 1]
const grid: Grid = { shape: [4, 4, 4], affine }
const gridIndex = Int32Array.from({ length: 48 }, (_, voxel) => voxel + 16)
const brain: LesionTarget = { grid, gridIndex, space: "MNI152NLin6Asym" }

/** Where voxel (i, j, k) of the brain's grid is among the mask's voxels. */
const voxel = (i: number, j: number, k: number) => i + 4 * j + 16 * k - 16

/** Says the connectome's space, so that nothing is warned of. */
const cleanName = "sub-01_space-MNI152NLin6Asym_label-lesion_mask.nii.gz"

type Voxel = readonly [i: number, j: number, k: number]

/** A file with ones, or another number, at some voxels. */
const lesionFile = (fields: NiftiFields, voxels: ReadonlyArray<Voxel>, value = 1, name = cleanName) => {
  const stored = new Array<number>(fields.dims.reduce((product, size) => product * size, 1)).fill(0)
  for (const [i, j, k] of voxels) stored[i + fields.dims[0]! * (j + fields.dims[1]! * k)] = value
  return temporaryFile(name, niftiBytes({ stored, ...fields }))
}

const load = (fields: NiftiFields, voxels: ReadonlyArray<Voxel>, value?: number, name?: string) =>
  lesionFile(fields, voxels, value, name).pipe(Effect.flatMap((file) => loadLesion(file, brain)))

/** What loading a file of these values comes to, and the warnings, without the file's folder. */
const loadValues = (stored: ReadonlyArray<number>, reading: LesionValues = {}, fields: Partial<NiftiFields> = {}) =>
  lesionFile({ ...own, datatype: "float32", stored, ...fields }, []).pipe(
    Effect.flatMap((file) => collectWarnings(loadLesion(file, brain, reading))),
    Effect.map(({ value, warnings }) => ({
      lesion: value,
      said: warnings.map(({ found, taken }) => `${found}. ${taken}.`)
    }))
  )

/** Zeros, and values from the first voxel of the brain mask on. */
const valuesFrom = (values: ReadonlyArray<number>, elsewhere = 0): ReadonlyArray<number> =>
  Array.from({ length: 64 }, (_, element) => values[element - 16] ?? elsewhere)

const own: NiftiFields = { datatype: "uint8", dims: [4, 4, 4], sform: affine.slice(0, 12) }

describe("loadLesion", () => {
  it.effect("finds the voxels of a lesion on the connectome's own grid", () =>
    Effect.gen(function* () {
      const lesion = yield* load(own, [
        [2, 3, 3],
        [1, 2, 1],
        [0, 0, 2]
      ])
      assert.strictEqual(lesion.name, cleanName)
      assert.deepStrictEqual([...lesion.voxels], [voxel(1, 2, 1), voxel(0, 0, 2), voxel(2, 3, 3)])
      assert.deepStrictEqual(lesion.counts, { sourceVoxels: 3, sourceVolumeMl: 0.024, gridVoxels: 3, maskVoxels: 3 })
    }).pipe(Effect.scoped)
  )

  it.effect("counts what lies outside of the brain mask, and leaves it out", () =>
    Effect.gen(function* () {
      const lesion = yield* load(own, [
        [1, 1, 0],
        [1, 1, 1],
        [2, 1, 0]
      ])
      assert.deepStrictEqual([...lesion.voxels], [voxel(1, 1, 1)])
      assert.deepStrictEqual(lesion.counts, { sourceVoxels: 3, sourceVolumeMl: 0.024, gridVoxels: 3, maskVoxels: 1 })
    }).pipe(Effect.scoped)
  )

  it.effect("brings a lesion of 1 mm to 2 mm", () =>
    Effect.gen(function* () {
      const fine = { datatype: "uint8", dims: [8, 8, 8], sform: [1, 0, 0, -4, 0, 1, 0, -4, 0, 0, 1, -4] } as const
      const cube = [0, 1].flatMap((i) => [0, 1].flatMap((j) => [0, 1].map((k): Voxel => [i + 2, j + 4, k + 6])))
      const lesion = yield* load(fine, cube)
      assert.deepStrictEqual([...lesion.voxels], [voxel(1, 2, 3)])
      assert.deepStrictEqual(lesion.counts, { sourceVoxels: 8, sourceVolumeMl: 0.008, gridVoxels: 1, maskVoxels: 1 })
    }).pipe(Effect.scoped)
  )

  it.effect("turns over a lesion stored from right to left", () =>
    Effect.gen(function* () {
      const flipped = { ...own, sform: [-2, 0, 0, 2, 0, 2, 0, -4, 0, 0, 2, -4] }
      assert.deepStrictEqual([...(yield* load(flipped, [[0, 1, 2]])).voxels], [voxel(3, 1, 2)])
    }).pipe(Effect.scoped)
  )

  it.effect("shifts a lesion whose image covers a part of the brain, or goes beyond it", () =>
    Effect.gen(function* () {
      const part = { ...own, dims: [2, 2, 2], sform: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0] }
      assert.deepStrictEqual([...(yield* load(part, [[0, 1, 1]])).voxels], [voxel(2, 3, 3)])
      const beyond = { ...own, sform: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0] }
      const lesion = yield* load(beyond, [
        [1, 1, 1],
        [3, 3, 3]
      ])
      assert.deepStrictEqual([...lesion.voxels], [voxel(3, 3, 3)])
      assert.strictEqual(lesion.counts.gridVoxels, 1)
    }).pipe(Effect.scoped)
  )

  it.effect("tells lesion from background after scaling", () =>
    Effect.gen(function* () {
      // Stored 10 is 10 · 0.5 - 5 = 0: background. Stored 20 is 5: lesion.
      const stored = new Array<number>(64).fill(10).with(voxel(1, 1, 1) + 16, 20)
      const lesion = yield* load({ ...own, datatype: "int16", slope: 0.5, inter: -5, stored }, [])
      assert.deepStrictEqual([...lesion.voxels], [voxel(1, 1, 1)])
    }).pipe(Effect.scoped)
  )

  it.effect("takes a 4D file with one volume and refuses one with five", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual([...(yield* load({ ...own, dims: [4, 4, 4, 1] }, [[0, 0, 1]])).voxels], [0])
      const error = yield* Effect.flip(load({ ...own, dims: [4, 4, 4, 5] }, [[0, 0, 1]]))
      assert.strictEqual(error._tag, "NotASingleVolume")
    }).pipe(Effect.scoped)
  )

  it.effect("refuses a lesion with nothing in it", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(load(own, []))
      assert.strictEqual(error._tag, "EmptyLesion")
      assert.include(error.message, `${cleanName}: every voxel is 0`)
    }).pipe(Effect.scoped)
  )

  it.effect("refuses a lesion that misses the brain, and says by how much", () =>
    Effect.gen(function* () {
      const outside = yield* Effect.flip(
        load(own, [
          [0, 0, 0],
          [1, 0, 0]
        ])
      )
      assert.strictEqual(outside._tag, "LesionOutsideBrain")
      assert.include(
        outside.message,
        "none of its 2 lesion voxels lies in the connectome's brain mask (2 on its whole grid)"
      )
      const beyond = yield* Effect.flip(load({ ...own, sform: [2, 0, 0, 90, 0, 2, 0, 0, 0, 0, 2, 0] }, [[0, 0, 0]]))
      assert.include(beyond.message, "(0 on its whole grid). It lies beyond the connectome's grid")
    }).pipe(Effect.scoped)
  )

  it.effect("refuses a file whose name says another space, before reading it", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "sub-01_space-MNI152NLin2009cAsym_mask.nii.gz")
      const error = yield* Effect.flip(loadLesion(file, brain))
      assert.strictEqual(error._tag, "MissingWarp")
      assert.include(error.message, "space-MNI152NLin2009cAsym, the connectome is in MNI152NLin6Asym")
      const unread = yield* Effect.flip(loadLesion(file, { ...brain, space: undefined }))
      assert.strictEqual(unread._tag, "InvalidNifti")
      const same = yield* load(own, [[0, 0, 1]], 1, "sub-01_space-MNI152NLin6Asym_mask.nii.gz")
      assert.strictEqual(same.counts.maskVoxels, 1)
    }).pipe(Effect.scoped)
  )
})

describe("which values are lesion", () => {
  it.effect("takes a mask of one value without a word, whatever the value and with NaN around it", () =>
    Effect.gen(function* () {
      for (const value of [1, 255, 0.5, 1e-9, 3e7]) {
        for (const elsewhere of [0, Number.NaN]) {
          const { lesion, said } = yield* loadValues(valuesFrom([value, value], elsewhere))
          assert.deepStrictEqual([[...lesion.voxels], said], [[0, 1], []])
        }
      }
    }).pipe(Effect.scoped)
  )

  it.effect("takes what lies below a millionth of the largest value for background, on either side of 0", () =>
    Effect.gen(function* () {
      for (const noise of [1e-15, -1e-15, 0.9e-6, -0.9e-6]) {
        const { lesion, said } = yield* loadValues(valuesFrom([255, 255, 255], 255 * noise))
        assert.deepStrictEqual([[...lesion.voxels], said], [[0, 1, 2], []])
      }
      const above = yield* loadValues(valuesFrom([1, 1.1e-6]))
      assert.deepStrictEqual([...above.lesion.voxels], [0, 1])
      assert.strictEqual(above.said.length, 1)
    }).pipe(Effect.scoped)
  )

  it.effect("takes what scaling left of whole numbers for these, without a word", () =>
    Effect.gen(function* () {
      // As NumPy and nibabel write a mask of 0 and 1 into bytes and into 16 bits; float32 of slope and intercept.
      const bytes = { datatype: "uint8", slope: 1 / 255, inter: 0 } as const
      assert.deepStrictEqual((yield* loadValues(valuesFrom([255, 255]), {}, bytes)).said, [])
      const words = { datatype: "int16", slope: 1 / 65535, inter: 32768 / 65535 } as const
      const { lesion, said } = yield* loadValues(valuesFrom([32767, 32767], -32768), {}, words)
      assert.deepStrictEqual([[...lesion.voxels], said], [[0, 1], []])
      assert.deepStrictEqual((yield* loadValues(valuesFrom([0.99999994, 1, 1.0000001]))).said, [])
      const tenths = { datatype: "int16", slope: 0.1, inter: -0.1 } as const
      const one = yield* loadValues(valuesFrom([11, 21, 11], 1), { values: [1] }, tenths)
      assert.deepStrictEqual([[...one.lesion.voxels], one.said], [[0, 2], []])
      assert.deepStrictEqual(
        [...(yield* loadValues(valuesFrom([0.99999994, 0.5]), { threshold: 1 })).lesion.voxels],
        [0]
      )
    }).pipe(Effect.scoped)
  )

  it.effect("says of fractions how many there are, their range, and how to cut them", () =>
    Effect.gen(function* () {
      const interpolated = valuesFrom([0.25, 1, 0.5, 1, 0.4999, -0.02])
      const error = yield* Effect.flip(loadValues(interpolated))
      assert.strictEqual(error._tag, "NegativeValues")
      assert.include(error.message, "1 voxel holds a negative value, the least -0.02")
      assert.include(error.message, "Set lesions.threshold: 0.5")
      const { lesion, said } = yield* loadValues(interpolated.with(21, 0))
      assert.deepStrictEqual([...lesion.voxels], [0, 1, 2, 3, 4])
      assert.strictEqual(said.length, 1)
      assert.include(said[0]!, "values from 0.25 to 1")
      assert.include(said[0]!, "3 of 5 voxels above 0 hold fractions. Every voxel above 0 was taken as lesion")
      assert.include(said[0]!, "lesions.threshold: 0.5")
      const cut = yield* loadValues(interpolated, { threshold: 0.5 })
      assert.deepStrictEqual([[...cut.lesion.voxels], cut.said], [[1, 2, 3], []])
    }).pipe(Effect.scoped)
  )

  it.effect("lists several labels with their counts, and takes those that lesions.values names", () =>
    Effect.gen(function* () {
      const labels = valuesFrom([1, 4, 4, 2, -3])
      assert.strictEqual((yield* Effect.flip(loadValues(labels)))._tag, "NegativeValues")
      const all = yield* loadValues(labels.with(20, 0))
      assert.deepStrictEqual([...all.lesion.voxels], [0, 1, 2, 3])
      assert.include(all.said.join(), "several values: 1 (1 voxel), 2 (1 voxel), 4 (2 voxels). All of them were taken")
      assert.include(all.said.join(), "lesions.values: [1]")
      for (const [values, voxels] of [
        [[4], [1, 2]],
        [2, [3]],
        [
          [-3, 1],
          [0, 4]
        ]
      ] as const) {
        const some = yield* loadValues(labels, { values })
        assert.deepStrictEqual([[...some.lesion.voxels], some.said], [voxels, []])
      }
      const without = yield* loadValues(labels, { values: [4, 7] })
      assert.deepStrictEqual([...without.lesion.voxels], [1, 2])
      assert.include(without.said.join(), "no voxel of 7, which lesions.values names")
    }).pipe(Effect.scoped)
  )

  it.effect("counts more than 32 different values instead of listing them", () =>
    Effect.gen(function* () {
      const { lesion, said } = yield* loadValues(
        Array.from({ length: 64 }, (_, element) => (element < 33 ? element + 1 : 0))
      )
      assert.strictEqual(lesion.voxels.length, 17)
      assert.include(said.join(), "more than 32 different values, from 1 to 33")
    }).pipe(Effect.scoped)
  )

  it.effect("says why nothing is lesion", () =>
    Effect.gen(function* () {
      const empty = (values: ReadonlyArray<number>, reading: LesionValues = {}) =>
        Effect.flip(loadValues(valuesFrom(values), reading)).pipe(
          Effect.map((error) => [error._tag, error.message.split(": ").slice(1).join(": ")])
        )
      const [tag, above] = yield* empty([0.25], { threshold: 0.5 })
      assert.strictEqual(tag, "EmptyLesion")
      assert.include(above!, "no value is at or above lesions.threshold (0.5), the largest is 0.25")
      const [, other] = yield* empty([1, 1, 2], { values: [3, 4] })
      assert.include(other!, "no voxel has a value of lesions.values [3, 4]; it holds 1 (2 voxels), 2 (1 voxel)")
      assert.include((yield* empty([Number.NaN]))[1]!, "every voxel is 0")
      assert.include((yield* empty([Number.POSITIVE_INFINITY]))[1]!, "no voxel holds a finite number but 0")
    }).pipe(Effect.scoped)
  )

  it.effect("takes infinities for background, and says so where they would be lesion", () =>
    Effect.gen(function* () {
      const values = valuesFrom([1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1])
      const { lesion, said } = yield* loadValues(values)
      assert.deepStrictEqual([...lesion.voxels], [0, 3])
      assert.deepStrictEqual(said, ["2 voxels hold an infinity. Infinities were taken as background."])
      assert.include((yield* loadValues(values, { threshold: 0.5 })).said.join(), "1 voxel holds an infinity")
      assert.deepStrictEqual((yield* loadValues(values, { values: [1] })).said, [])
    }).pipe(Effect.scoped)
  )
})

describe("where a lesion lies", () => {
  it.effect("warns of a lesion that covers more than half of the brain mask", () =>
    Effect.gen(function* () {
      const half = Array.from({ length: 24 }, () => 1)
      assert.deepStrictEqual((yield* loadValues(valuesFrom(half))).said, [])
      const { lesion, said } = yield* loadValues(valuesFrom([...half, 1]))
      assert.strictEqual(lesion.voxels.length, 25)
      assert.include(said.join(), "covers 52 % of the brain mask")
      assert.include(said.join(), "inverted")
      assert.include((yield* loadValues(valuesFrom([...half, 1]), { values: 1 })).said.join(), "covers 52 %")
    }).pipe(Effect.scoped)
  )

  it.effect("refuses noise that covers the brain, unless a threshold or weights give it a meaning", () =>
    Effect.gen(function* () {
      const noise = Array.from({ length: 64 }, (_, element) => 1 + Math.sin(element) / 3)
      const error = yield* Effect.flip(loadValues(noise))
      assert.strictEqual(error._tag, "LesionCoversBrain")
      assert.include(error.message, "more than 32 different values cover 100 % of the brain mask")
      assert.deepStrictEqual((yield* loadValues(noise, { threshold: 1.2 })).said, [])
      assert.deepStrictEqual((yield* loadValues(noise, { weights: "values" })).said, [])
    }).pipe(Effect.scoped)
  )

  it.effect("says how much of it lies in the brain mask where that is less than half", () =>
    Effect.gen(function* () {
      const cut = (outside: number, inside: number) =>
        loadValues(
          Array.from({ length: 64 }, (_, element) => (element >= 16 - outside && element < 16 + inside ? 1 : 0))
        )
      assert.deepStrictEqual((yield* cut(3, 3)).said, [])
      const { lesion, said } = yield* cut(9, 1)
      assert.strictEqual(lesion.counts.maskVoxels, 1)
      assert.include(said.join(), "10 % of it lies in the connectome's brain mask: 1 of 10 voxels")
    }).pipe(Effect.scoped)
  )

  it.effect("counts what lies beyond the connectome's grid as not in the brain mask", () =>
    Effect.gen(function* () {
      // The file reaches 6 mm beyond the grid: of the four voxels in a row one lies in it.
      const beyond = { ...own, sform: [2, 0, 0, 2, 0, 2, 0, -4, 0, 0, 2, -4] }
      const row = [0, 1, 2, 3].map((i): Voxel => [i, 2, 2])
      const file = yield* lesionFile(beyond, row)
      const { value, warnings } = yield* collectWarnings(loadLesion(file, brain))
      assert.deepStrictEqual([...value.voxels], [voxel(3, 2, 2)])
      assert.include(warnings[0]!.found, "25 % of it lies in the connectome's brain mask: 1 of 1 voxels")
      assert.include(warnings[0]!.found, "75 % of it lies beyond that grid")
    }).pipe(Effect.scoped)
  )

  it.effect("takes the nearest voxels of the brain mask for a lesion between voxels, within a voxel's diagonal", () =>
    Effect.gen(function* () {
      // 0.5 mm: voxel (i, j, k) lies at -4 + i / 2; 5 to 7 are nearer to voxel 1 of the brain than 3 is.
      const fine = {
        datatype: "float32",
        dims: [16, 16, 16],
        sform: [0.5, 0, 0, -4, 0, 0.5, 0, -4, 0, 0, 0.5, -4]
      } as const
      const speck = (at: ReadonlyArray<Voxel>, reading: LesionValues = {}, value = 1) =>
        lesionFile(fine, at, value).pipe(Effect.flatMap((file) => collectWarnings(loadLesion(file, brain, reading))))
      const one = yield* speck([[5, 5, 9]])
      assert.deepStrictEqual([...one.value.voxels], [voxel(1, 1, 2)])
      assert.deepStrictEqual([one.value.counts.gridVoxels, one.value.counts.maskVoxels], [1, 1])
      assert.include(one.warnings[0]!.found, "falls between the centres of the connectome's voxels")
      assert.include(one.warnings[0]!.taken, "The nearest voxel of the brain mask, up to 0.9 mm away")
      const two = yield* speck([
        [5, 5, 9],
        [7, 5, 9],
        [9, 5, 9]
      ])
      assert.deepStrictEqual([...two.value.voxels], [voxel(1, 1, 2), voxel(2, 1, 2)])
      const weighted = yield* speck([[5, 5, 9]], { weights: "values" }, 7)
      assert.deepStrictEqual(weighted.value.weights, Float32Array.of(1))
      // The first slice is not brain: 3 mm below the second are within the diagonal of 3.46 mm, 4 mm are not.
      assert.deepStrictEqual([...(yield* speck([[5, 5, 1]])).value.voxels], [voxel(1, 1, 1)])
      assert.strictEqual((yield* Effect.flip(speck([[4, 4, 0]])))._tag, "LesionOutsideBrain")
    }).pipe(Effect.scoped)
  )

  it.effect("says both places where sform and qform disagree, and takes the sform's", () =>
    Effect.gen(function* () {
      const forms = { ...own, qformCode: 1, quaternion: [0, 1, 0], pixdim: [-1, 2, 2, 2], qoffset: [4, -4, -4] }
      const file = yield* lesionFile(forms, [[3, 1, 1]])
      const { value, warnings } = yield* collectWarnings(loadLesion(file, brain))
      assert.deepStrictEqual([...value.voxels], [voxel(3, 1, 1)])
      assert.strictEqual(warnings.length, 1)
      assert.strictEqual(warnings[0]!.file, file)
      assert.include(
        warnings[0]!.found,
        "voxel (0, 0, 0) lies at (-4, -4, -4) mm by the sform, at (4, -4, -4) mm by the qform"
      )
      assert.include(warnings[0]!.taken, "The sform was taken")
    }).pipe(Effect.scoped)
  )

  it.effect("warns of an affine without an offset, unless the connectome's has none either", () =>
    Effect.gen(function* () {
      const file = yield* lesionFile({ ...own, sform: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }, [
        [0, 0, 0],
        [2, 2, 2]
      ])
      const { value, warnings } = yield* collectWarnings(loadLesion(file, brain))
      assert.deepStrictEqual([...value.voxels], [voxel(2, 2, 2), voxel(3, 3, 3)])
      assert.strictEqual(warnings.length, 1)
      assert.include(warnings[0]!.found, "its affine has no offset, voxel (0, 0, 0) lies at (0, 0, 0) mm")
      const sform = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]
      const there = yield* lesionFile({ ...own, sform }, [[1, 1, 1]])
      const onto = { ...brain, grid: { ...grid, affine: [...sform, 0, 0, 0, 1] } }
      assert.deepStrictEqual((yield* collectWarnings(loadLesion(there, onto))).warnings, [])
    }).pipe(Effect.scoped)
  )

  it.effect("warns of a name without a space, and more so where it is that of a scan", () =>
    Effect.gen(function* () {
      const said = (name: string) =>
        lesionFile(own, [[1, 1, 1]], 1, name).pipe(
          Effect.flatMap((file) => collectWarnings(loadLesion(file, brain))),
          Effect.map(({ warnings }) => warnings.map(({ found }) => found))
        )
      assert.deepStrictEqual(yield* said("sub-01_label-lesion_mask.nii.gz"), ["its name has no space-"])
      assert.deepStrictEqual(yield* said("sub-01_T1w_label-lesion_roi.nii.gz"), [
        "its name has no space-, but T1w, which is said of scans in the patient's own space"
      ])
      assert.deepStrictEqual(yield* said("tpl-MNI152NLin6Asym_mask.nii.gz"), [])
      const other = yield* Effect.flip(said("tpl-NMT_mask.nii.gz"))
      assert.strictEqual(other._tag, "SpaceMismatch")
    }).pipe(Effect.scoped)
  )
})

describe("memory of a lesion file", () => {
  it.effect("refuses by its header a file that takes more than the run may use, before it is inflated", () =>
    Effect.gen(function* () {
      const within = (limitBytes: number) => Effect.provideService(LoadingMemory, makeLoadingMemory(limitBytes))
      // The header promises a gigabyte; the voxels are not there, so that inflating them would fail otherwise.
      const bytes = niftiBytes({ ...own, dims: [1000, 1000, 1000], stored: [] })
      const file = yield* temporaryFile(cleanName, Buffer.concat([gzipSync(bytes), Buffer.alloc(2e6)]))
      const error = yield* Effect.flip(within(400e6)(loadLesion(file, brain)))
      assert.strictEqual(error._tag, "ImageTooLarge")
      assert.include(error.message, cleanName)
      assert.match(error.message, /1000 × 1000 × 1000 voxels takes 1\.86 GiB.*may use 381\.47 MiB.*compute\.memory/)
      const small = yield* lesionFile(own, [[1, 1, 1]])
      assert.strictEqual((yield* within(20e6)(loadLesion(small, brain))).voxels.length, 1)
    }).pipe(Effect.scoped)
  )
})
