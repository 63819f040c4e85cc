import { assert, describe, it } from "@effect/vitest"
import { Xoshiro128 } from "../../../src/demo/Xoshiro128.ts"
import { addCentredGram, centredLength, meansOverPatients, mirrorGram } from "../../../src/kernels/group/centredGram.ts"

const mapsOf = (patients: number, voxels: number) => {
  const maps = new Float32Array(patients * voxels)
  new Xoshiro128(4, patients).fillGaussian(maps)
  return maps.map((value) => 3 + value)
}

const gramOf = (maps: Float32Array, patients: number, voxels: number) => {
  const gram = new Float64Array(patients * patients)
  addCentredGram(maps, meansOverPatients(maps, voxels), new Float64Array(centredLength(patients, voxels)).fill(5), gram)
  mirrorGram(gram, patients)
  return gram
}

const naiveGram = (maps: Float32Array, patients: number, voxels: number) => {
  const gram = new Float64Array(patients * patients)
  for (let v = 0; v < voxels; v++) {
    const own = Array.from({ length: patients }, (_, i) => maps[i * voxels + v]!)
    const finite = own.filter(Number.isFinite)
    const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length
    const centred = own.map((value) => (Number.isFinite(value) ? value - mean : 0))
    for (let i = 0; i < patients; i++) {
      for (let j = 0; j < patients; j++) gram[i * patients + j]! += centred[i]! * centred[j]!
    }
  }
  return gram
}

describe("the centred Gram matrix", () => {
  it.each([
    [1, 3],
    [2, 700],
    [7, 513],
    [8, 1100],
    [13, 512]
  ])("is that of two plain loops, for %i patients and %i voxels", (patients, voxels) => {
    const maps = mapsOf(patients, voxels)
    const [found, expected] = [gramOf(maps, patients, voxels), naiveGram(maps, patients, voxels)]
    // Both add float64 products of deviations about 1.
    for (const [k, value] of expected.entries()) assert.closeTo(found[k]!, value, 1e-12 * voxels)
  })

  it("takes a value that is not finite as the mean of the others", () => {
    const maps = mapsOf(5, 40)
    maps[2 * 40 + 7] = Number.NaN
    maps[4 * 40 + 7] = Number.POSITIVE_INFINITY
    const [found, expected] = [gramOf(maps, 5, 40), naiveGram(maps, 5, 40)]
    for (const [k, value] of expected.entries()) assert.closeTo(found[k]!, value, 1e-11)
    assert.closeTo(meansOverPatients(maps, 40)[7]!, (maps[7]! + maps[47]! + maps[127]!) / 3, 1e-12)
  })

  it("adds to what is there, so that tiles add up to the whole", () => {
    const maps = mapsOf(6, 90)
    const gram = new Float64Array(36)
    for (const [first, end] of [
      [0, 41],
      [41, 90]
    ] as const) {
      const tile = Float32Array.from({ length: 6 * (end - first) }, (_, n) => {
        const [i, v] = [Math.floor(n / (end - first)), n % (end - first)]
        return maps[i * 90 + first + v]!
      })
      const voxels = end - first
      addCentredGram(tile, meansOverPatients(tile, voxels), new Float64Array(centredLength(6, voxels)), gram)
    }
    mirrorGram(gram, 6)
    const whole = gramOf(maps, 6, 90)
    for (const [k, value] of whole.entries()) assert.closeTo(gram[k]!, value, 1e-11)
  })
})
