/** The other group analysis of `compare`: what it was made with, and whether it can be compared. */
import path from "node:path"
import { Effect, Schema } from "effect"
import { sameGrid } from "../../src/imaging/Grid.ts"
import type { FileRecord } from "../../src/output/FileRecord.ts"
import { readManifest } from "../../src/output/Manifest.ts"
import { warn } from "../../src/runtime/Warnings.ts"
import { pairsOf, statisticFile } from "../../src/stages/group/CompareGroups.ts"
import { checkFiles, checkRecorded } from "../../src/stages/group/checkRecorded.ts"
import { InvalidCohort } from "../../src/stages/group/InvalidCohort.ts"
import type { Cohort } from "../../src/stages/group/readCohort.ts"
import { GroupConfig } from "./Config.ts"
import type { PlannedContrast } from "./planContrasts.ts"

const refuse = (folder: string, problem: string, remedy: string) =>
  new InvalidCohort({ file: `compare: ${folder}`, problem, remedy })

/** The config that a group's output folder was made with, its paths absolute, and the records of its files. */
export const readCompared = Effect.fn("readCompared")(function* (folder: string, output: string) {
  if (path.resolve(folder) === path.resolve(output)) {
    const problem = "it is the output folder of this analysis itself"
    return yield* refuse(folder, problem, "Give that of another, or another output.path")
  }
  const { config: text, outputs } = yield* readManifest(folder)
  const config = yield* Schema.decodeUnknownEffect(GroupConfig)(text).pipe(
    Effect.mapError(() =>
      refuse(folder, "its manifest is not of group-network-mapping", "Give the output folder of such an analysis")
    )
  )
  return { config, outputs }
})

interface Compared<Contrast> {
  readonly cohort: Cohort
  readonly contrasts: ReadonlyArray<Contrast>
}

/** Checks that grid and space are the same, and that contrasts have names in common. */
export const checkComparison = Effect.fn("checkComparison")(function* <
  Contrast extends { readonly config: { readonly name: string } }
>(folder: string, own: Compared<Contrast>, other: Compared<Contrast>) {
  if (own.cohort.space !== other.cohort.space) {
    const problem = `its maps are in ${other.cohort.space}, and those of this analysis in ${own.cohort.space}`
    return yield* refuse(folder, problem, "Bring all maps into one space")
  }
  if (!sameGrid(own.cohort.grid, other.cohort.grid)) {
    const [there, here] = [other.cohort.grid, own.cohort.grid].map(({ shape }) => shape.join(" × "))
    const problem = `its maps lie on another grid (${there}) than those of this analysis (${here})`
    return yield* refuse(folder, problem, "Resample all maps to one grid")
  }
  const names = pairsOf(own.contrasts, other.contrasts).map(([{ config }]) => config.name)
  const [here, there] = [own, other].map(({ contrasts }) => contrasts.map(({ config }) => config.name))
  if (names.length === 0) {
    const problem = `it has no contrast of the same name (there: ${there!.join(", ")}; here: ${here!.join(", ")})`
    return yield* refuse(folder, problem, "Give the contrasts that are to be compared the same name")
  }
  const alone = here!.filter((name) => !names.includes(name))
  if (alone.length === 0) return
  yield* warn({
    file: folder,
    found: `it has no contrast ${alone.join(", ")}`,
    taken: `Only contrasts of the same name are compared: ${names.join(", ")}`
  })
})

/**
 * Holds the maps of the other analysis, and its statistics that the comparison reads, against their manifests. Reads these files whole.
 * Errors: `InvalidCohort`, naming every file that has changed or is gone.
 */
export const checkComparedFiles = Effect.fn("checkComparedFiles")(function* (
  { folder, cohort, contrasts, outputs }: ComparedFiles,
  own: ReadonlyArray<{ readonly config: { readonly name: string } }>
) {
  yield* checkRecorded(cohort.maps.flat(), { t: false })
  const names = new Set(own.map(({ config }) => config.name))
  const read = contrasts.filter(({ config }) => names.has(config.name))
  const files = new Set(read.map((contrast) => statisticFile(cohort.space, contrast)))
  const records = outputs.filter(({ path }) => files.has(path))
  if (records.length < files.size) {
    const problem = `its manifest does not list ${[...files].filter((file) => !records.some(({ path }) => path === file)).join(", ")}`
    return yield* refuse(folder, problem, "Run its config again")
  }
  yield* checkFiles(records.map((record) => ({ folder, record })))
})

interface ComparedFiles {
  readonly folder: string
  readonly cohort: Cohort
  readonly contrasts: ReadonlyArray<PlannedContrast>
  readonly outputs: ReadonlyArray<FileRecord>
}
