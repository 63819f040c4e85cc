/**
 * Map tiles: changes every z by a function of the user's, element by element, in the tile's own buffer. Sits between fisherZ and reduce;
 * several may follow one another.
 *
 * The function is named by the module that exports it, so that a backend can have its workers import it and keep this stage in the row
 * that it computes as one. See `TileFunction` for what a function may do.
 *
 * Errors: `TileFunctionMissing` before the first tile is asked for, `TileFunctionFailed`.
 */
import { Effect, Stream } from "effect"
import { loadTileFunction } from "../elements/loadTileFunction.ts"
import type { StageOperation } from "../elements/operations.ts"
import type { Tile } from "../elements/Tile.ts"
import type { TileFunctionFailed, TileFunctionMissing } from "../elements/TileFunctionUnusable.ts"
import type { Stage } from "../runtime/Stage.ts"

/** Options of `mapTiles`. */
export interface MapTilesOptions {
  /** Name of the stage, for the plan and the manifest. */
  readonly name: string
  /** What is imported: TypeScript in a checkout, JavaScript in an installed package. */
  readonly module: URL
  /** The module's export that is called. */
  readonly export: string
  /** Plain data that the function gets as its second argument: numbers, strings, lists, objects, typed arrays. */
  readonly parameters?: unknown
}

/**
 * The stage that applies a function of the user's to z. Shapes: `Tile`. When the stage runs plain, the function gets the
 * tile's float64 values themselves.
 */
export const mapTiles = (
  options: MapTilesOptions
): Stage<Tile<"z">, Tile<"z">, TileFunctionMissing | TileFunctionFailed> => {
  const { name, module, export: exported, parameters } = options
  const source = { name, module: module.href, export: exported, parameters }
  return {
    name,
    operation: { _tag: "mapTiles", source } satisfies StageOperation,
    transform: (tiles) =>
      Stream.unwrap(
        Effect.map(loadTileFunction(source), (apply) =>
          Stream.mapEffect(tiles, (tile) => {
            const { values, lesions, first, last } = tile
            return Effect.as(apply(values.subarray(0, lesions * (last - first))), tile)
          })
        )
      ),
    footprintBytes: () => 0
  }
}
