/** Processor time of TFCE and clusters of one permutation's map: `node bench/group/enhancement.ts`, on noise and on a smooth map. */
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import { clusterSizes } from "../../src/kernels/group/clusterSizes.ts"
import { growComponentTree, makeComponentTree } from "../../src/kernels/group/componentTree.ts"
import { faceNeighbours } from "../../src/kernels/group/faceNeighbours.ts"
import { enhanceClusters } from "../../src/kernels/group/tfce.ts"

/** A brain's grid at 2 mm, and an ellipsoid in it of about as many voxels as a brain mask has. */
const shape = [91, 109, 91] as const
const [nx, ny, nz] = shape
const radii = [35, 44, 35.4]
const elements = [...Array(nx * ny * nz).keys()].filter((e) => {
  const place = [e % nx, Math.floor(e / nx) % ny, Math.floor(e / (nx * ny))]
  return place.reduce((sum, value, axis) => sum + ((value - (shape[axis]! - 1) / 2) / radii[axis]!) ** 2, 0) <= 1
})
const neighbours = faceNeighbours(elements, shape)
const noise = new Float32Array(elements.length)
new Xoshiro128(1, 1).fillGaussian(noise)

/** The mean of a voxel and its neighbours, again and again, of unit variance. */
const smoothed = (rounds: number): Float32Array => {
  let values = Float32Array.from(noise)
  for (let round = 0; round < rounds; round++) {
    values = values.map((value, voxel) => {
      let sum = value
      for (let at = 6 * voxel; at < 6 * voxel + 6; at++) sum += neighbours[at]! < 0 ? 0 : values[neighbours[at]!]!
      return sum / 7
    })
  }
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
  return values.map((value) => value / deviation)
}

const tree = makeComponentTree(elements.length)
const enhanced = new Float64Array(elements.length)
const sizes = { extents: new Float64Array(elements.length), masses: new Float64Array(elements.length) }
const threshold = 3.34

/** Milliseconds of processor time of a call, the mean of many: the clock of processor time is coarse. */
const measure = (run: () => void): number => {
  const calls = 20
  const start = process.threadCpuUsage()
  for (let call = 0; call < calls; call++) run()
  const { user, system } = process.threadCpuUsage(start)
  return (user + system) / 1000 / calls
}

console.log(`${elements.length} voxels`)
for (const rounds of [0, 3, 20]) {
  const values = smoothed(rounds)
  const tfce = measure(() => enhanceClusters(values, tree, growComponentTree(values, neighbours, 0, tree), enhanced))
  const clusters = measure(() => {
    const count = growComponentTree(values, neighbours, threshold, tree)
    clusterSizes(values, tree, { count, threshold }, sizes)
  })
  console.log(`smoothed ${rounds} times: TFCE ${tfce.toFixed(1)} ms, clusters alone ${clusters.toFixed(1)} ms`)
}
