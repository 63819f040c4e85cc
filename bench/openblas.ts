/**
 * Which OpenBLAS kernels the peers run with: the fastest that this CPU can run, found by trying, and those of 256 bits (Haswell).
 * Left to itself OpenBLAS may choose kernels many times slower, where it does not know the CPU; a comparison with those would be
 * worth nothing.
 */
import path from "node:path"
import { CommandFailed, capture, python } from "./measure.ts"
import type { DataParameters } from "./workload.ts"

export interface CoreType {
  /** The kernels, as OpenBLAS calls them. */
  readonly core: string
  /** One subject's product, with all cores. */
  readonly milliseconds: number
  /** Environment that makes a Python process run with these kernels. */
  readonly env: NodeJS.ProcessEnv
}

export interface OpenBlas {
  readonly numpy: string
  readonly fastest: CoreType
  /** What OpenBLAS chooses by itself. */
  readonly byItself: CoreType
  /** Undefined where they cannot be had: not on this CPU, or NumPy has another BLAS. */
  readonly haswell: CoreType | undefined
  /** All that run here, each once. */
  readonly tried: ReadonlyArray<CoreType>
}

/** Values of OPENBLAS_CORETYPE, x86-64. Those that a CPU or a release lacks fail or repeat. */
const coreTypes = ["HASWELL", "ZEN", "SKYLAKEX", "COOPERLAKE", "SAPPHIRERAPIDS"]

const with512Bits: ReadonlySet<string> = new Set(["SkylakeX", "Cooperlake", "SapphireRapids"])

/** Whether kernels have vectors of 512 bits. */
export const has512Bits = ({ core }: CoreType): boolean => with512Bits.has(core)

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

const tryCoreType = async (coreType: string | undefined, shape: ReadonlyArray<number>) => {
  const env = envWith(coreType)
  const script = path.join(import.meta.dirname, "peers", "openblas.py")
  const said = await capture([python, "-B", script, ...shape.map(String)], env).catch((error: unknown) => {
    // A CPU that lacks the instructions ends the process; the choice by itself must work.
    if (coreType !== undefined && error instanceof CommandFailed) return undefined
    throw error
  })
  if (said === undefined) return undefined
  return { ...(JSON.parse(said) as { core: string; milliseconds: number; numpy: string }), env }
}

export const tryOpenBlas = async (
  lesions: number,
  { time_points, voxels }: Pick<DataParameters, "time_points" | "voxels">
): Promise<OpenBlas> => {
  const byCore = new Map<string, CoreType>()
  const byItself = (await tryCoreType(undefined, [lesions, time_points, voxels]))!
  byCore.set(byItself.core, byItself)
  for (const coreType of coreTypes) {
    const found = await tryCoreType(coreType, [lesions, time_points, voxels])
    const before = found && byCore.get(found.core)
    if (found !== undefined && !(before && before.milliseconds < found.milliseconds)) byCore.set(found.core, found)
  }
  const tried = [...byCore.values()].toSorted((a, b) => a.milliseconds - b.milliseconds)
  return { numpy: byItself.numpy, fastest: tried[0]!, byItself, haswell: byCore.get("Haswell"), tried }
}
