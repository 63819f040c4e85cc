import { gunzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { addDegreeSums, addSubjectDegree, meanDegree } from "../../src/kernels/degreeSums.ts"
import { fractionBits, roundingTo } from "../../src/kernels/fixedPoint.ts"
import { meanOfSums } from "../../src/kernels/globalSignal.ts"
import { isOwnName } from "../../src/lesions/ownOutputs.ts"
import {
  degreeMapFiles,
  degreeMapPath,
  encodeDegreeMap,
  isTinyDegree,
  rootMeanSquare,
  tinyDegree
} from "../../src/output/degreeMap.ts"

const connectome = {
  path: "/data/connectome",
  grid: { shape: [2, 3, 2], affine: [2, 0, 0, -1, 0, 2, 0, -2, 0, 0, 2, -3, 0, 0, 0, 1] },
  gridIndex: Int32Array.of(1, 4, 11)
} as const

const map = { degree: Float64Array.of(0.25, -0.5, 0.125), connectome, subjects: 12, space: "MNI152", version: "1.2.3" }

describe("the map of the degree", () => {
  it.effect("has the degree at the brain mask's voxels and 0 elsewhere, and a sidecar that says what it is", () =>
    Effect.gen(function* () {
      const files = yield* encodeDegreeMap(map)
      assert.deepStrictEqual(Object.keys(files), [...degreeMapFiles("MNI152")])
      const image = gunzipSync(files[degreeMapPath("MNI152")] as Uint8Array)
      const values = new Float32Array(new Uint8Array(image).buffer, 352)
      assert.deepStrictEqual([...values], [0, 0.25, 0, 0, -0.5, 0, 0, 0, 0, 0, 0, 0.125])
      const sidecar = JSON.parse(files["space-MNI152_desc-degree_stat-r_statmap.json"] as string)
      assert.deepInclude(sidecar, { StatisticType: "r", ConnectomeSubjects: 12, SpatialReference: "MNI152" })
      assert.isTrue(isOwnName(degreeMapPath("MNI152")))
    })
  )

  it("is tiny where its root mean square is below the bound, whatever its sign", () => {
    assert.strictEqual(rootMeanSquare([3, -4, 0, 0]), 2.5)
    assert.strictEqual(rootMeanSquare([]), 0)
    assert.isTrue(isTinyDegree(new Float32Array(9).fill(-0.99 * tinyDegree)))
    assert.isFalse(isTinyDegree(new Float32Array(9).fill(-1.01 * tinyDegree)))
  })
})

describe("sums of the degree", () => {
  it("are exact, and give the mean over subjects", () => {
    const sums = new BigInt64Array(2)
    addSubjectDegree(Float64Array.of(0.1, -1), sums)
    addSubjectDegree(Float64Array.of(0.2, 0), sums)
    const toFixed = roundingTo(fractionBits)
    assert.deepStrictEqual([...sums], [toFixed(0.1) + toFixed(0.2), toFixed(-1)])
    addDegreeSums(BigInt64Array.of(toFixed(0.6), 0n), sums)
    const [first, second] = meanDegree(sums, 3)
    assert.closeTo(first!, 0.3, 2 ** -40)
    assert.strictEqual(second, -1 / 3)
  })

  it("of the global signal become a centred mean over the valid voxels, or zeros where there is none", () => {
    const toFixed = roundingTo(fractionBits)
    const mean = new Float32Array(3)
    meanOfSums(BigInt64Array.of(toFixed(1), toFixed(2), toFixed(6), 4n), mean)
    assert.deepStrictEqual([...mean], [-0.5, -0.25, 0.75])
    meanOfSums(new BigInt64Array(4), mean)
    assert.deepStrictEqual([...mean], [0, 0, 0])
  })
})
