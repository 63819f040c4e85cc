/** A worker of contrasts: residuals of a tile, the observed statistic, and all permutations of it. */
import { parentPort, workerData } from "node:worker_threads"
import { FastTile } from "../../kernels/group/FastTile.ts"
import { freedmanLane } from "../../kernels/group/freedmanLane.ts"
import { isFloat32Enough } from "../../kernels/group/groupPolicy.ts"
import { gStatistic } from "../../kernels/group/gStatistic.ts"
import { tabulated } from "../../kernels/group/orderTable.ts"
import { countPermutations } from "../../kernels/group/permutationCounts.ts"
import { observedEffect, residualTile } from "../../kernels/group/residualMaps.ts"
import type { Reply } from "../../runtime/WorkerPool.ts"
import type { ContrastStart, ContrastTask, ContrastTileDone } from "./ContrastTask.ts"
import { batchPermutations } from "./contrastSizes.ts"

const { module, maps, rowVoxels } = workerData as ContrastStart

const perform = ({ contrast, firstVoxel, voxels }: ContrastTask): ContrastTileDone => {
  const { basis, variance, ranks, kept, table } = contrast
  const { patients } = basis
  const own = new Float32Array(patients * voxels)
  for (let n = 0; n < patients; n++) {
    const from = kept[n]! * rowVoxels + firstVoxel
    own.set(maps.subarray(from, from + voxels), n * voxels)
  }
  const tile = residualTile(basis, { maps: own, rowVoxels: voxels, firstVoxel: 0, voxels }, ranks)
  const permutations = tabulated(contrast.permutations, patients, table)
  const floats = () => new Float64Array(voxels)
  const found = {
    statistic: floats(),
    beta: floats(),
    correlation: floats(),
    counts: new Uint32Array(voxels),
    maxima: new Float64Array(permutations.count)
  }
  observedEffect(basis, tile, found)
  const statistic = variance === undefined ? freedmanLane(basis) : gStatistic(basis, variance)
  statistic(
    Int32Array.from({ length: patients }, (_, n) => n),
    tile,
    found.statistic
  )
  if (!isFloat32Enough(basis, variance?.degrees)) {
    const all = { permutations, first: 0, end: permutations.count }
    countPermutations(statistic, tile, found.statistic, all, found)
    return found
  }
  const fast = new FastTile(module, basis, { voxels, permutations: batchPermutations, maps: false, groups: variance })
  fast.load(tile)
  for (let first = 0; first < permutations.count; first += batchPermutations) {
    fast.permute(permutations, first, Math.min(batchPermutations, permutations.count - first))
    fast.count(found.statistic, found)
  }
  return found
}

const reply = (task: ContrastTask): Reply<ContrastTileDone> => {
  try {
    return { ok: true, done: perform(task) }
  } catch (cause) {
    const { message, stack } = cause as Error
    return { ok: false, error: { message, stack } }
  }
}

parentPort!.on("message", (task: ContrastTask) => parentPort!.postMessage(reply(task)))
