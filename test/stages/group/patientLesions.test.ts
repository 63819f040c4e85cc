import { unlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Grid, voxelsOf } from "../../../src/imaging/Grid.ts"
import { encodeNifti } from "../../../src/imaging/nifti/writeNifti.ts"
import type { CohortMap } from "../../../src/stages/group/CohortMap.ts"
import { findCohortMaps } from "../../../src/stages/group/findCohortMaps.ts"
import { readPatientLesions } from "../../../src/stages/group/patientLesions.ts"
import { collectWarnings } from "../../support/collectWarnings.ts"
import { writeMappedFolder } from "../../support/mappedFolder.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const folder = scratchFolder()
const space = "MNI152NLin6Asym"

/** Maps of 4 mm, and lesions of 2 mm whose first axis runs the other way; no centre of a voxel lies on the edge of another. */
const grid: Grid = { shape: [8, 7, 6], affine: [4, 0, 0, -14, 0, 4, 0, -12, 0, 0, 4, -10, 0, 0, 0, 1] }
const fine: Grid = { shape: [16, 14, 12], affine: [-2, 0, 0, 14.5, 0, 2, 0, -12.5, 0, 0, 2, -10.6, 0, 0, 0, 1] }

const placeOf = ({ shape, affine }: Grid, element: number): readonly [number, number, number] => {
  const index = [
    element % shape[0],
    Math.floor(element / shape[0]) % shape[1],
    Math.floor(element / (shape[0] * shape[1]))
  ]
  return [0, 1, 2].map((axis) => affine[5 * axis]! * index[axis]! + affine[4 * axis + 3]!) as [number, number, number]
}

const within = (centre: readonly number[], radius: number) =>
  Array.from({ length: voxelsOf(fine) }, (_, v) => v).filter(
    (v) => Math.hypot(...placeOf(fine, v).map((mm, axis) => mm - centre[axis]!)) <= radius
  )

/** Which voxels of the maps have their centre in a voxel of 2 mm that is lesion, or of its mirror image. */
const naive = (lesion: ReadonlyArray<number>, sign = 1) => {
  const places = lesion.map((v) => placeOf(fine, v))
  const near = (a: number, b: number) => Math.abs(a - b) < 1
  return Array.from({ length: voxelsOf(grid) }, (_, v) => v).filter((v) => {
    const [x, y, z] = placeOf(grid, v)
    return places.some(([u, w, h]) => near(x, sign * u) && near(y, w) && near(z, h))
  })
}

const writeLesion = (name: string, elements: ReadonlyArray<number>, value = 1) => {
  const values = new Uint8Array(voxelsOf(fine))
  for (const v of elements) values[v] = value
  const file = join(folder, name)
  writeFileSync(file, encodeNifti({ grid: fine, space, values }))
  return file
}

const mapWith = (file: string | undefined, flipped = false): CohortMap => ({
  patient: "1",
  file: "map",
  statistic: "z",
  lesion: file === undefined ? undefined : { file, flipped }
})

const read = (...maps: ReadonlyArray<ReadonlyArray<CohortMap>>) =>
  readPatientLesions({ patients: maps.map((_, n) => String(n)), maps, grid, space })

const [left, right] = [within([-6, 0, 2], 5), within([7, 3, -3], 4)]

describe("readPatientLesions", () => {
  it.effect("puts a lesion onto the maps' grid, with its volume as it is in its file", () =>
    Effect.gen(function* () {
      const { lesions, files } = yield* read([mapWith(writeLesion("left.nii", left))])
      assert.deepStrictEqual([...lesions[0]!.elements], naive(left))
      assert.closeTo(lesions[0]!.volumeMl, left.length * 0.008, 1e-12)
      assert.deepStrictEqual(files, [join(folder, "left.nii")])
    })
  )

  it.effect("mirrors a lesion that was mirrored when it was mapped", () =>
    Effect.gen(function* () {
      const { lesions } = yield* read([mapWith(writeLesion("right.nii", right), true)])
      assert.deepStrictEqual([...lesions[0]!.elements], naive(right, -1))
    })
  )

  it.effect("unites the lesions of a patient and adds their volumes, a lesion of several maps once", () =>
    Effect.gen(function* () {
      const [one, other] = [writeLesion("one.nii", left), writeLesion("other.nii", right)]
      const both = naive([...left, ...right])
      const { lesions } = yield* read([mapWith(one), mapWith(other), mapWith(one)])
      assert.deepStrictEqual([...lesions[0]!.elements], both)
      assert.closeTo(lesions[0]!.volumeMl, (left.length + right.length) * 0.008, 1e-12)
    })
  )

  it.effect("knows no lesion of a patient where a map is without one", () =>
    Effect.gen(function* () {
      const file = writeLesion("known.nii", left)
      const { lesions } = yield* read([mapWith(file), mapWith(undefined)], [mapWith(file)])
      assert.isUndefined(lesions[0])
      assert.isDefined(lesions[1])
    })
  )

  it.effect(
    "reads a lesion of an output folder by the rules of its run, and refuses one that is no longer the same",
    () =>
      Effect.gen(function* () {
        const here = join(folder, "maps")
        const z = new Float32Array(voxelsOf(grid)).fill(0.2)
        const patients = [{ patient: "1", z, lesion: left }]
        writeMappedFolder(here, { grid, lesionGrid: fine, patients })
        const maps = (yield* findCohortMaps([here])).maps
        const { value, warnings } = yield* collectWarnings(read(maps))
        assert.deepStrictEqual([...value.lesions[0]!.elements], naive(left))
        assert.deepStrictEqual(warnings, [])

        writeMappedFolder(here, { grid, lesionGrid: fine, patients, values: null })
        const others = (yield* findCohortMaps([here])).maps
        const { message } = yield* Effect.flip(read(others))
        assert.match(
          message,
          new RegExp(`lesion by the config of the last run into the folder, and ${left.length} were`)
        )

        const file = maps[0]!.lesion!.file
        writeFileSync(file, encodeNifti({ grid: fine, space, values: new Uint8Array(voxelsOf(fine)).fill(1) }))
        assert.include((yield* Effect.flip(read(maps))).message, "it has changed since it was mapped")
        unlinkSync(file)
        const gone = yield* collectWarnings(read(maps))
        assert.isUndefined(gone.value.lesions[0])
        assert.deepStrictEqual(
          gone.warnings.map(({ found }) => found),
          ["the lesion that was mapped is no longer there"]
        )
      })
  )

  it.effect(
    "refuses a lesion of a table that is not there, is empty, in another space or elsewhere; warns of odd values",
    () =>
      Effect.gen(function* () {
        const refused = (file: string) => Effect.map(Effect.flip(read([mapWith(file)])), ({ message }) => message)
        assert.include(yield* refused(join(folder, "none.nii")), "none.nii")
        assert.include(yield* refused(writeLesion("empty.nii", [])), "every voxel is 0")
        assert.include(
          yield* refused(writeLesion("a_space-MNI152NLin2009cAsym_mask.nii", left)),
          "the maps are in MNI152NLin6Asym"
        )
        const far: Grid = { ...fine, affine: fine.affine.map((value, n) => (n === 3 ? 500 : value)) }
        const file = join(folder, "far.nii")
        writeFileSync(file, encodeNifti({ grid: far, space, values: new Uint8Array(voxelsOf(far)).fill(1) }))
        assert.include(yield* refused(file), "no part of it lies on the grid of the maps")

        const partly: Grid = { ...fine, affine: fine.affine.map((value, n) => (n === 3 ? 34.5 : value)) }
        const edge = join(folder, "a_space-MNI152NLin6Asym_mask.nii")
        writeFileSync(edge, encodeNifti({ grid: partly, space, values: new Uint8Array(voxelsOf(partly)).fill(1) }))
        const { warnings: ofPart } = yield* collectWarnings(read([mapWith(edge)]))
        assert.deepStrictEqual(
          ofPart.map(({ found }) => found),
          ["63 % of it lies beyond the grid of the maps"]
        )

        const values = new Uint8Array(voxelsOf(fine))
        for (const v of left) values[v] = 1 + (v % 3)
        writeFileSync(file, encodeNifti({ grid: fine, space, values }))
        const { value, warnings } = yield* collectWarnings(read([mapWith(file)]))
        assert.deepStrictEqual([...value.lesions[0]!.elements], naive(left))
        assert.deepStrictEqual(
          warnings.map(({ taken }) => taken),
          [
            "Every voxel above 0 was taken as lesion. Give a mask of 0 and 1 if that is not meant",
            "It is taken to lie in the space of the maps, MNI152NLin6Asym"
          ]
        )
      })
  )
})
