/**
 * From the output folder of a group's analysis to what its report shows. Only its files count, so that `lnm run` and `lnm report` make the
 * same page; a part whose files are not there is left out.
 */
import { Effect } from "effect"
import { type Grid, sameGrid, voxelsOf } from "../../imaging/Grid.ts"
import type { Manifest } from "../../output/Manifest.ts"
import { ReportNotes } from "../ReportNotes.ts"
import { contrastFindings } from "./contrastFindings.ts"
import { cohortFindings, diagnosisFindings, untestedMap } from "./diagnosisFindings.ts"
import { type GroupFiles, makeGroupFiles } from "./GroupFiles.ts"
import type { ContrastFindings, ReportedGroup } from "./GroupFindings.ts"
import { contrastNames, groupMapName, groupMapStem } from "./groupMapNames.ts"
import { openGroupSite } from "./groupSite.ts"
import { overlapSweep } from "./overlapSweep.ts"
import { predictionFindings } from "./predictionFindings.ts"
import { reportedGroupConfig } from "./reportedGroupConfig.ts"

export interface GroupAnalysis {
  /** The output folder, and the manifest of what lies in it. */
  readonly folder: string
  readonly manifest: Manifest
  /** An image of the brain in the same space that slices lie over. Default: the shape of the voxels with values. */
  readonly background: string | undefined
}

/** Memory: `groupReportBytes`. What cannot be read is left out, with a note. */
export const analyseGroup = Effect.fn("analyseGroup")(function* ({ folder, manifest, background }: GroupAnalysis) {
  const notes = new ReportNotes()
  const files = makeGroupFiles(folder, manifest.outputs, notes)
  const config = reportedGroupConfig(manifest.config)
  const patients = manifest.plan.subjects
  const space = files.paths.map(groupMapName).find((name) => name !== undefined)?.space ?? ""
  const prediction = yield* predictionFindings(files, config)
  const [conjunction, scored] = [yield* files.table("conjunction.tsv"), yield* files.table("scores.tsv")]
  const first = yield* firstMap(files, space)
  if (first === undefined) {
    const cohort = { patients: yield* files.table("patients.tsv"), coverage: undefined }
    const shown: ReportedGroup = {
      ...{ manifest, space, contrasts: [], overlap: undefined, conjunction, prediction, model: undefined, scored },
      ...{ diagnosis: undefined, cohort, background: "nothing", notes: notes.all }
    }
    return shown
  }
  const site = yield* openGroupSite(first, background, notes)
  const onGrid = sameGridOnly(files, site.grid, notes)
  const contrasts: Array<ContrastFindings> = []
  for (const name of contrastNames(files.paths)) {
    const found = yield* contrastFindings(onGrid, site, space, name)
    if (found !== undefined) contrasts.push(found)
  }
  const shown: ReportedGroup = {
    manifest,
    space,
    contrasts: inOrderOf(manifest, contrasts),
    overlap: yield* overlapSweep(onGrid, site, { space, patients, overlap: config.overlap }),
    conjunction,
    prediction,
    model: yield* untestedMap(onGrid, site, groupMapStem(space, "model", "r"), "r"),
    scored,
    diagnosis: yield* diagnosisFindings(onGrid, site, space),
    cohort: yield* cohortFindings(onGrid, site, { space, patients }),
    background: site.words,
    notes: notes.all
  }
  return shown
})

/** The map that tells which voxels there are: the coverage, or the first contrast's effect, or any. */
const firstMap = Effect.fnUntraced(function* (files: GroupFiles, space: string) {
  const named = (desc: string, statistic?: string) => `${groupMapStem(space, desc, statistic)}.nii.gz`
  const candidates = [
    named("coverage"),
    ...contrastNames(files.paths).map((name) => named(name, "effect")),
    ...files.paths.filter((path) => groupMapName(path) !== undefined)
  ]
  for (const path of candidates) {
    const map = files.has(path) ? yield* files.map(path) : undefined
    if (map !== undefined) return map
  }
  return undefined
})

/** Maps on another grid are told of, and not shown: the pictures of all maps are cut at the same places. */
const sameGridOnly = (files: GroupFiles, grid: Grid, notes: ReportNotes): GroupFiles => ({
  ...files,
  map: (path) =>
    Effect.map(files.map(path), (map) => {
      if (map === undefined || sameGrid(map.grid, grid)) return map
      notes.add("A map is not shown, since it lies on another grid than the others", path)
      return undefined
    })
})

/** In the order of the config, then by name. */
const inOrderOf = (
  { config }: Manifest,
  contrasts: ReadonlyArray<ContrastFindings>
): ReadonlyArray<ContrastFindings> => {
  const { contrasts: named = [] } = reportedGroupConfig(config)
  const rank = ({ name }: ContrastFindings) => {
    const position = named.findIndex((one) => one.name === name)
    return position < 0 ? named.length : position
  }
  return [...contrasts].sort((a, b) => rank(a) - rank(b))
}

/** What pictures, tables and the page's text take: measured below. */
const bytesOfPage = 24 * 2 ** 20

/** Volumes at once: a map in float64 and as its file, two in float32, outlines of five rules, greys, what is in the mask; of an image given likewise. */
const bytesAVoxel = 8 + 4 + 2 * 4 + 5 + 1 + 4 + 8

/** Bytes that a group's report takes at its peak. */
export const groupReportBytes = (grid: Grid, backgroundVoxels: number): number =>
  voxelsOf(grid) * bytesAVoxel + 16 * backgroundVoxels + bytesOfPage
