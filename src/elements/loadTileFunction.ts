/** Functions of the user's over the z of a tile, loaded on this thread. */
import { Effect } from "effect"
import { applyTileFunction, importTileFunction, type TileFunctionSource } from "./TileFunction.ts"
import { TileFunctionFailed, TileFunctionMissing, unusable } from "./TileFunctionUnusable.ts"

/** Fails where the parameters are not plain data. */
export const checkParameters = (source: TileFunctionSource): Effect.Effect<void, TileFunctionMissing> =>
  Effect.try({
    try: () => void structuredClone(source.parameters),
    catch: (cause) => new TileFunctionMissing(unusable(source, cause))
  })

/** Imports the function, and gives what applies it with its parameters. */
export const loadTileFunction = Effect.fn("loadTileFunction")(function* (source: TileFunctionSource) {
  yield* checkParameters(source)
  const imported = yield* Effect.tryPromise({
    try: () => importTileFunction(source),
    catch: (cause) => new TileFunctionMissing(unusable(source, cause))
  })
  return (values: Float32Array | Float64Array) =>
    Effect.try({
      try: () => applyTileFunction(imported, values, source.parameters),
      catch: (cause) => new TileFunctionFailed(unusable(source, cause))
    })
})
