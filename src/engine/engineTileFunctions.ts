/** Functions of the user's over z on the engine's workers: whether they can be used there, and what a worker reports of them as an error. */
import { Effect } from "effect"
import { checkParameters } from "../elements/loadTileFunction.ts"
import type { TileFunctionSource } from "../elements/TileFunction.ts"
import { TileFunctionFailed, TileFunctionMissing, unusable } from "../elements/TileFunctionUnusable.ts"
import type { Engine } from "./Engine.ts"
import type { TileFunctionFault } from "./EngineTask.ts"

/** Has a worker import the functions; fails where one cannot be used. */
export const checkTileFunctions = Effect.fnUntraced(function* (
  engine: Engine["Service"],
  functions: ReadonlyArray<TileFunctionSource>
) {
  if (functions.length === 0) return
  yield* Effect.forEach(functions, checkParameters, { discard: true })
  const { fault } = yield* engine.run({ kind: "loadFunctions", functions })
  if (fault !== undefined) return yield* failOfFault(functions, fault)
})

/** The error of a fault, of which a worker could send the message and stack only. */
export const failOfFault = (
  functions: ReadonlyArray<TileFunctionSource>,
  { kind, index, message, stack }: TileFunctionFault
): Effect.Effect<never, TileFunctionMissing | TileFunctionFailed> => {
  const fields = unusable(functions[index]!, Object.assign(new Error(message), { stack }))
  return Effect.fail(kind === "missing" ? new TileFunctionMissing(fields) : new TileFunctionFailed(fields))
}
