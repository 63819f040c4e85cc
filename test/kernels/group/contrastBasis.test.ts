import { assert, describe, it } from "@effect/vitest"
import { Xoshiro128 } from "../../../src/demo/Xoshiro128.ts"
import { contrastBasis } from "../../../src/kernels/group/contrastBasis.ts"
import { dot, normOf } from "../../../src/kernels/group/orthonormalBasis.ts"

const gaussian = (length: number, stream: number): Float64Array => {
  const values = new Float32Array(length)
  new Xoshiro128(3, stream).fillGaussian(values)
  return Float64Array.from(values)
}

const patients = 40
const oneBlock = new Int32Array(patients)
const sites = Int32Array.from({ length: patients }, (_, i) => i % 4)
const age = gaussian(patients, 1).map((value) => 60 + 12 * value)
const volume = gaussian(patients, 2).map((value, i) => Math.exp(9 + value + 0.02 * age[i]!))
const ofSite = Float64Array.from(sites, (site) => (site === 2 ? 1 : 0))
const effect = gaussian(patients, 3).map((value, i) => value + 0.05 * age[i]!)

describe("contrastBasis", () => {
  it("leaves an effect of unit norm that is orthogonal to an orthonormal basis of the nuisance columns", () => {
    const basis = contrastBasis({ effect, nuisance: [age, volume, ofSite], blocks: sites })!
    assert.strictEqual(basis.degreesOfFreedom, patients - 5)
    assert.strictEqual(basis.unchanged, 2)
    const all = [basis.effect, ...basis.nuisance]
    for (const [i, one] of all.entries()) {
      for (const [j, other] of all.entries()) assert.closeTo(dot(one, other), i === j ? 1 : 0, 1e-14, `${i} ${j}`)
    }
    // Every nuisance column lies within the basis.
    for (const column of [age, volume, ofSite, new Float64Array(patients).fill(1)]) {
      const squares = basis.nuisance.reduce((sum, vector) => sum + dot(vector, column) ** 2, 0)
      assert.closeTo(Math.sqrt(squares) / normOf(column), 1, 1e-14)
    }
    assert.closeTo(dot(basis.effect, effect), basis.effectNorm, 1e-12)
  })

  it("puts columns that are constant within blocks first, and orthogonal they stay under any order within blocks", () => {
    const basis = contrastBasis({ effect, nuisance: [age, ofSite], blocks: sites })!
    for (const vector of basis.nuisance.slice(0, basis.unchanged)) {
      for (let i = 4; i < patients; i++) assert.closeTo(vector[i]!, vector[i - 4]!, 1e-15)
    }
    assert.strictEqual(contrastBasis({ effect, nuisance: [age, ofSite], blocks: oneBlock })!.unchanged, 1)
  })

  it("counts a column that depends on others once", () => {
    const months = age.map((years) => 12 * years - 3)
    const basis = contrastBasis({ effect, nuisance: [age, months, volume], blocks: oneBlock })!
    assert.deepStrictEqual(basis.dependent, [1])
    assert.strictEqual(basis.degreesOfFreedom, patients - 4)
  })

  it("is undefined where the nuisance columns say all about the effect, or no degree of freedom is left", () => {
    const sum = age.map((value, i) => value + 2 * volume[i]!)
    assert.isUndefined(contrastBasis({ effect: sum, nuisance: [age, volume], blocks: oneBlock }))
    assert.isUndefined(contrastBasis({ effect: Float64Array.of(0, 1), nuisance: [], blocks: new Int32Array(2) }))
    assert.isUndefined(contrastBasis({ effect: new Float64Array(5).fill(3), nuisance: [], blocks: new Int32Array(5) }))
  })
})
