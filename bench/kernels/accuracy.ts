/**
 * Accuracy of the WebAssembly kernels against float64: the largest error of one subject's r, by length of the time series
 * and size of |r|, and the largest relative error of z.
 *
 * r is read back from sum_z of a single subject, which adds the error of z; raw BOLD has a mean of 10,000.
 *
 *     node bench/kernels/accuracy.ts
 */

import { compileKernels } from "../../src/kernels/compileKernels.ts"
import { fractionBits, fromFixed, roundingBits } from "../../src/kernels/fixedPoint.ts"
import { instantiateKernels, makeKernelMemory } from "../../src/kernels/kernelInstances.ts"
import { type Arithmetic, fusedScratchBytes, RESERVED_BYTES, type WasmKernels } from "../../src/kernels/WasmKernels.ts"
import { column, correlation, fisherZ, standardised } from "../../test/kernels/assembly/oracle.ts"
import { rawSubject, seeded, sumIndex } from "../../test/kernels/assembly/workbench.ts"

const lesions = 96
const blocks = lesions / 6
const voxels = 512
const tilePanels = 16
const memory = makeKernelMemory(64 * 2 ** 20)

/** z of a single subject, from its sum. */
const zOf = (sum: bigint): number => fromFixed(sum - roundingBits, fractionBits)

const reportCorrelation = (kernels: WasmKernels, arithmetic: Arithmetic, timePoints: number): void => {
  const raw = rawSubject(seeded(timePoints), timePoints, voxels)
  let end = RESERVED_BYTES
  const place = (bytes: number): number => {
    const at = end
    end += Math.ceil(bytes / 128) * 128
    return at
  }
  const rawAt = place(raw.byteLength)
  const seriesAt = place(lesions * timePoints * 8)
  const seedsAt = place(lesions * timePoints * 4)
  const sumsAt = place(voxels * lesions * 16)
  const countsAt = place(lesions * 4)
  const scratchAt = place(fusedScratchBytes(1, timePoints, tilePanels))
  const sums = new BigInt64Array(memory.buffer, sumsAt, voxels * lesions * 2).fill(0n)
  new Float32Array(memory.buffer, rawAt, raw.length).set(raw)
  const seeds = Array.from({ length: lesions }, (_, l) => column(raw, timePoints, voxels, 5 * l))
  new Float64Array(memory.buffer, seriesAt, lesions * timePoints).set(seeds.flatMap((seed) => Array.from(seed)))
  kernels.packSeeds(seriesAt, lesions, timePoints, seedsAt, countsAt)
  kernels.fusedTile(
    rawAt,
    1,
    timePoints,
    voxels,
    0,
    voxels / 8,
    tilePanels,
    seedsAt,
    lesions,
    sumsAt,
    countsAt,
    scratchAt,
    0,
    0
  )
  const x = Array.from({ length: voxels }, (_, v) => standardised(column(raw, timePoints, voxels, v)))
  const y = seeds.map(standardised)
  const worst = [0, 0, 0, 0]
  for (let l = 0; l < lesions; l++) {
    for (let v = 0; v < voxels; v++) {
      const r = correlation(y[l], x[v])
      const bin = Math.min(3, Math.floor(4 * Math.abs(r)))
      worst[bin] = Math.max(worst[bin]!, Math.abs(Math.tanh(zOf(sums[sumIndex(blocks, l, v)]!)) - r))
    }
  }
  const shown = worst.map((error) => error.toExponential(1)).join("  ")
  console.log(`${arithmetic}, T = ${timePoints}: largest |Δr| for |r| in quarters of [0, 1]: ${shown}`)
}

const reportFisherZ = (kernels: WasmKernels, arithmetic: Arithmetic): void => {
  const count = 2 ** 20
  const [panels, seeds, sums, scratch] = [RESERVED_BYTES, 2 ** 23, 2 ** 23 + 128, 2 ** 23 + 2048]
  const r = new Float32Array(memory.buffer, panels, 8)
  const z = new BigInt64Array(memory.buffer, sums, 96)
  new Float32Array(memory.buffer, seeds, 6).set([1, 0, 0, 0, 0, 0])
  let worst = 0
  let worstR = 0
  for (let i = 0; i < count; i += 8) {
    for (let lane = 0; lane < 8; lane++) r[lane] = (i + lane + 1) / count
    z.fill(0n)
    kernels.correlateAndReduce(panels, 1, seeds, 1, 1, sums, scratch)
    for (let lane = 0; lane < 8; lane++) {
      const error = Math.abs(zOf(z[lane]!) / fisherZ(r[lane]!) - 1)
      if (error > worst) [worst, worstR] = [error, r[lane]!]
    }
  }
  console.log(`${arithmetic}: largest relative error of z: ${worst.toExponential(2)}, at r = ${worstR.toFixed(6)}`)
}

for (const asked of ["fast", "strict"] as const) {
  const { module, arithmetic } = await compileKernels({ arithmetic: asked, vectors: "auto" })
  const kernels = instantiateKernels(module, memory)
  for (const timePoints of [60, 120, 240, 1_200]) reportCorrelation(kernels, arithmetic, timePoints)
  reportFisherZ(kernels, arithmetic)
}
