import type { ReduceOptions } from "../src/elements/ConnectivitySums.ts"
import type { InvalidNames } from "../src/elements/InvalidCounts.ts"
import type { CorrelateLesionVoxelsOptions } from "../src/elements/LesionVoxelCorrelations.ts"
import type { PartialSeedsOptions } from "../src/elements/PartialSeeds.ts"
import type { RefinedSeeds } from "../src/elements/RefinedSeeds.ts"
import * as Pipeline from "../src/runtime/Pipeline.ts"
import { packageVersion } from "../src/runtime/version.ts"
import { correlate } from "../src/stages/Correlate.ts"
import { correlateLesionVoxels } from "../src/stages/CorrelateLesionVoxels.ts"
import { degree } from "../src/stages/Degree.ts"
import { fisherZ } from "../src/stages/FisherZ.ts"
import { ingest } from "../src/stages/Ingest.ts"
import { partialSeeds } from "../src/stages/PartialSeeds.ts"
import { principalSeeds } from "../src/stages/PrincipalSeeds.ts"
import { reduce } from "../src/stages/Reduce.ts"
import { seed } from "../src/stages/Seed.ts"
import { seedMatrix } from "../src/stages/SeedMatrix.ts"
import { seedVoxelsOf, writeSeeds } from "../src/stages/WriteSeeds.ts"
import type { Partialling, Study } from "./functional-network-mapping/Study.ts"
import { mapsFromSums } from "./mapsFromSums.ts"

/** The seeds of the pass, and the degree of the connectome where the study has it. */
const seeding = (study: Study) =>
  study.degree === true ? seedsOf(study).pipe(Pipeline.through(degree)) : seedsOf(study)

/**
 * Reads the connectome and makes the seeds of the pass. Where others are taken out of them, or with a pairing, it makes those of all lesions,
 * and takes them out or correlates them pairwise.
 */
const seedsOf = ({ connectome, lesions, seeds, allSeeds, partial, pairing }: Study) => {
  const reading = Pipeline.make("functional-network-mapping", ingest(connectome))
  if (partial !== undefined) {
    return reading.pipe(
      Pipeline.through(seed(partial.seeds ?? partial.lesions)),
      Pipeline.through(partialSeeds(partialOptions(partial, lesions)))
    )
  }
  if (pairing === undefined) return reading.pipe(Pipeline.through(seed(seeds ?? lesions, allSeeds)))
  return reading.pipe(
    Pipeline.through(seed(pairing.seeds)),
    Pipeline.through(seedMatrix({ seeds: pairing.lesions.length, lesions: lesions.length }))
  )
}

const partialOptions = (partial: Partialling, lesions: Study["lesions"]): PartialSeedsOptions => {
  const positions = new Map(partial.lesions.map(({ name }, position) => [name, position]))
  return { files: partial.lesions.map(({ file }) => file), kept: lesions.map(({ name }) => positions.get(name)!) }
}

/**
 * The first half, over the lesions of one pass: from ranges of subjects to the sums over them.
 *
 * @param continued sums over other subjects to go on from
 */
export const connectivitySums = (
  study: Study,
  continued: Partial<Pick<ReduceOptions, "after" | "from" | "warns">> = {}
) =>
  seeding(study).pipe(
    Pipeline.through(correlate),
    Pipeline.through(fisherZ),
    Pipeline.through(
      reduce({
        lesions: study.lesions.length,
        voxels: study.connectome.voxels,
        subjects: study.connectome.subjects.length,
        invalid: study.invalid,
        names: namesOf(study),
        ...continued
      })
    )
  )

/** How warnings name the inputs of a study. */
export const namesOf = ({ connectome, lesions }: Study): InvalidNames => ({
  connectome: connectome.path,
  lesions: lesions.map(({ file }) => file)
})

/** The pipeline over the lesions of one pass: from ranges of subjects to a summary row for each lesion. */
export const functionalNetworkMapping = (study: Study) =>
  connectivitySums(study).pipe(Pipeline.andThen(mapsFromSums(study)))

/** From ranges of subjects to the correlation of each lesion voxel with its own lesion's seed, for a lesion batch. */
export const lesionVoxelCorrelations = (
  { connectome, lesions, allSeeds }: Study,
  continued: Partial<Pick<CorrelateLesionVoxelsOptions, "from">> = {}
) =>
  Pipeline.make("seed-refinement", ingest(connectome)).pipe(
    Pipeline.through(seed(lesions, allSeeds)),
    Pipeline.through(correlateLesionVoxels({ regions: lesions, subjects: connectome.subjects.length, ...continued }))
  )

/** From the lesion-voxel correlations of all subjects to the refined seeds. */
export const seedsOfCorrelations = (study: Study, pini: NonNullable<Study["pini"]>) =>
  Pipeline.make(
    "seeds-from-correlations",
    principalSeeds({ ...pini, regions: study.lesions, subjects: study.connectome.subjects })
  )

/** The same, which are also written as images. */
export const seedsFromCorrelations = (study: Study, pini: NonNullable<Study["pini"]>) =>
  seedsOfCorrelations(study, pini).pipe(Pipeline.andThen(seedImages(study)))

/** Writes refined seeds as images, and hands them on. */
export const seedImages = (study: Study) =>
  Pipeline.make("seed-images", writeSeeds({ ...study, provenance: { ...study, version: packageVersion } }))

/** The first of PINI's two passes: from ranges of subjects to the refined seeds of a lesion batch. */
export const seedRefinement = (study: Study, pini: NonNullable<Study["pini"]>) =>
  lesionVoxelCorrelations(study).pipe(Pipeline.andThen(seedsFromCorrelations(study, pini)))

/** The study with refined seeds instead of all voxels of its lesions. */
export const withSeeds = (study: Study, seeds: RefinedSeeds): Study => ({
  ...study,
  lesions: study.lesions.map((lesion, index) => ({ ...lesion, seedVoxels: seedVoxelsOf(seeds, index) })),
  seeds: seeds.regions
})

/** The stages that make the sums of a study's lesions. */
export const sumStages = (study: Study) => connectivitySums(study).stages
