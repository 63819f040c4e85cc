/**
 * Fisher z: turns tiles of r into tiles of z = atanh(r), in the tile's own buffer. Sits between correlate and reduce.
 * Source: Fisher 1915, Biometrika, doi:10.1093/biomet/10.4.507
 */
import { Stream } from "effect"
import type { StageOperation } from "../elements/operations.ts"
import type { Tile } from "../elements/Tile.ts"
import { fisherZ as transformToZ } from "../kernels/fisherZ.ts"
import type { Stage } from "../runtime/Stage.ts"

/** The stage that transforms r to z in place. Shapes: `Tile`. */
export const fisherZ: Stage<Tile<"r">, Tile<"z">> = {
  name: "fisherZ",
  operation: { _tag: "fisherZ" } satisfies StageOperation,
  transform: Stream.map((tile): Tile<"z"> => {
    transformToZ(tile.values, tile.lesions * (tile.last - tile.first))
    return { ...tile, statistic: "z" }
  }),
  footprintBytes: () => 0
}
