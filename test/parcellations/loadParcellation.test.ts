import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Grid } from "../../src/imaging/Grid.ts"
import { LoadingMemory, makeLoadingMemory } from "../../src/imaging/loadingMemory.ts"
import { loadParcellation } from "../../src/parcellations/loadParcellation.ts"
import { distinctNames, parcellationBytes } from "../../src/parcellations/Parcellation.ts"
import type { TemplateWarps } from "../../src/warps/templateWarps.ts"
import { type NiftiFields, niftiBytes, temporaryFolder, writeBytes } from "../support/niftiBytes.ts"

const grid: Grid = { shape: [3, 2, 2], affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1] }
/** Elements 0 and 11 are outside of the brain mask. */
const gridIndex = Int32Array.from({ length: 10 }, (_, voxel) => voxel + 1)
const target = { grid, gridIndex, space: "MNI152NLin6Asym" }

const atlasOf = (stored: ReadonlyArray<number>, fields: Partial<NiftiFields> = {}) =>
  niftiBytes({ dims: [3, 2, 2], sform: grid.affine, datatype: "int16", stored, ...fields })

interface Files {
  readonly atlas: Uint8Array
  readonly labels?: string
  readonly name?: string
}

const load = ({ atlas, labels, name = "atlas.nii" }: Files) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const path = yield* writeBytes(join(folder, name), atlas)
    const labelsFile = labels === undefined ? undefined : yield* writeBytes(join(folder, "labels.txt"), labels)
    return yield* loadParcellation({ name: "test", path, ...(labelsFile ? { labels: labelsFile } : {}) }, target)
  }).pipe(Effect.scoped)

const problem = (files: Files) => Effect.map(Effect.flip(load(files)), ({ message }) => message)

/** Voxels of each parcel. */
const members = ({
  starts,
  voxels,
  parcels
}: {
  starts: Int32Array
  voxels: Int32Array
  parcels: ReadonlyArray<unknown>
}) => parcels.map((_, parcel) => [...voxels.subarray(starts[parcel], starts[parcel + 1])])

/** Takes points of the connectome to those that lie a voxel further right. */
const warps: TemplateWarps = {
  bring: (_, from) =>
    Effect.succeed({
      from,
      file: "warp.h5",
      warp: [{ kind: "affine", matrix: [1, 0, 0, 2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }]
    }),
  bringBack: () => Effect.die("an atlas has no maps")
}

describe("loadParcellation, of the other template", () => {
  it.effect("takes of each point that the warp gives the label, or the probability", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const name = "tpl-MNI152NLin2009cAsym_dseg.nii"
      const stored = [7, 3, 1, 3, 0, 2, 12, 3, 5, 4, 12, 40]
      const path = yield* writeBytes(join(folder, name), atlasOf(stored))
      const { parcels, warpFile, ...found } = yield* loadParcellation({ name: "test", path }, target, warps)
      assert.strictEqual(warpFile, "warp.h5")
      // Beyond the atlas, at the right end of each row, there is no parcel.
      const expected = Array.from(gridIndex, (element) => (element % 3 === 2 ? 0 : stored[element + 1]!))
      for (const [n, voxels] of members({ ...found, parcels }).entries()) {
        const own = [...expected.keys()].filter((voxel) => expected[voxel] === parcels[n]!.index)
        assert.deepStrictEqual(voxels, own)
      }
      const halves = { dims: [3, 2, 2, 2], datatype: "float32" } as const
      const image = atlasOf(
        [...stored, ...stored].map((value) => value / 40),
        halves
      )
      const other = yield* writeBytes(join(folder, name.replace("dseg", "probseg")), image)
      const probable = yield* loadParcellation({ name: "test", path: other }, target, warps)
      const weights = expected.filter((value) => value > 0).map((value) => Math.fround(value / 40))
      assert.deepStrictEqual([...probable.weights!], [...weights, ...weights])
      const refused = yield* Effect.flip(loadParcellation({ name: "test", path }, target))
      assert.strictEqual(refused._tag, "MissingWarp")
    }).pipe(Effect.scoped)
  )
})

describe("loadParcellation, labels", () => {
  it.effect("lists the voxels of each label in the brain mask, and keeps parcels that have none", () =>
    Effect.gen(function* () {
      const parcellation = yield* load({ atlas: atlasOf([7, 3, 0, 3, 0, 0, 12, 3, 0, 0, 12, 40]) })
      assert.strictEqual(parcellation.kind, "labels")
      assert.deepStrictEqual(
        parcellation.parcels.map(({ index, name }) => [index, name]),
        [3, 7, 12, 40].map((index) => [index, String(index)])
      )
      assert.deepStrictEqual(members(parcellation), [[0, 2, 6], [], [5, 9], []])
      assert.strictEqual(parcellationBytes(parcellation), 4 * (5 + 5))
    })
  )

  it.effect("takes labels of another grid by nearest neighbour, and values that are not finite as background", () =>
    Effect.gen(function* () {
      // Voxels of half the size: each of the connectome's has its centre in one of them.
      const fine = Array.from({ length: 6 * 4 * 4 }, (_, element) => {
        const [i, j, k] = [element % 6, Math.floor(element / 6) % 4, Math.floor(element / 24)]
        if (i % 2 === 1 || j % 2 === 1 || k % 2 === 1) return 99
        return i === 2 ? Number.NaN : i / 2 + 1
      })
      const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]
      const parcellation = yield* load({
        atlas: atlasOf(fine, { dims: [6, 4, 4], sform: affine, datatype: "float32" }),
        labels: "1 left\n2 middle\n3 right\n99 between\n"
      })
      assert.deepStrictEqual(
        parcellation.parcels.map(({ name }) => name),
        ["left", "right", "between"]
      )
      assert.deepStrictEqual(members(parcellation), [[2, 5, 8], [1, 4, 7], []])
    })
  )

  it.effect("takes labels within float32's rounding, and noise around them as background", () =>
    Effect.gen(function* () {
      const rounded = [-0, 2.9999998, 400.0001, 3, -1e-7, 1e-9, 0, 3.0000002, Number.NaN, 0, 3, 0]
      const parcellation = yield* load({ atlas: atlasOf(rounded, { datatype: "float32" }) })
      assert.deepStrictEqual(
        parcellation.parcels.map(({ index }) => index),
        [3, 400]
      )
      assert.deepStrictEqual(members(parcellation), [[0, 2, 6, 9], [1]])
      for (const value of [2.99, 400.01, 1e-3, -1]) {
        const found = yield* problem({
          atlas: atlasOf([0, value, 3, ...new Array(9).fill(0)], { datatype: "float64" })
        })
        assert.include(found, `a voxel has the value ${value}, and labels are whole numbers`)
      }
    })
  )

  it.effect(
    "refuses what is no label, an atlas beside the brain, one of another space, and labels that do not fit",
    () =>
      Effect.gen(function* () {
        const half = yield* problem({ atlas: atlasOf([0, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], { datatype: "float32" }) })
        assert.include(half, "atlas.nii: a voxel has the value 0.5, and labels are whole numbers from 0 on")
        assert.include(yield* problem({ atlas: atlasOf([0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) }), "has the value -1")
        const outside = yield* problem({ atlas: atlasOf([5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6]) })
        assert.include(outside, "none of its parcels has a voxel in the connectome's brain mask")
        const ones = atlasOf(new Array(12).fill(1))
        assert.include(yield* problem({ atlas: ones, name: "tpl-Other_atlas-X_dseg.nii" }), "its name says space-Other")
        const names = yield* problem({ atlas: atlasOf([0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0]), labels: "1 a\n3 c\n" })
        assert.match(names, /labels\.txt: it has no name for 1 of the 3 labels in .*atlas\.nii, among them 2/)
      })
  )
})

describe("loadParcellation, probabilities", () => {
  const volumes = [
    [0, 0.5, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0.25, Number.NaN, 0, 0, 0, 0, 0, 0, 0, 0],
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  ]
  const fields = { dims: [3, 2, 2, 3], datatype: "float64" } as const

  it.effect("lists the voxels with a weight, a parcel a volume, named in the order of the table", () =>
    Effect.gen(function* () {
      const parcellation = yield* load({
        atlas: atlasOf(volumes.flat(), fields),
        labels: "0 first\n1 second\n2 third\n"
      })
      assert.strictEqual(parcellation.kind, "probabilistic")
      assert.deepStrictEqual(
        parcellation.parcels.map(({ name }) => name),
        ["first", "second", "third"]
      )
      assert.deepStrictEqual(members(parcellation), [[0, 1], [1], []])
      assert.deepStrictEqual(parcellation.weights, Float64Array.of(0.5, 1, 0.25))
    })
  )

  it.effect("takes noise around probabilities as background", () =>
    Effect.gen(function* () {
      const noisy = volumes[0]!.map((value) => (value === 0 ? -1e-9 : value)).with(5, 1e-8)
      const { voxels, weights } = yield* load({
        atlas: atlasOf([...noisy, ...volumes[1]!], { ...fields, dims: [3, 2, 2, 2] })
      })
      assert.deepStrictEqual([...voxels], [0, 1, 1])
      assert.deepStrictEqual([...weights!], [0.5, 1, 0.25])
    })
  )

  it.effect("interpolates linearly from another grid", () =>
    Effect.gen(function* () {
      // One voxel further: each of the connectome's lies half-way between two of the atlas's.
      const affine = [2, 0, 0, -1, 0, 2, 0, 0, 0, 0, 2, 0]
      const { voxels, weights } = yield* load({ atlas: atlasOf(volumes.flat(), { ...fields, sform: affine }) })
      assert.deepStrictEqual([...voxels], [0, 1, 0, 1])
      assert.deepStrictEqual([...weights!], [0.75, 0.5, 0.125, 0.125])
    })
  )

  it.effect("refuses negative probabilities, and a table of another number of parcels", () =>
    Effect.gen(function* () {
      const negative = yield* problem({
        atlas: atlasOf([...volumes[0]!, ...volumes[1]!.map((x) => -x)], { ...fields, dims: [3, 2, 2, 2] })
      })
      assert.include(negative, "volume 2 has the value -0.25, and probabilities are not negative")
      const names = yield* problem({ atlas: atlasOf(volumes.flat(), fields), labels: "0 Background\n1 a\n2 b\n" })
      assert.match(names, /labels\.txt: it names 2 parcels, and .*atlas\.nii has 3 volumes/)
    })
  )
})

describe("distinctNames", () => {
  it("adds the number to names that several parcels have, and to no other", () => {
    const parcels = [
      { index: 1, name: "Insula" },
      { index: 5, name: "Pole" },
      { index: 9, name: "Insula" }
    ]
    assert.deepStrictEqual(distinctNames(parcels), ["Insula_1", "Pole", "Insula_9"])
  })

  it("gives no name that another parcel or the column of lesions has", () => {
    const parcels = ["Insula", "Insula", "Insula_1", "lesion"].map((name, n) => ({ index: n + 1, name }))
    assert.deepStrictEqual(distinctNames(parcels), ["Insula_1_1", "Insula_2", "Insula_1", "lesion_4"])
  })
})

describe("memory of an atlas", () => {
  it.effect("refuses by its header one whose volumes take more than the run may use, before it is inflated", () =>
    Effect.gen(function* () {
      for (const dims of [
        [500, 500, 500],
        [500, 500, 500, 2]
      ]) {
        const bytes = niftiBytes({ dims, sform: grid.affine, datatype: "uint8", stored: [] })
        const atlas = Buffer.concat([gzipSync(bytes), Buffer.alloc(1e6)])
        const loading = load({ atlas, name: "atlas.nii.gz" })
        const error = yield* Effect.flip(Effect.provideService(loading, LoadingMemory, makeLoadingMemory(400e6)))
        assert.strictEqual(error._tag, "ImageTooLarge")
        assert.match(error.message, /atlas\.nii\.gz: to read its 500 × 500 × 500 voxels takes .+ but the run may use/)
      }
    })
  )
})
