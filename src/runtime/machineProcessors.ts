/**
 * How many workers a run takes by itself: the least of the processors that the process may run on (its affinity mask), of the
 * processor time that its control groups and all groups above them grant, of what Slurm has granted, and of those whose threads a
 * limited address space holds. More would only wait, or not start.
 */
import { availableParallelism } from "node:os"
import { addressableWorkers } from "./addressSpaceNeed.ts"
import { type ControlGroup, controlGroupsOf, numberIn, type ReadText, readSystemFile } from "./controlGroups.ts"
import { slurmProcessors } from "./slurmJob.ts"

/** What tells of a machine's processors. */
export interface ProcessorFacts {
  /** Processors in the affinity mask. */
  readonly allowed: number
  readonly read: ReadText
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** One worker a processor that this process may use. */
export const defaultWorkers = (): number =>
  Math.min(
    processorsOf({ allowed: availableParallelism(), read: readSystemFile, environment: process.env }),
    addressableWorkers()
  )

/** Processors that a process may use; at least 1. A part of a processor counts as a whole one. */
export const processorsOf = ({ allowed, read, environment }: ProcessorFacts): number =>
  Math.max(
    1,
    Math.min(
      allowed,
      slurmProcessors(environment),
      ...controlGroupsOf(read, "cpu").map((group) => Math.ceil(quotaOf(group, read)))
    )
  )

/** Processor time a second that a group may use; Infinity where it has no limit. */
const quotaOf = ({ version, folder }: ControlGroup, read: ReadText): number => {
  const [quota, period] =
    version === 2
      ? (read(`${folder}/cpu.max`)?.trim().split(/\s+/) ?? [])
      : [read(`${folder}/cpu.cfs_quota_us`), read(`${folder}/cpu.cfs_period_us`)]
  const [time, of] = [numberIn(quota), numberIn(period)]
  return time === undefined || of === undefined || of === 0 ? Number.POSITIVE_INFINITY : time / of
}
