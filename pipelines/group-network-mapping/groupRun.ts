/** A planned group analysis as a run: what it will take, in words and for machines, its results, tables, report and manifest. */
import { existsSync } from "node:fs"
import { rmdir } from "node:fs/promises"
import path from "node:path"
import { Clock, Console, Effect, Layer, Predicate } from "effect"
import { checkpointSeconds } from "../../src/config/configKeys.ts"
import { checkUnchanged } from "../../src/files/unchangedFiles.ts"
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { Checksums } from "../../src/output/Checksums.ts"
import { describeGroupDataset } from "../../src/output/groupDataset.ts"
import { KeptPieces, keptPiecesLayer } from "../../src/output/KeptPieces.ts"
import { makeManifest, manifestName } from "../../src/output/Manifest.ts"
import { OutputFolder, writeAll } from "../../src/output/OutputFolder.ts"
import { recordContent } from "../../src/output/recordContent.ts"
import { formatBytes } from "../../src/runtime/Plan.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { formatSeconds } from "../../src/runtime/progressText.ts"
import { Warnings } from "../../src/runtime/Warnings.ts"
import { ContrastParts } from "../../src/stages/group/ContrastParts.ts"
import { studyPermutations } from "../../src/stages/group/contrastSizes.ts"
import { type FoundDesigns, groupNetworkMapping } from "../group-network-mapping.ts"
import type { PlannedRun, PlanOf } from "../PipelineEntry.ts"
import type { GroupConfig } from "./Config.ts"
import { reportGroup } from "./groupReport.ts"
import { type Merging, removeGroupParts } from "./parts/mergeParts.ts"
import type { PlannedGroup } from "./planGroup.ts"
import type { PlannedPrediction } from "./planPrediction.ts"
import { refuseOtherRuns } from "./refuseOtherRuns.ts"
import { formatSummary } from "./summary.ts"

/** Failures after which the output folder is as it was. */
const nothingDone: ReadonlySet<unknown> = new Set(["OutputNotWritable", "OutputBusy", "OtherPipelinesOutput"])

/** Failures of the input that may be found when the maps are read, which is before anything is written. */
const wrongInput: ReadonlySet<unknown> = new Set([
  "InvalidCohort",
  "InvalidNifti",
  "ImageTooLarge",
  "InputChanged",
  "MissingValues",
  "ConstantColumn",
  "ConfoundedCovariate",
  "NothingToTest",
  "VarianceNotEstimable",
  "TooFewPermutations",
  "PartsNotWhole",
  "PartBusy"
])

/** A planned analysis as a run. @param merging the parts that its permutations are taken from; undefined: they are computed */
export const runOf = (
  planned: PlannedGroup,
  { file, config, fresh }: Pick<PlanOf<GroupConfig>, "file" | "config" | "fresh">,
  merging?: Merging
): PlannedRun => {
  const begun = { value: false }
  const wasThere = existsSync(config.output.path)
  const run: PlannedRun = {
    text: asText(planned, config),
    json: asJson(planned),
    run: runGroup(planned, config, { file, fresh, begun, merging }).pipe(
      Effect.provideService(ContrastParts, merging?.parts),
      Effect.onInterrupt(() => (config.checkpoint === false ? Effect.void : Console.error(howToGoOn))),
      Effect.provide(piecesOf(config)),
      Effect.provide(OutputFolder.layer(config.output.path)),
      Effect.provide(Checksums.layer()),
      Effect.tapError(() => (wasThere || begun.value ? Effect.void : removeEmpty(config.output.path)))
    ),
    lockable: {
      config,
      arithmetic: planned.arithmetic,
      output: config.output.path,
      inputs: Effect.forEach([...new Set(planned.recorded)], recordContent)
    },
    nothingDone: (error) =>
      "_tag" in error && (nothingDone.has(error._tag) || (!begun.value && wrongInput.has(error._tag)))
  }
  return run
}

const howToGoOn = "finished tiles of contrasts are kept: run the same command again to go on from there"

/** What is kept for a run that goes on with this one. */
const piecesOf = ({ checkpoint, output }: GroupConfig): Layer.Layer<never> =>
  checkpoint === false ? Layer.empty : keptPiecesLayer(output.path, checkpointSeconds(checkpoint))

/** Removes a folder that nothing was written to. */
const removeEmpty = (folder: string) => Effect.promise(() => rmdir(folder).catch(() => undefined))

interface Running extends Pick<PlanOf<GroupConfig>, "file" | "fresh"> {
  /** Set once files of the output folder are written. */
  readonly begun: { value: boolean }
  /** The parts that permutations are taken from; undefined: they are computed. */
  readonly merging?: Merging | undefined
}

const runGroup = Effect.fnUntraced(function* (
  planned: PlannedGroup,
  config: GroupConfig,
  { file, fresh, begun, merging }: Running
) {
  const { cohort, plan, inputs, recorded, arithmetic } = planned
  const output = yield* OutputFolder
  const progress = yield* Progress
  const pieces = yield* KeptPieces
  const startedAt = yield* Clock.currentTimeMillis
  const earlier = yield* refuseOtherRuns(output.path)
  const begin = Effect.fnUntraced(function* (found: FoundDesigns) {
    yield* merging?.begin(found) ?? Effect.void
    begun.value = true
    yield* writeAll(describeGroupDataset({ patients: cohort.patients.length, space: cohort.space }))
    // Without a manifest, what is there of an earlier run counts as unfinished.
    yield* output.remove(manifestName)
    const gone = earlier.filter((path) => !planned.files.includes(path))
    yield* Effect.forEach(gone, output.remove, { discard: true })
  })
  if (fresh) yield* pieces.remove
  yield* progress.begin(
    { subjects: 0, lesions: 0, peakBytes: plan.peakBytes },
    { name: "reading maps", counts: "steps", steps: { of: cohort.patients.length, name: "patients" } }
  )
  const analysed = groupNetworkMapping(planned, begin).pipe(Effect.tapError(() => checkUnchanged(inputs)))
  const { rows, sentences } = yield* analysed
  if (rows.length > 0) yield* output.write("contrasts.tsv", formatSummary(rows))
  yield* progress.phase({ name: "checking inputs", counts: "nothing" })
  const records = yield* (yield* Checksums).of([file, ...recorded])
  yield* checkUnchanged(inputs)
  const warnings = yield* (yield* Warnings).all
  const resumes = yield* pieces.resumes
  const manifestNow = Effect.gen(function* () {
    return makeManifest({
      config,
      config_files: [file],
      plan: { subjects: cohort.patients.length, lesions: 0, passes: rows.length, predicted_peak_bytes: plan.peakBytes },
      backend: { name: "group", arithmetic, workers: plan.workers, steps: [] },
      warnings,
      left_out: { lesions: [], subjects: [] },
      lesions_of_other_runs: 0,
      ...(merging === undefined ? {} : { parts: merging.records }),
      ...(resumes > 0 ? { resumes } : {}),
      wall_seconds: ((yield* Clock.currentTimeMillis) - startedAt) / 1000,
      inputs: records,
      outputs: yield* output.written,
      lesions: []
    })
  })
  const reportFailure = yield* reportGroup(config, manifestNow)
  yield* output.write(manifestName, `${JSON.stringify(yield* manifestNow, null, 2)}\n`)
  yield* pieces.remove
  if (merging !== undefined || fresh) yield* removeGroupParts(output.path)
  yield* progress.end
  if (reportFailure !== undefined) return yield* reportFailure
  const text = [
    ...rows.map(
      ({ contrast, patients, pfwe_min, positive_voxels, negative_voxels }) =>
        `${contrast}: ${patients} patients, smallest corrected p ${pfwe_min.toPrecision(2)}; ` +
        `${positive_voxels} voxels above and ${negative_voxels} below 0 at p < 0.05`
    ),
    ...sentences,
    `results: ${rows.length > 0 ? path.join(output.path, "contrasts.tsv") : output.path}`
  ].join("\n")
  const made = {
    kind: "maps" as const,
    folder: output.path,
    warnings,
    warningsIn: path.join(output.path, manifestName)
  }
  return { text, json: { output: output.path, contrasts: rows }, made }
})

const asText = (
  { cohort, contrasts, prediction, model, lesions, degree, overlap, plan }: PlannedGroup,
  config: GroupConfig
): ReadonlyArray<string> => [
  `patients    ${cohort.patients.length}, ${cohort.maps.flat().length} maps of ${cohort.grid.shape.join(" × ")} voxels, ${cohort.space}`,
  `lesions     of ${lesions.filter(Predicate.isNotUndefined).length} patients known${degree === undefined ? "" : `; degree of the connectome: ${degree}`}`,
  `voxels      ${plan.voxels} at most, in which sub-${cohort.patients[0]} has a value`,
  ...(overlap === undefined
    ? []
    : [
        `overlap     t of ± ${overlap.levels.join(", ")}; at ${overlap.choice.t} a share of ${overlap.choice.share}, together with ${overlap.choice.conjunction} < 0.05`
      ]),
  ...contrasts.map(
    ({ config, design, permutations, isPending }) =>
      `contrast    ${config.name}: ${config.of}, ${design.kept.length} patients, ${design.basis.degreesOfFreedom} degrees of freedom, ` +
      `${permutations.all ? "all " : ""}${permutations.count} permutations${design.variance === undefined ? "" : ", G (two to three times as slow as t)"}${isPending ? "; checked again when centrality is known" : ""}`
  ),
  ...(config.output.palm
    ? [
        `export      palm/NAME: the maps of each contrast's patients, before they are compressed up to ${formatBytes(exportSize(cohort))} a contrast`
      ]
    : []),
  ...(prediction === undefined ? [] : [sentenceOfPlan(prediction)]),
  ...(model === undefined
    ? []
    : [`model       ${model.of}, of ${model.patients} patients: ${cohort.patients.length} are scored by it`]),
  `memory      ${formatBytes(plan.peakBytes)} at the peak, of ${formatBytes(plan.limitBytes)} that it may use; ${plan.workers} worker(s)`,
  ...(plan.scratch === undefined
    ? []
    : [
        `scratch     ${formatBytes(plan.scratch.bytes)} in ${plan.scratch.folder} while it runs: memory does not hold the maps`
      ]),
  `time        about ${formatSeconds(plan.time.all)}, an estimate: reading ${formatSeconds(plan.time.reading)}${contrasts
    .map(({ config }, n) => `, ${config.name} ${formatSeconds(plan.time.contrasts[n]!)}`)
    .join(
      ""
    )}${prediction === undefined ? "" : `, prediction ${formatSeconds(plan.time.prediction)}`}${plan.time.simulations === 0 ? "" : `, simulations ${formatSeconds(plan.time.simulations)}`}`,
  ...(contrasts.length === 0 ? [] : [sentenceOfDiagnosis(config)]),
  `output      ${config.output.path}`
]

const sentenceOfDiagnosis = ({ diagnose: { simulate, degree }, compare }: GroupConfig): string =>
  `diagnosis   ${degree ? "" : "without the connectome's degree, "}components of the maps, centrality by group` +
  (simulate === 0 ? "" : `; ${simulate} studies with random labels, ${studyPermutations} permutations each`) +
  (compare === null ? "" : `; compared with ${compare}`)

/** Bytes of the 4D maps of a contrast that takes all patients. */
const exportSize = ({ patients, grid }: PlannedGroup["cohort"]): number => 4 * patients.length * voxelsOf(grid)

const sentenceOfPlan = ({ config, design, permutations, folds, isPending }: PlannedPrediction): string =>
  `prediction  ${config.of}, ${design.kept.length} patients in ${folds.length} folds, ` +
  `${permutations.all ? "all " : ""}${permutations.count} permutations${isPending ? "; checked again when centrality is known" : ""}`

const asJson = ({
  cohort,
  contrasts,
  prediction,
  model,
  lesions,
  degree,
  diagnose,
  compared,
  overlap,
  plan
}: PlannedGroup) => ({
  patients: cohort.patients.length,
  known_lesions: lesions.filter(Predicate.isNotUndefined).length,
  degree: degree ?? null,
  maps: cohort.maps.flat().length,
  space: cohort.space,
  overlap: overlap === undefined ? null : { levels: overlap.levels, share: overlap.choice.share },
  /** Those in which the first patient has a value: no more are tested. */
  voxels: plan.voxels,
  contrasts: contrasts.map(({ config, design, permutations }, n) => ({
    name: config.name,
    patients: design.kept.length,
    degrees_of_freedom: design.basis.degreesOfFreedom,
    permutations: permutations.count,
    all_permutations: permutations.all,
    estimated_seconds: plan.time.contrasts[n]
  })),
  prediction:
    prediction === undefined
      ? null
      : {
          of: prediction.config.of,
          patients: prediction.design.kept.length,
          folds: prediction.folds.length,
          permutations: prediction.permutations.count,
          all_permutations: prediction.permutations.all,
          estimated_seconds: plan.time.prediction
        },
  model: model === undefined ? null : { of: model.of, patients: model.patients, fingerprint: model.fingerprint },
  simulated_studies: diagnose.simulate,
  compared_with: compared?.folder ?? null,
  workers: plan.workers,
  peak_memory_bytes: Math.ceil(plan.peakBytes),
  memory_limit_bytes: Math.floor(plan.limitBytes),
  /** On the disk of the output folder while the analysis runs; 0: memory holds the maps. */
  scratch_bytes: plan.scratch?.bytes ?? 0,
  estimated_seconds: plan.time.all
})
