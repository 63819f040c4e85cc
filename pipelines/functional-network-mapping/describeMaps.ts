/** What decides the maps of a study: to tell whether maps that are in the output folder are those that it would make. */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import type { ChosenBackend } from "../../src/engine/chooseBackend.ts"
import { type Lesion, ownTemplate } from "../../src/lesions/Lesion.ts"
import { canonicalJson } from "../../src/output/canonicalJson.ts"
import { fingerprintOfLesion, fingerprintOfMaps, type MapsDescription } from "../../src/output/mapsDescription.ts"
import type { LesionToMap } from "../../src/output/takeOver.ts"
import type { Parcellation } from "../../src/parcellations/Parcellation.ts"
import type { AnyStage } from "../../src/runtime/Stage.ts"
import { mapsOfLesion } from "./outputFiles.ts"
import type { Study } from "./Study.ts"
import { describeSums } from "./studyFingerprints.ts"

/**
 * Hashes the connectome, by samples where it is large.
 *
 * @param stages those that make the sums
 *
 * Errors: `InputUnreadable` or `ConnectomeUnreadable` where it cannot be read.
 */
export const describeMaps = (
  study: Study,
  stages: ReadonlyArray<AnyStage>,
  chosen: Pick<ChosenBackend, "backend" | "arithmetic">
) =>
  Effect.map(
    describeSums(study, stages, chosen),
    (sums): MapsDescription => ({
      study: sums,
      options: {
        "connectome.space": study.space,
        // Left out where it is off, so that folders of earlier versions are of the same maps.
        ...((study.flip ?? null) === null ? {} : { "lesions.flip": study.flip }),
        "output.grid": study.grid,
        "statistics.fdr_alpha": study.fdrAlpha,
        "statistics.t_threshold": study.tThreshold
      },
      made: Object.fromEntries([
        ...study.maps.map((name) => [`statistic ${name}`, true]),
        ...study.parcellations.map((atlas) => [`parcellation ${atlas.name}`, hashOfParcels(atlas)]),
        ...(study.matrix === true ? [["seed matrix", true]] : [])
      ])
    })
  )

/** Finds out what decides the maps. */
export type MapsDescribed = ReturnType<typeof describeMaps>

/** SHA-256 of a parcellation on the connectome's voxels, whatever its file. */
const hashOfParcels = ({ kind, parcels, starts, voxels, weights }: Parcellation): string => {
  const hash = createHash("sha256").update(canonicalJson({ kind, parcels }))
  for (const { buffer, byteOffset, byteLength } of [starts, voxels, ...(weights === undefined ? [] : [weights])]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  }
  return hash.digest("hex")
}

/** The lesions of a study, each with what decides its maps. */
export const lesionsToMap = (
  study: Pick<Study, "lesions" | "space" | "grid" | "back" | "method">,
  maps: MapsDescription
) => {
  const fingerprint = fingerprintOfMaps(maps)
  return study.lesions.map(
    (lesion: Lesion): LesionToMap => ({
      maps: mapsOfLesion(lesion, study),
      file: lesion.file,
      seed: lesion.seed,
      fingerprint: fingerprintOfLesion(fingerprint, lesion, {
        ...lesion.counts,
        ...(lesion.warped === undefined ? {} : { warpedFrom: lesion.warped.from, warpedMl: lesion.warped.volumeMl }),
        ...(ownTemplate(lesion) === undefined || study.back === undefined ? {} : { broughtBackBy: study.back.sha256 })
      })
    })
  )
}
