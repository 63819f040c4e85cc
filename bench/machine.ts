/** The machine and the software that measurements were made with, in words. */
import { cpus, totalmem } from "node:os"
import { capture, python } from "./measure.ts"
import type { OpenBlas } from "./openblas.ts"
import { type Peaks, peakInWords } from "./peak/peaks.ts"
import type { Results } from "./report.ts"

export const describeMachine = async (openBlas: OpenBlas, peaks: Peaks): Promise<Results["machine"]> => {
  const versions = "import platform, h5py; print(platform.python_version(), h5py.__version__)"
  const [pythonVersion, h5py] = (await capture([python, "-c", versions])).trim().split(" ")
  const { fastest, byItself, tried } = openBlas
  const times = tried.map(({ core, milliseconds }) => `${core} ${milliseconds.toFixed(1)}`).join(", ")
  return [
    ["processor", cpus()[0]?.model.trim() ?? "unknown"],
    ["cores", String(cpus().length)],
    ["memory", `${Math.round(totalmem() / 2 ** 30)} GiB`],
    ["system", `${process.platform} ${process.arch}`],
    ["Node", `${process.versions.node}, V8 ${process.versions.v8}`],
    ["Python", `${pythonVersion}, NumPy ${openBlas.numpy}, h5py ${h5py}`],
    [
      "OpenBLAS",
      `${fastest.core} kernels (one subject's product, ms: ${times}); by itself it chooses ${byItself.core}`
    ],
    ["peak", `${peakInWords(peaks.oneCore)} GFLOP/s, one core; measured by ${peaks.measuredBy}`],
    ["peak, all cores", `${peakInWords(peaks.allCores)} GFLOP/s`]
  ]
}

/** What tells a machine from another: without the lines whose numbers differ from run to run. */
export const hardwareOf = (machine: Results["machine"]): Results["machine"] =>
  machine.filter(([what]) => what !== "OpenBLAS" && !what.startsWith("peak"))
