/**
 * A study: everything that decides the values of the maps. Where a config's inputs have been opened and checked, and nothing has
 * been computed yet; a pass of a run is the study of some of its lesions.
 */
import { Effect } from "effect"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import { openConnectome } from "../../src/connectome/openConnectome.ts"
import type { PrincipalSeedsOptions } from "../../src/elements/RefinedSeeds.ts"
import type { SeedRegions } from "../../src/elements/SeedRegion.ts"
import type { Lesion } from "../../src/lesions/Lesion.ts"
import { loadLesions } from "../../src/lesions/loadLesions.ts"
import { loadParcellation } from "../../src/parcellations/loadParcellation.ts"
import type { Parcellation } from "../../src/parcellations/Parcellation.ts"
import { freeMemoryBytes } from "../../src/runtime/machineMemory.ts"
import { defaultMemoryShare } from "../../src/runtime/Plan.ts"
import { checkScope } from "../../src/stages/PrincipalSeeds.ts"
import { type Config, memoryLimitOf } from "./Config.ts"

/** What is mapped, and how. */
export interface Study {
  readonly connectome: Connectome
  readonly lesions: ReadonlyArray<Lesion>
  readonly parcellations: ReadonlyArray<Parcellation>
  /** Further files that were read for it, for the manifest: `participants.tsv` where lesions were selected by it. */
  readonly otherInputs: ReadonlyArray<string>
  /** BIDS label of the connectome's template space. */
  readonly space: string
  readonly method: Config["method"]
  /** How seeds are refined; undefined: they are the mean over the lesion. */
  readonly pini?: Pick<PrincipalSeedsOptions, "percentile" | "scope"> | undefined
  /** What is seeded from, where it is not the lesions themselves. */
  readonly seeds?: SeedRegions
  /** Seeds of the lesions of all passes, where a pass has only some: what a subject must have a valid voxel of. */
  readonly allSeeds?: SeedRegions
  /** Seeds that are correlated with one another in this pass: those of the pass, and the others. Undefined: none are. */
  readonly pairing?: Pairing
  readonly maps: Config["statistics"]["maps"]
  readonly grid: Config["output"]["grid"]
  readonly fdrAlpha: number
  readonly tThreshold: number | null
  readonly invalid: Config["invalid"]
  /** Whether every lesion's connectivity with every other is written too. */
  readonly matrix?: boolean
}

/** Whose seeds are correlated with one another. */
export interface Pairing {
  /** All lesions, those of the pass first. */
  readonly lesions: ReadonlyArray<Lesion>
  /** What is seeded from for them. */
  readonly seeds: SeedRegions
}

/** Opens the connectome, then what lies on its voxels, and checks that they go together. */
export const loadStudy = Effect.fn("loadStudy")(function* (config: Config) {
  const connectome = yield* openConnectome(config.connectome)
  const memoryLimitBytes = memoryLimitOf(config.compute.memory) ?? defaultMemoryShare * (yield* freeMemoryBytes)
  const outputs = { method: config.method, folder: config.output.path }
  const { lesions, tables } = yield* loadLesions(config.lesions, connectome, outputs, memoryLimitBytes)
  const parcellations = yield* Effect.forEach(config.parcellations, (atlas) => loadParcellation(atlas, connectome))
  const study: Study = {
    connectome,
    lesions,
    parcellations,
    otherInputs: tables,
    space: connectome.space,
    method: config.method,
    ...(config.method === "pini" ? { pini: { percentile: config.pini_percentile, scope: config.pini_scope } } : {}),
    maps: config.statistics.maps,
    grid: config.output.grid,
    fdrAlpha: config.statistics.fdr_alpha,
    tThreshold: config.statistics.t_threshold,
    invalid: config.invalid,
    matrix: config.statistics.matrix
  }
  if (study.pini !== undefined) yield* checkScope(connectome.subjects, study.pini.scope)
  return study
})

/** Every file that was read for the study. */
export const inputFilesOf = ({ connectome, lesions, parcellations, otherInputs }: Study): ReadonlyArray<string> => [
  ...otherInputs,
  ...parcellations.flatMap(({ file, labelsFile }) => (labelsFile === undefined ? [file] : [file, labelsFile])),
  ...connectome.files,
  ...lesions.map(({ file }) => file)
]
