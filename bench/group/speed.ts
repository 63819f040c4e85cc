/**
 * Permutations a second of a contrast with its maxima, beside those of a NumPy program of the same algebra:
 * `node bench/group/speed.ts [permutations] [voxels]`, on one thread and on two. Fewer permutations than the 10,000 that a study takes
 * are scaled up.
 */
import { once } from "node:events"
import path from "node:path"
import { Worker } from "node:worker_threads"
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import { fillOrderTable, orderTableBytes } from "../../src/kernels/group/orderTable.ts"
import { capture, python } from "../measure.ts"
import { tryOpenBlas } from "../openblas.ts"
import { type SpeedTask, speedDesign } from "./speedDesign.ts"

const [permutationCount = 480, voxels = 228_000] = process.argv.slice(2).map(Number)
const [tileVoxels, batch] = [4096, 48]

const { basis, permutations } = speedDesign(permutationCount)
const table = new SharedArrayBuffer(orderTableBytes(permutations, basis.patients))
const start = performance.now()
fillOrderTable(permutations, { first: 0, end: permutations.count }, basis.patients, new Uint16Array(table))
const drawing = performance.now() - start
const maps = new SharedArrayBuffer(basis.patients * tileVoxels * 4)
new Xoshiro128(2, 0).fillGaussian(new Float32Array(maps))

const measure = async (threads: number, unequal: boolean) => {
  const task: SpeedTask = {
    voxels: Math.ceil(voxels / threads),
    tileVoxels,
    batch,
    unequal,
    permutations: permutationCount,
    table,
    maps
  }
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL("./speedWorker.ts", import.meta.url), { workerData: task })
  )
  await Promise.all(workers.map((worker) => once(worker, "message")))
  const start = performance.now()
  const finished = Promise.all(workers.map((worker) => once(worker, "message")))
  for (const worker of workers) worker.postMessage("go")
  const spent = await finished
  const seconds = (performance.now() - start) / 1000
  const most = (name: string) => Math.max(...spent.map(([times]) => times[name]))
  const [products, rows, residuals] = [most("products"), most("rows"), most("residuals")]
  const report = (kind: string, of: number) => {
    const each = of / permutationCount
    const all = residuals + 10_000 * each
    console.log(
      `${threads} threads, ${kind}: ${(1 / each).toFixed(0)} permutations a second, 10,000 in ${all.toFixed(1)} s`
    )
  }
  report("by the clock", seconds - residuals)
  report("by processor time, as on a quiet machine", products + rows)
  console.log(
    `  processor seconds of a thread: residuals ${residuals.toFixed(1)}, products ${products.toFixed(2)}, rows ${rows.toFixed(2)}`
  )
}

const openBlas = await tryOpenBlas(batch * 4, { time_points: basis.patients, voxels: tileVoxels })

/** The peer, with the fastest kernels of OpenBLAS. */
const measurePeer = async (threads: number) => {
  const script = path.join(import.meta.dirname, "../peers/contrast.py")
  const env = { ...openBlas.fastest.env, OPENBLAS_NUM_THREADS: "1" }
  const said = await capture([python, "-B", script, String(permutationCount), String(voxels), String(threads)], env)
  const { seconds, processor } = JSON.parse(said) as { seconds: number; processor: number }
  const each = [seconds, processor].map((time) => (permutationCount / time).toFixed(0))
  console.log(`${threads} threads, NumPy (${openBlas.fastest.core}): ${each[0]} a second, by processor time ${each[1]}`)
}

console.log(`drawing: ${((1000 * drawing) / permutationCount).toFixed(0)} µs a permutation`)
for (const threads of [1, 2]) {
  await measure(threads, false)
  await measurePeer(threads)
}
await measure(1, true)
process.exit()
