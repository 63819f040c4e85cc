import { assert, describe, it } from "@effect/vitest"
import { symmetricEigen } from "../../../src/kernels/group/symmetricEigen.ts"
import { principalComponents } from "../../../src/stages/group/PrincipalComponents.ts"
import { nullCohort, withPool } from "../../support/nullCohort.ts"

const componentsOf = (source: ReturnType<typeof nullCohort>, patients: number, voxels: number, workers: number) =>
  withPool(source, workers, (pool) => principalComponents(pool, { patients, voxels }))

describe("the principal components of the patients' maps", () => {
  it("are those of the centred maps, of one standard deviation each, with a sign by rule", async () => {
    const [patients, voxels] = [9, 400]
    const source = nullCohort({ patients, voxels })
    const { mean, patientMeans, components } = await componentsOf(source, patients, voxels, 2)
    const value = (i: number, v: number) => source.maps[i * voxels + v]!
    const people = Array.from({ length: patients }, (_, i) => i)
    const means = Array.from({ length: voxels }, (_, v) => people.reduce((sum, i) => sum + value(i, v), 0) / patients)
    const gram = people.map((i) =>
      people.map((j) => means.reduce((sum, own, v) => sum + (value(i, v) - own) * (value(j, v) - own), 0))
    )
    const { values, vectors } = symmetricEigen(gram)
    const order = [...values.keys()].sort((a, b) => values[b]! - values[a]!)
    const trace = values.reduce((sum, own) => sum + own, 0)
    for (const [k, { map, share }] of components.entries()) {
      assert.closeTo(share, values[order[k]!]! / trace, 1e-10)
      const expected = means.map(
        (own, v) =>
          people.reduce((sum, i) => sum + vectors[i]![order[k]!]! * (value(i, v) - own), 0) / Math.sqrt(patients - 1)
      )
      const largest = expected.reduce((most, own) => (Math.abs(own) > Math.abs(most) ? own : most), 0)
      // Maps are float32 of a size of 0.1.
      for (let v = 0; v < voxels; v++) assert.closeTo(map[v]!, Math.sign(largest) * expected[v]!, 1e-7)
    }
    for (let v = 0; v < voxels; v++) assert.closeTo(mean[v]!, means[v]!, 1e-7)
    for (const i of people) {
      const expected = means.reduce((sum, _, v) => sum + value(i, v), 0) / voxels
      assert.closeTo(patientMeans[i]!, expected, 1e-12)
    }
  })

  it("have the same bits for any number of workers", async () => {
    const source = nullCohort({ patients: 11, voxels: 13_000 })
    const one = await componentsOf(source, 11, 13_000, 1)
    assert.deepStrictEqual(await componentsOf(source, 11, 13_000, 3), one)
  })
})
