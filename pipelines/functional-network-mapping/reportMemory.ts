/** The memory that making the report takes, for the plan, and on how many threads it fits. */
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { type AnalysisSizes, analysisBytes } from "../../src/report/reportSite.ts"
import { predictionMargin, processBytesWith } from "../../src/runtime/Plan.ts"
import type { AnyStage } from "../../src/runtime/Stage.ts"
import { backBytes } from "../../src/stages/WriteMaps.ts"
import type { Study } from "./Study.ts"

/** What the page itself takes while it is written, piece by piece: its largest piece as text, in base64 and as bytes. */
const pageBytes = 8 * 2 ** 20

/** Threads that look at maps at once. More would take memory for little time. */
const mostThreads = 8

export interface PlannedReport {
  /** Threads that look at maps. */
  readonly workers: number
  /** What the plan counts. */
  readonly stage: AnyStage
}

/** What the plan of a report is made from, beside the study. */
interface ReportShape {
  /** All that will have maps in the folder. */
  readonly lesions: number
  /** Threads that the run may take; fewer are taken where memory is short. */
  readonly workers: number
  readonly memoryLimitBytes: number
  /** Of the image that slices lie over; 0 where none is given. */
  readonly backgroundVoxels: number
}

export const planReporting = (
  study: Study,
  { lesions, workers, memoryLimitBytes, backgroundVoxels }: ReportShape
): PlannedReport => {
  const bytesWith = (threads: number) =>
    analysisBytes({ ...sizesOf(study, lesions, threads), backgroundVoxels }) + pageBytes + backBytes(study)
  const most = memoryLimitBytes * (1 - predictionMargin) - processBytesWith(lesions)
  let threads = Math.max(1, Math.min(workers, lesions, mostThreads))
  while (threads > 1 && bytesWith(threads) > most) threads--
  const bytes = bytesWith(threads)
  return { workers: threads, stage: { name: "report", transform: (input) => input, footprintBytes: () => bytes } }
}

const sizesOf = (
  { connectome, lesions, parcellations, grid }: Study,
  count: number,
  workers: number
): AnalysisSizes => {
  const lesionGridVoxels = lesions.reduce((largest, lesion) => Math.max(largest, voxelsOf(lesion.grid)), 0)
  const onLesions = grid === "lesion" && lesionGridVoxels > 0
  const gridVoxels = onLesions ? lesionGridVoxels : voxelsOf(connectome.grid)
  return {
    gridVoxels,
    maskVoxels: Math.ceil((gridVoxels * connectome.voxels) / voxelsOf(connectome.grid)),
    lesionGridVoxels,
    lesions: count,
    parcellations: parcellations.length,
    workers,
    oneGrid: true
  }
}
