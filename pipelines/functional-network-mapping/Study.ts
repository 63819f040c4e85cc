/**
 * A study: everything that decides the values of the maps. Its inputs have been opened and checked; nothing has been computed
 * yet. A pass of a run has a study of its own, of some of the lesions.
 */
import { Effect } from "effect"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import { openConnectome } from "../../src/connectome/openConnectome.ts"
import { readSubjectChoice } from "../../src/connectome/subjectChoice.ts"
import type { PrincipalSeedsOptions } from "../../src/elements/RefinedSeeds.ts"
import type { SeedRegions } from "../../src/elements/SeedRegion.ts"
import { LoadingMemory, makeLoadingMemory } from "../../src/imaging/loadingMemory.ts"
import type { LeftOutLesion } from "../../src/lesions/badLesions.ts"
import { type Lesion, ownTemplate } from "../../src/lesions/Lesion.ts"
import { loadLesions } from "../../src/lesions/loadLesions.ts"
import { Checksums } from "../../src/output/Checksums.ts"
import { hashWholeStore } from "../../src/output/hashStore.ts"
import { recordContent } from "../../src/output/recordContent.ts"
import { loadParcellation } from "../../src/parcellations/loadParcellation.ts"
import type { Parcellation } from "../../src/parcellations/Parcellation.ts"
import { collectGarbage } from "../../src/runtime/collectGarbage.ts"
import { freeMemoryBytes } from "../../src/runtime/machineMemory.ts"
import { defaultMemoryShare } from "../../src/runtime/Plan.ts"
import { checkScope } from "../../src/stages/PrincipalSeeds.ts"
import { makeTemplateWarps, type TemplateWarps, type WarpFile } from "../../src/warps/templateWarps.ts"
import { type Config, memoryLimitOf } from "./Config.ts"
import { checkPartial } from "./checkPartial.ts"

/** What is mapped, and how. */
export interface Study {
  readonly connectome: Connectome
  /** Hashes of the connectome's files, where they are known already. */
  readonly content?: ReadonlyArray<unknown>
  readonly lesions: ReadonlyArray<Lesion>
  /** Lesions that cannot be used, with `on_bad: skip`. Default: none. */
  readonly leftOut?: ReadonlyArray<LeftOutLesion>
  readonly parcellations: ReadonlyArray<Parcellation>
  /** Paths of the other input files, for the manifest: the tables by which subjects and lesions were selected, what seeds come from, warps. */
  readonly otherInputs: ReadonlyArray<string>
  /** BIDS label of the connectome's template space. */
  readonly space: string
  /** The hemisphere to which lesions of the other one were mirrored. Default: none were. */
  readonly flip?: Config["lesions"]["flip"]
  readonly method: Config["method"]
  /** How PINI refines the seeds; undefined: a seed is the mean over all voxels of its lesion. */
  readonly pini?: Pick<PrincipalSeedsOptions, "percentile" | "scope"> | undefined
  /** Refined seed regions; left out: the lesions are the seed regions. */
  readonly seeds?: SeedRegions
  /**
   * Seed regions of the lesions of all passes; a subject without a valid voxel in any of them is an error. Default: those
   * of this pass.
   */
  readonly allSeeds?: SeedRegions
  /** The other seeds are taken out of each; undefined: they are not. */
  readonly partial?: Partialling
  /** Seeds of all lesions, to be correlated pairwise in this pass; undefined: this pass computes no seed matrix. */
  readonly pairing?: Pairing
  readonly maps: Config["statistics"]["maps"]
  readonly grid: Config["output"]["grid"]
  /** What brings maps to the grids of lesions that lie in another template. Undefined: there are none. */
  readonly back?: WarpFile
  /** Whether slices of the maps are written as pictures. Default: not. */
  readonly pictures?: boolean
  readonly fdrAlpha: number
  readonly tThreshold: number | null
  readonly invalid: Config["invalid"]
  /** Whether the seed matrix of all lesions is written too. */
  readonly matrix?: boolean
  /** Whether the degree of the connectome is written too; of a pass, whether it makes that. */
  readonly degree?: boolean
  /** How the maps are shown in a report, of which no map depends; left out: none is made. */
  readonly report?: StudyReport
}

/** How a report shows the maps. */
export interface StudyReport {
  /** The image that slices lie over; undefined: the shape of the brain mask. */
  readonly background: string | undefined
}

/** Lesions whose seeds are taken out of one another: those of the whole run in their order, whatever a pass takes. */
export interface Partialling {
  readonly lesions: ReadonlyArray<Lesion>
  /** Their refined seed regions, in the same order; left out: the lesions are the seed regions. */
  readonly seeds?: SeedRegions
}

/** Lesions whose seeds are correlated pairwise. */
export interface Pairing {
  /** All lesions, those of the pass first. */
  readonly lesions: ReadonlyArray<Lesion>
  /** Their seed regions, in the same order. */
  readonly seeds: SeedRegions
}

/**
 * Opens the connectome and loads lesions and parcellations onto its voxels. Fails where `pini_scope` leaves a component
 * with one subject.
 */
export const loadStudy = Effect.fn("loadStudy")(function* (config: Config) {
  const memoryLimitBytes = memoryLimitOf(config.compute.memory) ?? defaultMemoryShare * (yield* freeMemoryBytes)
  const study = yield* Effect.provideService(openStudy(config), LoadingMemory, makeLoadingMemory(memoryLimitBytes))
  // The field that lesions and atlases were brought over by takes 0.1 GB, and nothing needs it any more.
  if (warpsOf(study.lesions, study.parcellations).length > 0) yield* collectGarbage
  return study
})

const openStudy = Effect.fnUntraced(function* (config: Config) {
  const { subjects, ...location } = config.connectome
  const choice = subjects === undefined ? undefined : yield* readSubjectChoice(subjects, location.path)
  const connectome = yield* openConnectome(choice === undefined ? location : { ...location, choose: choice.choose })
  const outputs = { method: config.method, folder: config.output.path }
  const warps = yield* makeTemplateWarps(config.templates, connectome.space)
  const { lesions, leftOut, tables } = yield* loadLesions(
    { ...config.lesions, seeds: config.seeds, warps },
    connectome,
    outputs
  )
  const back = yield* warpBack(lesions, config.output.grid, warps)
  const parcellations = yield* Effect.forEach(config.parcellations, (atlas) =>
    loadParcellation(atlas, connectome, warps)
  )
  const study: Study = {
    connectome,
    lesions,
    leftOut,
    parcellations,
    otherInputs: [
      ...(choice?.files ?? []),
      ...tables,
      ...warpsOf(lesions, parcellations),
      ...(back === undefined ? [] : [back.file])
    ],
    space: connectome.space,
    flip: config.lesions.flip,
    method: config.method,
    ...(config.method === "pini" ? { pini: { percentile: config.pini_percentile, scope: config.pini_scope } } : {}),
    ...(config.seeds.partial ? { partial: { lesions } } : {}),
    maps: config.statistics.maps,
    grid: config.output.grid,
    ...(back === undefined ? {} : { back }),
    pictures: config.output.pictures,
    fdrAlpha: config.statistics.fdr_alpha,
    tThreshold: config.statistics.t_threshold,
    invalid: config.invalid,
    matrix: config.statistics.matrix,
    degree: config.statistics.degree,
    ...(config.report === false
      ? {}
      : { report: { background: config.report === true ? undefined : config.report.background } })
  }
  if (study.pini !== undefined) yield* checkScope(connectome.subjects, study.pini.scope)
  yield* checkPartial(study)
  return study
})

/** The files of warps with which lesions and atlases were brought over. */
const warpsOf = (lesions: ReadonlyArray<Lesion>, parcellations: ReadonlyArray<Parcellation>): ReadonlyArray<string> =>
  [
    ...new Set([...lesions.map(({ warped }) => warped?.file), ...parcellations.map(({ warpFile }) => warpFile)])
  ].flatMap((file) => file ?? [])

/** What brings maps to the grids of lesions of the other template, where maps are to lie there. */
const warpBack = (lesions: ReadonlyArray<Lesion>, grid: Config["output"]["grid"], warps: TemplateWarps) => {
  const brought = lesions.find((lesion) => ownTemplate(lesion) !== undefined)
  return grid === "connectome" || brought?.warped === undefined
    ? Effect.succeed(undefined)
    : warps.bringBack(brought.file, brought.warped.from)
}

/** Tables and atlases that were read for the study. */
const tablesAndAtlases = ({ parcellations, otherInputs }: Study): ReadonlyArray<string> => [
  ...new Set([
    ...otherInputs,
    ...parcellations.flatMap(({ file, labelsFile }) => (labelsFile === undefined ? [file] : [file, labelsFile]))
  ])
]

/** Every file that was read for the study. */
export const inputFilesOf = (study: Study): ReadonlyArray<string> => [
  ...tablesAndAtlases(study),
  ...study.connectome.files,
  ...new Set(study.lesions.map(({ file }) => file))
]

/**
 * The records of every input for the manifest, in the same order.
 *
 * @param others files that come before them, as the config
 */
export const recordInputs = Effect.fn("recordInputs")(function* (study: Study, others: ReadonlyArray<string>) {
  const checksums = yield* Checksums
  return [
    ...(yield* checksums.of([...others, ...tablesAndAtlases(study)])),
    ...(yield* checksums.ofConnectome(study.connectome)),
    ...(yield* checksums.of([...new Set(study.lesions.map(({ file }) => file))]))
  ]
})

/** Size and hash of the content of every input but the config's file: each file, and of a store all chunk files together. */
export const contentOfInputs = Effect.fn("contentOfInputs")(function* (study: Study) {
  const { connectome } = study
  const { stored } = connectome
  const files = yield* Effect.forEach([...new Set(inputFilesOf(study))], recordContent)
  return stored === undefined ? files : [...files, yield* hashWholeStore({ ...connectome, stored })]
})

/** Sources that are no files are known by all of their time series, which would have to be read once more. */
export const canBeDescribed = ({ connectome }: Study): boolean => connectome.files.length > 0
