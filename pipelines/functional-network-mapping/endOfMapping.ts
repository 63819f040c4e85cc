/** What there is to say at the end of a run: in words, for machines, and for the command that goes on from there. */
import { describeSubjects } from "../../src/connectome/Connectome.ts"
import { type Manifest, manifestName } from "../../src/output/Manifest.ts"
import { formatBytes } from "../../src/runtime/Plan.ts"
import { printable } from "../../src/runtime/printable.ts"
import { formatSeconds } from "../../src/runtime/progressText.ts"
import type { RunEnd } from "../PipelineEntry.ts"
import type { PlannedStudy } from "./planStudy.ts"

/** @param mapped lesions that this run has mapped */
export const endOfMapping = (planned: PlannedStudy, output: string, mapped: number, manifest: Manifest): RunEnd => ({
  text: asText(planned, output, mapped, manifest),
  json: asJson(planned, output, mapped, manifest),
  made: { kind: "maps", folder: output, warnings: manifest.warnings, warningsIn: `${output}/${manifestName}` }
})

const asText = (planned: PlannedStudy, output: string, mapped: number, manifest: Manifest): string => {
  const { connectome } = planned.study
  const computed =
    `${mapped} lesion(s) × ${describeSubjects(connectome)} × ${connectome.voxels} voxels in ` +
    `${formatSeconds(manifest.wall_seconds)}, peak memory ${formatBytes(manifest.peak_memory_bytes)}`
  return [
    ...(mapped > 0 ? [computed] : []),
    ...describeTakenOver(planned),
    `maps: ${printable(output)}`,
    `      ${describeFiles(manifest)}`
  ].join("\n")
}

/** What is in the folder, by the kind of file. */
const describeFiles = ({ outputs, lesions, left_out }: Manifest): string => {
  const count = (ending: string) => outputs.filter(({ path }) => path.endsWith(ending)).length
  const leftOut = left_out.lesions.length
  return [
    `${count(".nii.gz")} images of ${lesions.length} lesion(s)`,
    `${count(".tsv")} table(s)`,
    ...(count(".png") > 0 ? [`${count(".png")} pictures`] : []),
    ...outputs.flatMap(({ path }) => (path === "report.html" ? [path] : [])),
    ...(leftOut > 0 ? [`${leftOut} lesion(s) left out`] : [])
  ].join(", ")
}

/** Of the maps that are there already, a line each for those of the run's lesions and for those of others. */
export const describeTakenOver = ({ plan, folder }: PlannedStudy): ReadonlyArray<string> => {
  const { finished = [], kept = [] } = folder?.taken ?? {}
  const rest = plan.lesions === 0 ? "nothing is left to compute" : "they are not computed again"
  return [
    ...(finished.length === 0
      ? []
      : [`${finished.length} lesion(s) have their maps already: ${rest} (--fresh begins anew)`]),
    ...(kept.length === 0 ? [] : [`${kept.length} other lesion(s) of this study have maps there, which stay`])
  ]
}

const asJson = ({ folder, study }: PlannedStudy, output: string, mapped: number, manifest: Manifest): object => ({
  output,
  lesions: mapped,
  lesions_taken_over: folder?.taken.finished.length ?? 0,
  lesions_left_out: manifest.left_out.lesions.length,
  subjects: study.connectome.subjects.length,
  subjects_of_connectome: study.connectome.chosen?.from ?? study.connectome.subjects.length,
  subjects_left_out: manifest.left_out.subjects.length,
  /** Whose sums an interrupted run had computed, over all passes. */
  subjects_taken_over: manifest.subjects_taken_over ?? 0,
  files: manifest.outputs.length,
  seconds: manifest.wall_seconds,
  peak_memory_bytes: manifest.peak_memory_bytes,
  warnings: manifest.warnings.length
})
