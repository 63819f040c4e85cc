/**
 * The memory that a run may take on this machine: the least of what is free, of what each control group that the process is in has
 * left, and of what Slurm has granted. Node itself looks only at the innermost group, whose limit is often none of its own.
 */
import { freemem } from "node:os"
import { Effect } from "effect"
import { type ControlGroup, controlGroupsOf, numberIn, type ReadText, readSystemFile } from "./controlGroups.ts"
import { slurmMemoryBytes } from "./slurmJob.ts"

/** What tells of a machine's memory. */
export interface MemoryFacts {
  readonly freeBytes: number
  readonly read: ReadText
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Bytes that this machine, the control groups that the process is in, and its job have free. */
export const freeMemoryBytes = Effect.sync(() =>
  freeMemoryOf({ freeBytes: freemem(), read: readSystemFile, environment: process.env })
)

export const freeMemoryOf = ({ freeBytes, read, environment }: MemoryFacts): number =>
  Math.min(
    freeBytes,
    slurmMemoryBytes(environment),
    ...controlGroupsOf(read, "memory").map((group) => freeIn(group, read))
  )

/** Infinity where a group has no limit. Of version 1, a limit that is larger than any machine means none. */
const freeIn = ({ version, folder }: ControlGroup, read: ReadText): number => {
  const bytesIn = (name: string) => numberIn(read(`${folder}/${name}`))
  const limits = version === 2 ? ["memory.max", "memory.high"] : ["memory.limit_in_bytes"]
  const limit = Math.min(...limits.map((name) => bytesIn(name) ?? Number.POSITIVE_INFINITY))
  const used = bytesIn(version === 2 ? "memory.current" : "memory.usage_in_bytes") ?? 0
  const cached = cachedIn(read(`${folder}/memory.stat`) ?? "", version === 2 ? "" : "total_")
  return Math.max(0, limit - Math.max(0, used - cached))
}

/** Bytes of files that were read or written, which count as used, and which the system frees when memory is needed. */
const cachedIn = (stat: string, prefix: string): number =>
  ["inactive_file", "active_file"].reduce(
    (sum, name) => sum + Number(new RegExp(`^${prefix}${name} (\\d+)$`, "m").exec(stat)?.[1] ?? 0),
    0
  )
