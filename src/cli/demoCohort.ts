/**
 * `lnm demo --cohort`: maps the lesions of a cohort that is made up, tests its symptom over the maps, and says how much of the network that
 * the symptom comes from was found.
 */
import path from "node:path"
import { Console, Effect } from "effect"
import { demoSpace } from "../demo/DemoBrain.ts"
import { cohortParticipants, plantedNetwork } from "../demo/DemoCohort.ts"
import { demoDataIn } from "../demo/DemoData.ts"
import { recoveryOf } from "../demo/plantedRecovery.ts"
import { readVolume } from "../imaging/nifti/readVolume.ts"
import { packageFile } from "../runtime/packageFile.ts"
import { printableLines } from "../runtime/printable.ts"
import { running } from "./CommandFailed.ts"
import { endOfRun } from "./endOfRun.ts"
import { planRun } from "./openConfig.ts"
import type { ProgressKind } from "./progressLayer.ts"
import { runPlanned, showing } from "./run.ts"
import { styleOn } from "./style.ts"

export const demoCohort = Effect.fnUntraced(function* (options: {
  readonly folder: string
  readonly progress: ProgressKind
}) {
  const folder = path.resolve(options.folder)
  const [maps, group] = [path.join(folder, "cohort-maps"), path.join(folder, "cohort-group")]
  const data = demoDataIn(path.join(folder, "demo-data"))
  const making = `making a synthetic connectome and ${cohortParticipants.length} patients with lesions in ${data.folder}`
  yield* Console.log(printableLines(making))
  yield* runConfig(options.progress, "configs/demo-cohort.yaml", maps)
  yield* Console.log(printableLines(`maps of all lesions: ${maps}`))
  const end = yield* runConfig(options.progress, "configs/group-network-mapping.yaml", group, [
    `maps.path=${JSON.stringify(maps)}`,
    `participants=${JSON.stringify(data.cohortTable)}`
  ])
  const significant = mapOf(group, "pfwe")
  const { planted, found, both, dice } = yield* running(recovery(data.networks, mapOf(group, "t"), significant))
  const whereToLook = [
    "",
    `The symptom was made to come from lesions in the network ${plantedNetwork} (label 4 of ${data.networks}): ${planted} voxels.`,
    `The contrast neglect found ${found}, of which ${both} are in it: a Dice of ${dice.toFixed(2)}.`,
    `Where p < 0.05, corrected for all voxels: ${significant}`,
    `Who the patients are: ${data.cohortTable}`
  ]
  yield* Console.log(endOfRun(end, styleOn(process.stdout), whereToLook.map(printableLines)))
}, Effect.scoped)

/** Runs a config of the package into a folder. */
const runConfig = (progress: ProgressKind, config: string, output: string, set: ReadonlyArray<string> = []) => {
  const options = { config: packageFile(config), set, output, workers: undefined, memory: undefined }
  const planAndRun = Effect.flatMap(planRun(options, { fresh: false, describeOnly: false }), runPlanned)
  // Each run gives back what it holds before the next begins.
  return Effect.scoped(showing(progress, planAndRun))
}

const mapOf = (group: string, statistic: string): string =>
  path.join(group, `space-${demoSpace}_desc-neglect_stat-${statistic}_statmap.nii.gz`)

const recovery = Effect.fnUntraced(function* (networks: string, statistic: string, significant: string) {
  const [labels, t, p] = yield* Effect.forEach([networks, statistic, significant], readVolume)
  return recoveryOf(labels!.values, t!.values, p!.values)
})
