/**
 * Speed of the WebAssembly kernels on one core, for the headline shape: 96 lesions, 120 time points, 50,000 voxels.
 *
 *     node bench/kernels/kernels.ts [rounds]
 */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { measurePeaks, peakInWords, widthsInWords } from "../peak/peaks.ts"
import { textTable } from "../report.ts"
import { measureKernels } from "./measureKernels.ts"

const rounds = Number(process.argv[2] ?? 200)
const folder = await mkdtemp(path.join(tmpdir(), "lnm-kernels-"))
try {
  const peaks = await measurePeaks(folder, 1)
  const [run] = await measureKernels(peaks, 1, rounds)
  const { peak, kernels } = run!
  console.log(`peak of float32 multiply-adds, one core (${peaks.measuredBy}): ${peakInWords(peak)} GFLOP/s\n`)
  const columns = ["kernel", "vectors", "ms a subject", "least to most", "GFLOP/s", `% of peak, ${widthsInWords(peak)}`]
  const rows = kernels.map(({ name, vectors, milliseconds, spread, rate, shares }) => [
    name,
    String(vectors),
    milliseconds.toFixed(2),
    spread,
    rate?.toFixed(1) ?? "",
    shares === undefined ? "" : Object.values(shares).map(Math.round).join(" / ")
  ])
  console.log(textTable(columns, rows))
} finally {
  await rm(folder, { recursive: true })
}
