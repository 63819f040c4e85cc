/** Makes the report of an output folder: looks at its maps, and writes the page, the maps of the overlap and the pictures beside them. */
import { Effect } from "effect"
import type { Manifest } from "../output/Manifest.ts"
import { OutputFolder } from "../output/OutputFolder.ts"
import { type AnalysisOptions, analyseMaps } from "./analyseMaps.ts"
import { writeOverlapMaps } from "./overlapMaps.ts"
import { overlapFileNames } from "./overlapNames.ts"
import { writePictures } from "./pictureFiles.ts"
import { orReportNotMade } from "./ReportNotMade.ts"
import type { RunFacts } from "./RunFacts.ts"
import { reportName } from "./reportName.ts"
import { reportPage } from "./reportPage.ts"

export interface ReportRequest {
  /** Of the run, with all lesions that have maps in the folder. */
  readonly manifest: Manifest
  readonly facts: RunFacts
  /** How the maps are looked at. */
  readonly analysis: Omit<AnalysisOptions, "folder" | "lesions">
  /** Whether the page and the maps of the overlap are written. */
  readonly page: boolean
  /** Whether slices are written as pictures. */
  readonly pictures: boolean
}

/**
 * Writes what is made of the maps into the output folder that is provided.
 *
 * Errors: `ReportNotMade`, whatever the reason, faults of the program among them: maps are never lost by their report.
 */
export const makeReport = Effect.fn("makeReport")((request: ReportRequest) => orReportNotMade(writeReport(request)))

const writeReport = Effect.fnUntraced(function* ({ manifest, facts, analysis, page, pictures }: ReportRequest) {
  const output = yield* OutputFolder
  const options: AnalysisOptions = { ...analysis, folder: output.path, lesions: manifest.lesions }
  const findings = yield* pictures ? analyseMaps(options, writePictures) : analyseMaps(options)
  if (!page) return
  const overlapMaps = findings.overlapMaps ?? []
  yield* writeOverlapMaps(overlapMaps, analysis)
  const overlaps = yield* output.writtenTo(overlapFileNames(overlapMaps[0]?.space ?? analysis.space))
  const others = manifest.outputs.filter(
    ({ path }) => path !== reportName && !overlaps.some((map) => map.path === path)
  )
  const shown = { ...manifest, outputs: [...others, ...overlaps] }
  yield* output.write(reportName, { pieces: () => reportPage({ manifest: shown, facts, findings }) })
})

/** Whether a file is one that is made of maps, and can be made anew from them. */
export const isMadeOfMaps = (file: string): boolean =>
  file === reportName ||
  /_desc-overlap_stat-t(pos|neg)\d+_statmap\.(nii\.gz|json)$/.test(file) ||
  /_cut-[^/]+\.png$/.test(file)
