/**
 * What parts of a contrast's permutations have come to, each computed by itself, on any machine: counts add up, and maxima take their places.
 */
import { Context, type Effect } from "effect"
import type { ContrastData } from "./contrastTile.ts"
import type { PermutedRange } from "./permutedMaps.ts"

/** Of some permutations of a contrast. Shapes: `counts` (voxels); the maxima (permutations), none where clusters are not computed. */
export interface PartOfContrast {
  readonly counts: Uint32Array
  readonly maxima: Float64Array
  readonly enhanced: Float64Array
  readonly extents: Float64Array
  readonly masses: Float64Array
}

/** What is computed of neighbours: TFCE and clusters, clusters alone, or nothing. */
export type SpatialKind = "tfce" | "clusters" | "nothing"

export const spatialKind = ({ tfce, clusters }: { readonly tfce: boolean; readonly clusters: boolean }): SpatialKind =>
  tfce ? "tfce" : clusters ? "clusters" : "nothing"

/** Of all permutations of a contrast, by its fingerprint; undefined: they are computed here. */
export interface ContrastPartsService {
  readonly of: (fingerprint: string, kind: SpatialKind) => Effect.Effect<PartOfContrast | undefined>
}

/** The parts that a merge has read. Default: none. */
export const ContrastParts = Context.Reference<ContrastPartsService | undefined>(
  "lesion-network-mapping/stages/group/ContrastParts",
  { defaultValue: () => undefined }
)

/** The contrast with some of its permutations alone. */
export const withPermutations = (contrast: ContrastData, { first, count }: PermutedRange): ContrastData => {
  const { patients } = contrast.basis
  return {
    ...contrast,
    permutations: { ...contrast.permutations, count },
    table: contrast.table.subarray(first * patients, (first + count) * patients)
  }
}
