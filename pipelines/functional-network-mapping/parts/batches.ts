/** The batches of lesions of a run that is cut into parts, as studies: with refined seeds where these are there. */

import { stat } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { OtherParts } from "../../../src/cluster/PartsRefused.ts"
import { partsFolder } from "../../../src/cluster/partsFolder.ts"
import { joinRegions } from "../../../src/elements/SeedRegion.ts"
import type { ChosenBackend } from "../../../src/engine/chooseBackend.ts"
import { isThere } from "../../../src/files/unlessMissing.ts"
import { loadSeeds } from "../../../src/output/savedSeeds.ts"
import { refinedSeeds } from "../../../src/stages/PrincipalSeeds.ts"
import { lesionVoxelCorrelations, withSeeds } from "../../functional-network-mapping.ts"
import { withPairing, withPartialSeeds } from "../passes.ts"
import type { Study } from "../Study.ts"
import { fingerprintsOf } from "../studyFingerprints.ts"
import type { CutFile } from "./CutFile.ts"

export const seedsFile = (output: string, batch: number): string =>
  path.join(partsFolder(output), `batch-${batch + 1}.seeds`)

/** With PINI the parts compute correlations until the seeds of all batches are refined. */
export const partsCompute = Effect.fnUntraced(function* (study: Study, { batches }: CutFile, output: string) {
  if (study.pini === undefined) return "sums" as const
  const there = yield* Effect.forEach(batches, (_, batch) =>
    Effect.promise(() => isThere(stat(seedsFile(output, batch))))
  )
  return there.every((seeds) => seeds) ? ("sums" as const) : ("correlations" as const)
})

/** The batches before their seeds are refined: each a study of some of the lesions. */
export const batchesToRefine = (study: Study, { batches }: CutFile): ReadonlyArray<Study> =>
  batches.map(({ first, count }) => ({
    ...study,
    lesions: study.lesions.slice(first, first + count),
    allSeeds: study.lesions,
    degree: false
  }))

/** What is known of a batch's refined seeds. Errors: those of the file; `OtherParts` where they are of another run. */
export const refinedSeedsOf = Effect.fnUntraced(function* (
  batch: Study,
  position: number,
  output: string,
  chosen: ChosenBackend
) {
  const file = seedsFile(output, position)
  const { kept, fingerprints } = yield* loadSeeds(file)
  const own = yield* fingerprintsOf(batch, lesionVoxelCorrelations(batch).stages, chosen)
  if (own.sums !== fingerprints.sums) {
    return yield* new OtherParts({ file, differences: ["they are refined seeds of another run"] })
  }
  return refinedSeeds({ regions: batch.lesions, subjects: batch.connectome.subjects, scope: batch.pini!.scope }, kept)
})

/** The batches of which sums are made. Errors: as `refinedSeedsOf`. */
export const batchesToSum = Effect.fnUntraced(function* (
  study: Study,
  cut: CutFile,
  output: string,
  chosen: ChosenBackend
) {
  const plain = batchesToRefine(study, cut)
  const refined =
    study.pini === undefined
      ? plain
      : yield* Effect.forEach(plain, (batch, position) =>
          Effect.map(refinedSeedsOf(batch, position, output, chosen), (seeds) => withSeeds(batch, seeds))
        )
  const allSeeds = joinRegions(refined.map(({ seeds, lesions }) => seeds ?? lesions))
  const batches = refined.map((batch, position) => ({
    ...withPartialSeeds(batch, allSeeds),
    allSeeds,
    degree: study.degree === true && position === 0
  }))
  return study.matrix === true ? withPairing(batches) : batches
})
