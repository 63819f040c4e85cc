import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { findComponents, makeComponentMemory } from "../../src/kernels/connectedComponents.ts"
import { localMaxima, peaksApart } from "../../src/kernels/localMaxima.ts"

const shape = [5, 4, 3] as const
const voxels = 60

const around = (element: number): ReadonlyArray<number> => {
  const [nx, ny, nz] = shape
  const [i, j, k] = [element % nx, Math.floor(element / nx) % ny, Math.floor(element / (nx * ny))]
  const steps = [-1, 0, 1]
  return steps.flatMap((dk) =>
    steps.flatMap((dj) =>
      steps.flatMap((di) => {
        const [x, y, z] = [i + di, j + dj, k + dk]
        const inside = x >= 0 && x < nx && y >= 0 && y < ny && z >= 0 && z < nz
        return inside && (di !== 0 || dj !== 0 || dk !== 0) ? [x + nx * (y + ny * z)] : []
      })
    )
  )
}

describe("localMaxima", () => {
  it("lists the voxels that no voxel around them in the same cluster surpasses", () => {
    const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: voxels, maxLength: voxels })
    fc.assert(
      fc.property(values, fc.boolean(), (stored, all) => {
        const map = Float32Array.from(stored)
        const memory = makeComponentMemory(voxels)
        const { count } = findComponents(map, shape, 3, memory)
        const wanted = Uint8Array.from({ length: count + 1 }, (_, cluster) => (all || cluster % 2 === 1 ? 1 : 0))
        const into = new Int32Array(voxels)
        const found = [...into.subarray(0, localMaxima(map, memory.labels, shape, wanted, into))]
        const surpasses = (other: number, element: number) => {
          const [a, b] = [Math.abs(map[other]!), Math.abs(map[element]!)]
          return memory.labels[other] === memory.labels[element] && (a > b || (a === b && other < element))
        }
        const expected = Array.from({ length: voxels }, (_, element) => element).filter(
          (element) =>
            memory.labels[element] !== 0 &&
            wanted[Math.abs(memory.labels[element]!)] === 1 &&
            !around(element).some((other) => surpasses(other, element))
        )
        assert.deepStrictEqual(found, expected)
      }),
      { seed: 5, numRuns: 300 }
    )
  })
})

describe("peaksApart", () => {
  it("takes the strongest first, and none nearer than the distance to the first peak or another that is taken", () => {
    const candidate = fc.tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 }))
    )
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 20 }), fc.integer({ min: 0, max: 4 }), (candidates, most) => {
        const strengths = Float64Array.from(candidates, ([strength]) => strength)
        const positions = Float64Array.from(candidates.flatMap(([, position]) => position))
        const first = [10, 10, 10] as const
        const taken = [first as readonly number[]]
        const expected: Array<number> = []
        const order = candidates.map((_, n) => n).sort((a, b) => strengths[b]! - strengths[a]! || a - b)
        for (const n of order) {
          const position = candidates[n]![1]
          const isApart = taken.every((other) => Math.hypot(...position.map((x, axis) => x - other[axis]!)) >= 8)
          if (!isApart || expected.length === most) continue
          taken.push(position)
          expected.push(n)
        }
        assert.deepStrictEqual(peaksApart(strengths, positions, first, 8, most), expected)
      }),
      { seed: 6, numRuns: 300 }
    )
  })
})
