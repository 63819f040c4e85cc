import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readItkTransform } from "../../src/warps/readItkTransform.ts"
import { warpPoints } from "../../src/warps/Warp.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeFile } from "../support/tinyStudy.ts"
import { composite, type ItkTransform, shiftBy, writeItkTransform } from "../support/writeItkTransform.ts"

const folder = scratchFolder()

const read = (name: string, transforms: ReadonlyArray<ItkTransform>) =>
  Effect.flatMap(
    Effect.promise(() => writeItkTransform(join(folder, name), transforms)),
    readItkTransform
  )

const doubled: ItkTransform = { ...shiftBy(0, 0, 0), parameters: [2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0] }

const field = (numbers: number): ItkTransform => ({
  kind: "DisplacementFieldTransform_double_3_3",
  parameters: new Array(numbers).fill(1),
  fixed: [2, 2, 2, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1]
})

describe("readItkTransform", () => {
  it.effect("applies the transform that was added last first, in LPS+", () =>
    Effect.gen(function* () {
      const point = Float64Array.of(10, 20, 30)
      warpPoints(yield* read("order.h5", [composite, doubled, shiftBy(1, 2, 3)]), point)
      assert.deepStrictEqual([...point], [18, 36, 66])
      const alone = Float64Array.of(10, 20, 30)
      warpPoints(yield* read("alone.h5", [shiftBy(1, 2, 3)]), alone)
      assert.deepStrictEqual([...alone], [9, 18, 33])
    })
  )

  it.effect("takes a centre of an affine map as a fixed point of its matrix", () =>
    Effect.gen(function* () {
      const point = Float64Array.of(-5, -6, 7)
      warpPoints(yield* read("centre.h5", [{ ...doubled, fixed: [5, 6, 7] }]), point)
      assert.deepStrictEqual([...point], [-5, -6, 7])
    })
  )

  it.effect("refuses what it cannot apply, and says what it found", () =>
    Effect.gen(function* () {
      const wrong: ReadonlyArray<readonly [string, ReadonlyArray<ItkTransform>, string]> = [
        ["kind.h5", [composite, { ...doubled, kind: "BSplineTransform_double_3_3" }], "BSplineTransform_double_3_3"],
        ["flat.h5", [{ ...doubled, parameters: new Array(12).fill(0) }], "cannot be inverted"],
        ["short.h5", [{ ...doubled, parameters: [1, 2, 3] }], "3 and 3 numbers, instead of 12 and 3"],
        ["field.h5", [field(23)], "3 real numbers for each of 2 × 2 × 2 voxels"],
        ["nan.h5", [{ ...field(24), parameters: new Array(24).fill(Number.NaN) }], "no numbers"],
        ["order2.h5", [doubled, doubled], "order is not known"],
        ["empty.h5", [composite], "holds no transform"]
      ]
      for (const [name, transforms, words] of wrong) {
        const error = yield* Effect.flip(read(name, transforms))
        assert.strictEqual(error._tag, "InvalidWarp")
        assert.include(error.message, words)
      }
      const noHdf5 = yield* Effect.flip(readItkTransform(writeFile(join(folder, "text.h5"), "no transform")))
      assert.include(noHdf5.message, "text.h5")
      const missing = yield* Effect.flip(readItkTransform(join(folder, "missing.h5")))
      assert.strictEqual(missing._tag, "InvalidWarp")
    })
  )
})
