import { assert, describe, it } from "@effect/vitest"
import { demoSpace, elementOf, makeDemoBrain, sideOf, volumeOf, voxelMm } from "../../src/demo/DemoBrain.ts"
import { demoLesions, lesionMask } from "../../src/demo/DemoLesion.ts"
import { networkNames } from "../../src/demo/Network.ts"
import { resampleNearest } from "../../src/imaging/resampleNearest.ts"

const brain = makeDemoBrain(1)
const labels = volumeOf(brain, brain.network)
const [nx, ny, nz] = brain.grid.shape

/** Label at voxel (i, j, k): 0 outside of the brain. */
const labelAt = (i: number, j: number, k: number): number => labels[elementOf(brain.grid.shape, i, j, k)]!

describe("the demo's brain", () => {
  it("has its voxels on the 2 mm grid of its space, in the order of numpy.nonzero", () => {
    assert.strictEqual(demoSpace, "MNI152NLin6Asym")
    assert.deepStrictEqual([nx, ny, nz], [91, 109, 91])
    assert.isAtLeast(brain.voxels, 12_000)
    const found: Array<number> = []
    for (let i = 0; i < nx; i++) {
      for (let j = 0; j < ny; j++) {
        for (let k = 0; k < nz; k++) if (labelAt(i, j, k) > 0) found.push(elementOf(brain.grid.shape, i, j, k))
      }
    }
    assert.deepStrictEqual(found, Array.from(brain.gridIndex))
  })

  it("is the same on the left and on the right", () => {
    for (let voxel = 0; voxel < brain.voxels; voxel++) {
      const [i, j, k] = [0, 1, 2].map((axis) => brain.maskIndices[axis * brain.voxels + voxel]!) as [
        number,
        number,
        number
      ]
      assert.strictEqual(labelAt(nx - 1 - i, j, k), brain.network[voxel])
    }
  })

  it("leaves out the fissure between the hemispheres and the ventricles", () => {
    const midline = (nx - 1) / 2
    for (let j = 0; j < ny; j++) {
      for (let k = 0; k < nz; k++) {
        for (const i of [midline - 1, midline, midline + 1]) assert.strictEqual(labelAt(i, j, k), 0)
      }
    }
    const ventricleMm: ReadonlyArray<readonly [number, number, number]> = [
      [8, -2, 14],
      [-8, 10, 14],
      [8, -16, 16]
    ]
    for (const [x, y, z] of ventricleMm) assert.strictEqual(labelAt((90 - x) / 2, (y + 126) / 2, (z + 72) / 2), 0)
  })

  it("has every network on both sides, left being where x is negative", () => {
    for (const label of networkNames.keys()) {
      for (const side of ["left", "right"] as const) {
        const voxels = brain.network.filter((of, voxel) => of === label + 1 && sideOf(brain, voxel) === side)
        assert.isAtLeast(voxels.length, 500, `${networkNames[label]} ${side}`)
      }
    }
    for (let voxel = 0; voxel < brain.voxels; voxel += 97) {
      assert.strictEqual(sideOf(brain, voxel), voxelMm(brain, voxel)[0] < 0 ? "left" : "right")
    }
  })
})

describe("the demo's lesions", () => {
  for (const lesion of demoLesions) {
    it(`${lesion.participant} lies in the ${lesion.side} ${lesion.network} network`, () => {
      const mask = lesionMask(brain, lesion)
      const inConnectome = new Uint8Array(brain.voxels)
      resampleNearest({ target: brain.grid, gridIndex: brain.gridIndex, source: lesion.grid, mask }, inConnectome)
      const voxels = Array.from(inConnectome.keys()).filter((voxel) => inConnectome[voxel] === 1)
      assert.isAtLeast(voxels.length, 50)
      assert.isAtMost(voxels.length, 300)
      for (const voxel of voxels) {
        assert.strictEqual(networkNames[brain.network[voxel]! - 1], lesion.network)
        assert.strictEqual(sideOf(brain, voxel), lesion.side)
      }
      if (lesion.grid === brain.grid) {
        const outside = mask.reduce((sum, value) => sum + value, 0) - voxels.length
        assert.strictEqual(outside > 0, lesion.reachesOut)
      }
    })
  }

  it("lie in six different networks, on both sides, one on a 1 mm grid and one reaching out of the brain", () => {
    assert.strictEqual(new Set(demoLesions.map(({ network }) => network)).size, 6)
    assert.strictEqual(new Set(demoLesions.map(({ side }) => side)).size, 2)
    assert.strictEqual(demoLesions.filter(({ grid }) => grid.shape[0] === 182).length, 1)
    assert.strictEqual(demoLesions.filter(({ reachesOut }) => reachesOut).length, 1)
  })
})
