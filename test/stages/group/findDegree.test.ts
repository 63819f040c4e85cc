import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { encodeNifti } from "../../../src/imaging/nifti/writeNifti.ts"
import { findCohortMaps } from "../../../src/stages/group/findCohortMaps.ts"
import { findDegree } from "../../../src/stages/group/findDegree.ts"
import { collectWarnings } from "../../support/collectWarnings.ts"
import { writeMappedFolder } from "../../support/mappedFolder.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const folder = scratchFolder()
const grid = { shape: [4, 4, 4], affine: [4, 0, 0, -6, 0, 4, 0, -6, 0, 0, 4, -6, 0, 0, 0, 1] } as const
const smaller = { ...grid, shape: [3, 4, 4] } as const

const mapped = (name: string, degree?: number) => {
  const here = join(folder, name)
  const patients = [{ patient: name, z: new Float32Array(64).fill(0.3), lesion: [1] }]
  writeMappedFolder(here, { grid, lesionGrid: grid, patients, ...(degree === undefined ? {} : { degree }) })
  return here
}

const degreeIn = (here: string) => join(here, "space-MNI152NLin6Asym_desc-degree_stat-r_statmap.nii.gz")

const found = (locations: ReadonlyArray<string>, options: Partial<Parameters<typeof findDegree>[0]> = {}) =>
  Effect.flatMap(findCohortMaps(locations), ({ folders }) =>
    findDegree({ given: null, folders, grid, space: "MNI152NLin6Asym", needed: false, ...options })
  )

describe("findDegree", () => {
  it.effect("takes the map of the folders, and the one that the config names before it", () =>
    Effect.gen(function* () {
      const [one, two] = [mapped("one", 0.1), mapped("two", 0.1)]
      const { value, warnings } = yield* collectWarnings(found([one, two]))
      assert.deepStrictEqual([value, warnings], [degreeIn(one), []])
      const given = degreeIn(two)
      assert.strictEqual(yield* found([one], { given }), given)
    })
  )

  it.effect("warns where folders have another degree, naming which was taken", () =>
    Effect.gen(function* () {
      const [one, other, none] = [mapped("first", 0.1), mapped("second", 0.2), mapped("without")]
      const { value, warnings } = yield* collectWarnings(found([none, one, other]))
      assert.strictEqual(value, degreeIn(one))
      assert.deepStrictEqual(
        warnings.map(({ file, taken }) => [file, taken]),
        [[degreeIn(other), `${degreeIn(one)} was taken. Set \`degree\` to have another`]]
      )
    })
  )

  it.effect("does without one only where none is needed", () =>
    Effect.gen(function* () {
      const none = mapped("none")
      assert.isUndefined(yield* found([none]))
      const { message } = yield* Effect.flip(found([none], { needed: true }))
      assert.match(message, /^degree: no map of the connectome's degree is given/)
      assert.isUndefined(yield* found([mapped("own", 0.1)], { grid: smaller }))
      const other = yield* Effect.flip(found([mapped("own2", 0.1)], { grid: smaller, needed: true }))
      const elsewhere = { space: "MNI152NLin2009cAsym" }
      assert.isUndefined(yield* found([mapped("own3", 0.1)], elsewhere))
      const apart = yield* Effect.flip(found([mapped("own4", 0.1)], { ...elsewhere, needed: true }))
      assert.include(apart.message, "is in MNI152NLin6Asym by its name, and the maps are in MNI152NLin2009cAsym")
      assert.include(other.message, "lies on another grid (4 × 4 × 4) than the maps (3 × 4 × 4)")
    })
  )

  it.effect("refuses a degree that its folder's run has not written, and one given on another grid", () =>
    Effect.gen(function* () {
      const here = mapped("changed", 0.1)
      writeFileSync(
        degreeIn(here),
        gzipSync(encodeNifti({ grid, space: "MNI152NLin6Asym", values: new Float32Array(64) }))
      )
      assert.include((yield* Effect.flip(found([here]))).message, "files are not as its manifest has them")
      const given = degreeIn(mapped("given", 0.3))
      assert.include((yield* Effect.flip(found([here], { given, grid: smaller }))).message, "another grid")
    })
  )
})
