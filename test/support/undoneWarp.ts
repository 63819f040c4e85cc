/** The warp that undoes another, by fixed points on the grids of its own fields: a template's other way, as far as a made-up warp has one. */
import { apply, invert } from "../../src/imaging/affine.ts"
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { allSlices } from "../../src/runtime/allSlices.ts"
import { displacementStep, type Warp, warpPoints } from "../../src/warps/Warp.ts"
import { voxelAt } from "./tinyConnectome.ts"

export const undone = (warp: Warp): Warp =>
  [...warp].reverse().map((step) => {
    if (step.kind === "affine") return { kind: "affine", matrix: invert(step.matrix) }
    const displacements = new Float32Array(step.displacements.length)
    for (let v = 0; v < voxelsOf(step.grid); v++) {
      const [i, j, k] = voxelAt(step.grid, v)
      const target = apply(step.grid.affine, i!, j!, k!)
      const point = Float64Array.from(target)
      for (let turn = 0; turn < 30; turn++) {
        const moved = point.slice()
        warpPoints([step], moved)
        for (let axis = 0; axis < 3; axis++) point[axis]! += target[axis]! - moved[axis]!
      }
      for (let axis = 0; axis < 3; axis++) displacements[3 * v + axis] = point[axis]! - target[axis]!
    }
    return allSlices(displacementStep(step.grid, displacements))
  })
