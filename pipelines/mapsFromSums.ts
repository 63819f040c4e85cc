/**
 * Maps from sums: what becomes of the sums over subjects of some lesions, wherever they come from. From them come, for each lesion, the mean
 * connectivity, a one-sample t over subjects, its two-tailed p, and p adjusted for the false discovery rate, each written as a map; and the
 * means of these over the parcels of atlases.
 *
 * Input: sums of a pass, loaded, or merged. Output: a summary row for each lesion, once its files are on disk. The maps are of the subjects
 * that the sums cover. It is the second half of `functional-network-mapping`, whose maps these are to the byte.
 *
 * Source: Boes et al. 2015, Brain, doi:10.1093/brain/awv228
 */
import * as Pipeline from "../src/runtime/Pipeline.ts"
import { packageVersion } from "../src/runtime/version.ts"
import { parcellate } from "../src/stages/Parcellate.ts"
import { statistics } from "../src/stages/Statistics.ts"
import { writeMaps } from "../src/stages/WriteMaps.ts"
import type { Study } from "./functional-network-mapping/Study.ts"

/** @param study of the lesions that the sums are of, in their order; with refined seeds, these */
export const mapsFromSums = (study: Study) =>
  Pipeline.make("maps-from-sums", statistics(study)).pipe(
    Pipeline.through(parcellate({ ...study, voxels: study.connectome.voxels })),
    Pipeline.through(writeMaps({ ...study, provenance: { ...study, version: packageVersion } }))
  )
