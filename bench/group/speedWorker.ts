/** A worker of `speed.ts`: its share of the voxels, tile after tile, all permutations of each. */
import { parentPort, workerData } from "node:worker_threads"
import { compileKernels } from "../../src/kernels/compileKernels.ts"
import { FastTile } from "../../src/kernels/group/FastTile.ts"
import { freedmanLane } from "../../src/kernels/group/freedmanLane.ts"
import { varianceGroups } from "../../src/kernels/group/gStatistic.ts"
import { tabulated } from "../../src/kernels/group/orderTable.ts"
import { residualTile } from "../../src/kernels/group/residualMaps.ts"
import { type SpeedTask, speedDesign } from "./speedDesign.ts"

const { voxels, tileVoxels, batch, table, maps, permutations: asked, unequal } = workerData as SpeedTask
const { basis, permutations, effect } = speedDesign(asked)
const { patients } = basis
const orders = tabulated(permutations, patients, new Uint16Array(table))
const { module } = await compileKernels({ arithmetic: "fast", vectors: "auto" })
const groups = unequal ? varianceGroups(basis, effect) : undefined
const fast = new FastTile(module, basis, { voxels: tileVoxels, permutations: batch, maps: false, groups })
const identity = Int32Array.from({ length: patients }, (_, i) => i)
const maxima = new Float64Array(permutations.count)
const values = new Float32Array(maps)
const spent = { residuals: 0, rows: 0, products: 0 }
const timed = <A>(name: keyof typeof spent, run: () => A): A => {
  const start = process.threadCpuUsage()
  const result = run()
  const { user, system } = process.threadCpuUsage(start)
  spent[name] += (user + system) / 1e6
  return result
}
parentPort!.postMessage("ready")
parentPort!.once("message", () => {
  for (let voxel = 0; voxel < voxels; voxel += tileVoxels) {
    const count = Math.min(tileVoxels, voxels - voxel)
    const t = timed("residuals", () => {
      const tile = residualTile(basis, { maps: values, rowVoxels: tileVoxels, firstVoxel: 0, voxels: count })
      const t = new Float64Array(count)
      freedmanLane(basis)(identity, tile, t)
      fast.load(tile)
      return t
    })
    const counts = new Uint32Array(count)
    for (let first = 0; first < permutations.count; first += batch) {
      timed("rows", () => fast.permute(orders, first, Math.min(batch, permutations.count - first)))
      timed("products", () => fast.count(t, { counts, maxima }))
    }
  }
  parentPort!.postMessage(spent)
})
