/** The machine and the software that measurements were made with, in words. */
import { cpus, totalmem } from "node:os"
import { capture, python } from "./measure.ts"
import type { OpenBlas } from "./openblas.ts"
import type { Results } from "./report.ts"

export const describeMachine = async (openBlas: OpenBlas): Promise<Results["machine"]> => {
  const versions = "import platform, h5py; print(platform.python_version(), h5py.__version__)"
  const [pythonVersion, h5py] = (await capture([python, "-c", versions])).trim().split(" ")
  const { byItself } = openBlas
  return [
    ["processor", cpus()[0]?.model.trim() ?? "unknown"],
    ["cores", String(cpus().length)],
    ["memory", `${Math.round(totalmem() / 2 ** 30)} GiB`],
    ["system", `${process.platform} ${process.arch}`],
    ["Node", `${process.versions.node}, V8 ${process.versions.v8}`],
    ["Python", `${pythonVersion}, NumPy ${openBlas.numpy}, h5py ${h5py}`],
    [
      "OpenBLAS",
      `${openBlas.core} kernels, the fastest that run here (${openBlas.milliseconds.toFixed(1)} ms for one subject's ` +
        `product); by itself it chooses ${byItself.core} (${byItself.milliseconds.toFixed(1)} ms)`
    ]
  ]
}
