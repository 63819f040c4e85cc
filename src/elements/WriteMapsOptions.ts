/** Options of `writeMaps`: which maps of which lesions are written, on which grid, and what their sidecars say. */
import type { Connectome } from "../connectome/Connectome.ts"
import type { Lesion } from "../lesions/Lesion.ts"
import type { MapProvenance } from "../output/sidecar.ts"
import type { Statistic } from "../output/statisticRows.ts"
import type { WarpFile } from "../warps/templateWarps.ts"

export interface WriteMapsOptions {
  /** The lesions of the pass, in its order. */
  readonly lesions: ReadonlyArray<Lesion>
  readonly connectome: Connectome
  readonly space: string
  readonly method: string
  readonly maps: ReadonlyArray<Statistic>
  /** The grid that the maps are written on: the connectome's, or each lesion's own. */
  readonly grid: "connectome" | "lesion"
  /** What brings maps to the grids of lesions that lie in another template. Undefined: there are none. */
  readonly back?: WarpFile | undefined
  readonly provenance: MapProvenance
}
