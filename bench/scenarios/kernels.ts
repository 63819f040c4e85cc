/** The kernels' share of the processor's peak at each width of vectors: on one core alone, and on all cores at once. */
import type { VectorBits } from "../../src/kernels/WasmKernels.ts"
import type { Bench } from "../competitors.ts"
import { type Kernel, type KernelRun, measureKernels } from "../kernels/measureKernels.ts"
import { type Peak, peakInWords, type Width, widthsInWords } from "../peak/peaks.ts"
import type { Section, Target } from "../report.ts"

/** Product, Fisher z and exact sums on a tile that is in the cache; with packing it is the last. */
const productAndSums = "correlateAndReduce (cached tile)"
const productAlone = "fast: product alone (cached tile)"

const kernelIn = ({ kernels }: KernelRun, name: string, vectors: VectorBits): Kernel =>
  kernels.find((kernel) => kernel.name === name && kernel.vectors === vectors)!

const sharesInWords = (shares: Peak | undefined): string =>
  shares === undefined
    ? ""
    : `${Object.values(shares)
        .map((share) => share.toFixed(0))
        .join(" / ")} %`

/** The lowest share of any core, at each width. */
const lowestShares = (runs: ReadonlyArray<KernelRun>, { name, vectors }: Kernel): Peak | undefined => {
  const all = runs.map((run) => kernelIn(run, name, vectors).shares).filter((shares) => shares !== undefined)
  if (all.length === 0) return undefined
  const widths = Object.keys(all[0]!).map(Number) as ReadonlyArray<Width>
  return Object.fromEntries(widths.map((each) => [each, Math.min(...all.map((shares) => shares[each]!))]))
}

/** Shares of the 256-bit peak, where the kernels have such vectors and the peak is known. */
const wideTargets = (alone: KernelRun): ReadonlyArray<Target> => {
  if (alone.peak[256] === undefined || alone.kernels.every(({ vectors }) => vectors !== 256)) return []
  const [product, fast, strict] = [
    kernelIn(alone, productAlone, 256),
    kernelIn(alone, `fast: ${productAndSums}`, 256),
    kernelIn(alone, `strict: ${productAndSums}`, 256)
  ]
  const share = { bound: "at least", unit: " %", digits: 0 } as const
  return [
    {
      ...share,
      what: "product alone, 256 bits: share of the 256-bit peak, one core",
      measured: product.shares![256]!,
      required: 80,
      ofPeak: sharesInWords(product.shares)
    },
    {
      ...share,
      what: "product, Fisher z and sums, 256 bits: share of the 256-bit peak, one core",
      measured: fast.shares![256]!,
      required: 65,
      aim: 75,
      ofPeak: sharesInWords(fast.shares)
    },
    {
      what: "the same in strict arithmetic: what it takes longer",
      measured: 100 * (strict.milliseconds / fast.milliseconds - 1),
      bound: "at most",
      required: 25,
      unit: " %",
      digits: 0,
      ofPeak: sharesInWords(strict.shares)
    }
  ]
}

export const kernels = async (bench: Bench): Promise<Section> => {
  const { peaks, cores, workload } = bench
  bench.log("kernels on one core, then on all at once")
  const [alone] = await measureKernels(peaks, 1, workload.rounds)
  const together = await measureKernels(peaks, cores, workload.rounds)
  const narrow = kernelIn(alone!, `fast: ${productAndSums}`, 128)
  const narrowTogether = lowestShares(together, narrow)!
  const of = `of the peak, ${widthsInWords(alone!.peak)}`
  return {
    title: "Kernels on one core",
    columns: ["kernel", "vectors", "ms a subject", "least to most", "GFLOP/s", of, `the same, ${cores} cores at once`],
    rows: alone!.kernels.map((kernel) => [
      kernel.name,
      `${kernel.vectors} bits`,
      kernel.milliseconds.toFixed(2),
      kernel.spread,
      kernel.rate?.toFixed(1) ?? "",
      sharesInWords(kernel.shares),
      sharesInWords(lowestShares(together, kernel))
    ]),
    notes: [
      `Medians of ${workload.rounds} rounds, in which the widths and the peak take turns; with all cores at once the lowest core. ` +
        "96 lesions, 120 time points, 50,000 voxels.",
      `Peak of float32 multiply-adds (${peaks.measuredBy}): ${peakInWords(alone!.peak)} GFLOP/s on one core; ` +
        `with all at once ${together.map(({ peak }) => peakInWords(peak)).join("; ")}.`
    ],
    targets: [
      ...wideTargets(alone!),
      {
        what: "product, Fisher z and sums, 128 bits: share of the 128-bit peak, each core, all at once",
        measured: narrowTogether[128]!,
        bound: "at least",
        required: 70,
        aim: 85,
        unit: " %",
        digits: 0,
        ofPeak: sharesInWords(narrowTogether)
      }
    ],
    raw: { alone, together }
  }
}
