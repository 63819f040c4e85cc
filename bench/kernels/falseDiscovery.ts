/**
 * What p and its adjustment for the false discovery rate take for one lesion of 300,000 voxels and 1,000 subjects.
 *
 *     node bench/kernels/falseDiscovery.ts
 */
import { benjaminiHochberg } from "../../src/kernels/benjaminiHochberg.ts"
import { makeTwoTailedP } from "../../src/kernels/studentT.ts"
import { median } from "../median.ts"

const voxels = 300_000
const degreesOfFreedom = 999
const repetitions = 15

/** From |t| near 0 to 40, where p is 1e-209: as the maps of a strong network have it. */
const t = Float64Array.from({ length: voxels }, (_, v) => 40 * Math.sin(v * 0.618) ** 3)
const p = new Float64Array(voxels)
const adjusted = new Float64Array(voxels)
const [keys, order] = [new Float64Array(voxels), new Uint32Array(2 * voxels)]

const measure = (work: () => void): string => {
  work()
  const milliseconds = Array.from({ length: repetitions }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return `${median(milliseconds).toFixed(0)} ms (${Math.min(...milliseconds).toFixed(0)} to ${Math.max(...milliseconds).toFixed(0)})`
}

const twoTailedP = makeTwoTailedP(degreesOfFreedom)
const ofT = measure(() => {
  for (let v = 0; v < voxels; v++) p[v] = twoTailedP(t[v]!)
})
const ofAdjustment = measure(() => benjaminiHochberg(p, adjusted, keys, order))
console.log(`p of t: ${ofT}\nBenjamini-Hochberg: ${ofAdjustment}   of ${voxels} voxels, median of ${repetitions}`)
