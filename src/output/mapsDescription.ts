/**
 * What decides the maps of an output folder besides the lesions, as data that the manifest keeps: the study of the sums, the options
 * that are the same for all maps, and what is made of each lesion. The maps of one folder are of one such description.
 */
import { createHash } from "node:crypto"
import { isDeepStrictEqual } from "node:util"
import { Schema } from "effect"
import { type SeedRegion, weightsOf } from "../elements/SeedRegion.ts"
import { canonicalJson } from "./canonicalJson.ts"
import { differencesOf, fingerprintOf, keyDifferences, StudyDescription } from "./studyDescription.ts"

export const MapsDescription = Schema.Struct({
  study: StudyDescription,
  /** By the keys of the config. */
  options: Schema.Record(Schema.String, Schema.Unknown),
  /** What is made, by what messages call it, with what decides it: "statistic r", "parcellation AAL". */
  made: Schema.Record(Schema.String, Schema.Unknown)
})

export type MapsDescription = typeof MapsDescription.Type

/** In what the maps of two descriptions differ where both have them, a clause each. */
export const differencesOfMaps = (saved: MapsDescription, current: MapsDescription): ReadonlyArray<string> => [
  ...differencesOf(saved.study, current.study),
  ...keyDifferences(saved.options, current.options, {}),
  ...Object.keys(current.made)
    .filter((name) => name in saved.made && !isDeepStrictEqual(saved.made[name], current.made[name]))
    .map((name) => `${name} has changed`)
]

/** What the first has made, and the second does not make. */
export const madeOnlyBy = (one: MapsDescription, other: MapsDescription): ReadonlyArray<string> =>
  Object.keys(one.made).filter((name) => !(name in other.made))

/** SHA-256 of everything that decides the maps besides the lesions. */
export const fingerprintOfMaps = ({ study, options, made }: MapsDescription): string =>
  sha256Of(canonicalJson({ study: fingerprintOf(study), options, made })).digest("hex")

/**
 * SHA-256 of everything that decides the maps of a lesion, and its row of the summary.
 *
 * @param maps the fingerprint of the maps
 * @param counts how large it is in its file and on the connectome
 */
export const fingerprintOfLesion = (maps: string, region: SeedRegion, counts: object): string =>
  sha256Of(canonicalJson({ maps, counts }))
    .update(bytesOf(region.voxels))
    .update(bytesOf(weightsOf(region)))
    .digest("hex")

const sha256Of = (text: string) => createHash("sha256").update(text)

const bytesOf = ({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
