/**
 * Which OpenBLAS kernels the peers run with: the fastest that this CPU can run, found by trying. Left to itself OpenBLAS
 * may choose kernels many times slower, where it does not know the CPU; a comparison with those would be worth nothing.
 */
import path from "node:path"
import { CommandFailed, capture, python } from "./measure.ts"
import type { Workload } from "./workload.ts"

export interface OpenBlas {
  /** The kernels, as OpenBLAS calls them. */
  readonly core: string
  readonly numpy: string
  /** Milliseconds of one subject's product, with all cores. */
  readonly milliseconds: number
  /** What OpenBLAS chooses by itself. */
  readonly byItself: { readonly core: string; readonly milliseconds: number }
  /** Environment that makes a Python process run with these kernels. */
  readonly env: NodeJS.ProcessEnv
}

/** Values of OPENBLAS_CORETYPE, x86-64; undefined: OpenBLAS chooses. Those that a CPU or a release lacks fail or repeat. */
const coreTypes = [undefined, "HASWELL", "ZEN", "SKYLAKEX", "COOPERLAKE", "SAPPHIRERAPIDS"]

/** Variables that might slow the peers down. */
const overrides = [
  "OPENBLAS_CORETYPE",
  "OPENBLAS_L2_SIZE",
  "OPENBLAS_NUM_THREADS",
  "GOTO_NUM_THREADS",
  "OMP_NUM_THREADS"
]

const envWith = (coreType: string | undefined): NodeJS.ProcessEnv => {
  const env = { ...process.env }
  for (const name of overrides) delete env[name]
  return coreType === undefined ? env : { ...env, OPENBLAS_CORETYPE: coreType }
}

export const fastestOpenBlas = async ({ lesions, timePoints, voxels }: Workload): Promise<OpenBlas> => {
  const script = path.join(import.meta.dirname, "peers", "openblas.py")
  const tried: Array<Omit<OpenBlas, "byItself">> = []
  for (const coreType of coreTypes) {
    const env = envWith(coreType)
    const command = [python, "-B", script, ...[lesions, timePoints, voxels].map(String)]
    const said = await capture(command, env).catch((error: unknown) => {
      // A CPU that lacks the instructions ends the process; the choice by itself must work.
      if (coreType !== undefined && error instanceof CommandFailed) return undefined
      throw error
    })
    if (said !== undefined) tried.push({ ...(JSON.parse(said) as Omit<OpenBlas, "env" | "byItself">), env })
  }
  const [byItself] = tried
  const fastest = tried.reduce((best, next) => (next.milliseconds < best.milliseconds ? next : best))
  return { ...fastest, byItself: { core: byItself!.core, milliseconds: byItself!.milliseconds } }
}
