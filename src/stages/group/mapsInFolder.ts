/**
 * The maps of an output folder of `functional-network-mapping`, as its manifest lists them, each with its t map and its lesion; the map of
 * the connectome's degree; and what decided the maps. Reads the manifest alone.
 */
import path from "node:path"
import { Effect, Option, Schema } from "effect"
import { entityOf, parseBidsName } from "../../imaging/BidsName.ts"
import { spaceInName } from "../../imaging/templateSpace.ts"
import type { LesionValues } from "../../lesions/lesionValues.ts"
import { isPlace, valuesOf } from "../../lesions/seeds/Seed.ts"
import { isDegreeMap } from "../../output/degreeMap.ts"
import type { FileRecord } from "../../output/FileRecord.ts"
import type { ListedLesion } from "../../output/LesionRecord.ts"
import { type Manifest, readManifest } from "../../output/Manifest.ts"
import type { MapsDescription } from "../../output/mapsDescription.ts"
import type { CohortLesion, CohortMap } from "./CohortMap.ts"
import { InvalidCohort } from "./InvalidCohort.ts"

export interface FolderMaps {
  readonly folder: string
  readonly maps: ReadonlyArray<CohortMap>
  /** The map of the connectome's degree; undefined where the folder has none. */
  readonly degree: FileRecord | undefined
  /** What decided the maps besides the lesions; undefined of an early version. */
  readonly study: MapsDescription | undefined
}

/** Errors: `NoManifest`; `InvalidCohort` where the folder has no maps of lesions, or one without z and r. */
export const mapsInFolder = Effect.fn("mapsInFolder")(function* (folder: string) {
  const manifest = yield* readManifest(folder)
  if (manifest.lesions.length === 0) {
    const problem = "its manifest lists no maps of lesions"
    const remedy = "Give an output folder of functional-network-mapping"
    return yield* new InvalidCohort({ file: folder, problem, remedy })
  }
  const records = new Map(manifest.outputs.map((record) => [record.path, record]))
  const values = readingOf(manifest)
  const maps = yield* Effect.forEach(manifest.lesions, (lesion) => mapOf(folder, lesion, records, values))
  const degree = manifest.outputs.find((record) => isDegreeMap(record.path))
  return { folder, maps, degree, study: manifest.study } satisfies FolderMaps as FolderMaps
})

const mapOf = Effect.fnUntraced(function* (
  folder: string,
  listed: ListedLesion,
  records: ReadonlyMap<string, FileRecord>,
  values: LesionValues
) {
  const { maps, files } = listed
  const of = (statistic: "z" | "r" | "t") =>
    records.get(files.find((file) => file.endsWith(`_stat-${statistic}_statmap.nii.gz`)) ?? "")
  const statistic = of("z") === undefined ? "r" : "z"
  const [map, t] = [of(statistic), of("t")]
  const patient = entityOf(parseBidsName(path.posix.basename(maps)), "sub")
  if (map === undefined || patient === undefined) {
    const problem = "there is neither a z map nor an r map of it"
    return yield* new InvalidCohort({
      file: path.join(folder, maps),
      problem,
      remedy: "Map with z in statistics.maps"
    })
  }
  const found: CohortMap = {
    patient,
    file: path.join(folder, map.path),
    statistic,
    t: t === undefined ? undefined : path.join(folder, t.path),
    lesion: lesionOf(folder, listed, values, records),
    recorded: { folder, map, t }
  }
  return found
})

const lesionOf = (
  folder: string,
  listed: ListedLesion,
  values: LesionValues,
  records: ReadonlyMap<string, FileRecord>
): CohortLesion => {
  const { file, seed, summary, flipped = false } = listed
  const voxels = summary.lesion_voxels
  return {
    file: file.path,
    seed,
    values: valuesOf(seed, values),
    flipped,
    ...elsewhere(folder, listed, records),
    recorded: { file, voxels: typeof voxels === "number" ? voxels : undefined }
  }
}

/** Where a lesion lies in the template of its maps, if its file does not show that. */
const elsewhere = (
  folder: string,
  { maps, seed, flipped = false, warpedFrom, asMapped, summary }: ListedLesion,
  records: ReadonlyMap<string, FileRecord>
): Pick<CohortLesion, "broughtOver" | "unplaced"> => {
  if (warpedFrom === undefined || isPlace(seed)) return {}
  if (spaceInName(maps) === warpedFrom) {
    const unplaced = `it was mirrored in the connectome's template, and its maps were brought back to ${warpedFrom}`
    return flipped ? { unplaced } : {}
  }
  const image = records.get(asMapped ?? "")
  const volumeMl = summary.warped_volume_ml
  return image === undefined || typeof volumeMl !== "number"
    ? { unplaced: `it was brought over from ${warpedFrom} by an earlier version, which kept no image of that` }
    : { broughtOver: { file: path.join(folder, image.path), image, volumeMl } }
}

/** How a run reads the values of lesions; other keys of its config are not looked at. */
const Reading = Schema.Struct({
  lesions: Schema.Struct({
    weights: Schema.optionalKey(Schema.Literals(["binary", "values"])),
    threshold: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
    values: Schema.optionalKey(Schema.NullOr(Schema.Union([Schema.Finite, Schema.Array(Schema.Finite)])))
  })
})

const decodeReading = Schema.decodeUnknownOption(Reading)

const readingOf = ({ config }: Manifest): LesionValues =>
  Option.match(decodeReading(config), { onNone: () => ({}), onSome: ({ lesions }) => lesions })
