/** The kernels' share of the peak of 128-bit multiply-adds: on one core alone, and on all cores at once. */
import path from "node:path"
import type { Bench } from "../competitors.ts"
import { capture } from "../measure.ts"
import type { Section } from "../report.ts"

const script = path.join(import.meta.dirname, "..", "kernels", "kernels.ts")

/** Product, Fisher z and sums on a tile that is in the cache; with packing it is the last. */
const productAndSums = "fast: correlateAndReduce (cached tile)"

interface Kernel {
  readonly name: string
  readonly milliseconds: number
  /** GFLOP/s and percent of the peak, where the kernel does the product. */
  readonly rate: number | undefined
  readonly share: number | undefined
}

const runKernels = async (rounds: number): Promise<{ peak: number; kernels: ReadonlyArray<Kernel> }> => {
  const said = await capture([process.execPath, script, String(rounds)])
  const peak = /multiply-adds: ([\d.]+) GFLOP/.exec(said)?.[1]
  const line = /^(\w+: .+?) {2,}([\d.]+) ms a subject \([\d.]+\)(?: +([\d.]+) GFLOP\/s, (\d+) % of peak)?/gm
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text))
  const kernels = [...said.matchAll(line)].map(([, name, milliseconds, rate, share]): Kernel => {
    return { name: name!, milliseconds: Number(milliseconds), rate: number(rate), share: number(share) }
  })
  if (peak === undefined || !kernels.some(({ name }) => name === productAndSums)) {
    throw new Error(`bench/kernels/kernels.ts says something that is not understood:\n${said}`)
  }
  return { peak: Number(peak), kernels }
}

export const kernels = async (bench: Bench): Promise<Section> => {
  const rounds = bench.workload.name === "full" ? 200 : 10
  bench.log("kernels on one core, then on all at once")
  const alone = await runKernels(rounds)
  const together = await Promise.all(Array.from({ length: bench.cores }, () => runKernels(rounds)))
  const worstShare = (name: string): number | undefined => {
    const shares = together.map((one) => one.kernels.find((kernel) => kernel.name === name)?.share)
    return shares.includes(undefined) ? undefined : Math.min(...(shares as Array<number>))
  }
  const percent = (share: number | undefined) => (share === undefined ? "" : `${share} %`)
  return {
    title: "Kernels on one core",
    columns: ["kernel", "ms a subject", "GFLOP/s", "of the peak", `of the peak, ${bench.cores} cores at once`],
    rows: alone.kernels.map(({ name, milliseconds, rate, share }) => [
      name,
      milliseconds.toFixed(2),
      rate?.toFixed(1) ?? "",
      percent(share),
      percent(worstShare(name))
    ]),
    notes: [
      `Peak of 128-bit multiply-adds: ${alone.peak.toFixed(1)} GFLOP/s on one core, ` +
        `${together.map(({ peak }) => peak.toFixed(1)).join(" and ")} with all at once. ` +
        "96 lesions, 120 time points, 50,000 voxels."
    ],
    targets: [
      {
        what: "product, Fisher z and sums: share of the 128-bit peak, each core, all at once",
        measured: worstShare(productAndSums)!,
        bound: "at least",
        required: 70,
        aim: 85,
        unit: " %",
        digits: 0
      }
    ],
    raw: { alone, together }
  }
}
