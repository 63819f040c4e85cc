/** Makes the report of a group's output folder: looks at its files, and writes the page. */
import { Effect } from "effect"
import type { Manifest } from "../../output/Manifest.ts"
import { OutputFolder } from "../../output/OutputFolder.ts"
import { orReportNotMade } from "../ReportNotMade.ts"
import { reportName } from "../reportName.ts"
import { analyseGroup } from "./analyseGroup.ts"
import { groupReportPage } from "./groupReportPage.ts"

/**
 * Writes the page into the output folder that is provided, from what its manifest lists.
 *
 * Errors: `ReportNotMade`, whatever the reason, faults of the program among them: maps are never lost by their report.
 */
export const makeGroupReport = Effect.fn("makeGroupReport")((manifest: Manifest, background: string | undefined) =>
  orReportNotMade(
    Effect.gen(function* () {
      const output = yield* OutputFolder
      const outputs = manifest.outputs.filter(({ path }) => path !== reportName)
      const folder = output.path
      const group = yield* analyseGroup({ folder, manifest: { ...manifest, outputs }, background })
      yield* output.write(reportName, { pieces: () => groupReportPage(group) })
    })
  )
)
