/** All that a plan says, gathered: what stands in the plan itself, and the files, the disk and the time that follow from it. */
import { Effect } from "effect"
import { freeDiskBytes } from "../../src/files/freeDisk.ts"
import { formatBytes } from "../../src/runtime/Plan.ts"
import { warn } from "../../src/runtime/Warnings.ts"
import type { Config } from "./Config.ts"
import { type PlannedCheckpoints, plannedCheckpoints } from "./checkpoints.ts"
import { type PlannedFiles, plannedFiles } from "./plannedFiles.ts"
import { lesionsLeft } from "./plannedFolder.ts"
import { type PlannedTime, plannedTime } from "./plannedTime.ts"
import type { PlannedStudy } from "./planStudy.ts"

export interface PlanFacts {
  readonly planned: PlannedStudy
  /** The output folder. */
  readonly output: string
  readonly files: PlannedFiles
  readonly checkpoints: PlannedCheckpoints | undefined
  /** Bytes that the output folder's disk has free; undefined where the system does not say it. */
  readonly freeBytes: number | undefined
  /** What maps and checkpoints take there at most. */
  readonly neededBytes: number
  /** Undefined: not known. */
  readonly time: PlannedTime | undefined
}

/**
 * Gathers what a plan says. Warns where the disk has too little free: sizes are estimated, so this is no error.
 *
 * @param timing how long opening the inputs took, and whether speed is to be measured
 */
export const gatherFacts = Effect.fn("gatherFacts")(function* (
  planned: PlannedStudy,
  { output, checkpoint }: Config,
  timing: Parameters<typeof plannedTime>[1]
) {
  const { study, folder, plan } = planned
  const left = folder === undefined ? study.lesions : lesionsLeft(study, folder)
  const files = plannedFiles(study, left)
  const checkpoints = plan.lesions === 0 ? undefined : plannedCheckpoints(plan, checkpoint)
  const freeBytes = yield* freeDiskBytes(output.path)
  const neededBytes = files.bytes + (checkpoints?.diskBytes ?? 0)
  if (freeBytes !== undefined && freeBytes < neededBytes) {
    yield* warn({
      file: `output.path: ${output.path}`,
      found: `the disk has ${formatBytes(freeBytes)} free, and maps and checkpoints may take ${formatBytes(neededBytes)}`,
      taken: "Free some, give a path on another disk, write fewer maps (statistics.maps), or set checkpoint: false"
    })
  }
  const facts: PlanFacts = {
    planned,
    output: output.path,
    files,
    checkpoints,
    freeBytes,
    neededBytes,
    time: yield* plannedTime(planned, timing)
  }
  return facts
})
