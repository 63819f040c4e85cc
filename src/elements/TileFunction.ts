/**
 * Functions of the user's over the z of a tile, named by the module that exports them: a function cannot be sent to a worker, so each
 * worker imports the module itself. Free of Effect, as the workers are.
 *
 * A function works element by element, in place and synchronously. How many values it is given at a time, of which voxels and
 * lesions, in which order, and whether as float32 or float64 is the backend's choice; some values may be padding (0 at first), whose
 * results are not used. So it must not look at neighbours, count calls or keep anything.
 */

/** Changes the z of a tile in place. */
export type TileFunction<Parameters = unknown> = (values: Float32Array | Float64Array, parameters: Parameters) => void

/** Where a function is found, and what it is called with. Plain data. */
export interface TileFunctionSource {
  /** Name of the stage. */
  readonly name: string
  /** URL of the module. */
  readonly module: string
  readonly export: string
  /** Plain data, which `structuredClone` can copy. */
  readonly parameters: unknown
}

/** Imports the function. Rejects where the module cannot be loaded or exports no such function. */
export const importTileFunction = async ({ module, export: name }: TileFunctionSource): Promise<TileFunction> => {
  const exports = (await import(module)) as Readonly<Record<string, unknown>>
  const found = exports[name]
  if (typeof found === "function") return found as TileFunction
  const functions = Object.keys(exports).filter((other) => typeof exports[other] === "function")
  throw new Error(
    `${name in exports ? "that export is no function" : "there is no such export"}; ` +
      (functions.length === 0 ? "the module exports no function" : `its functions are ${functions.join(", ")}`)
  )
}

/**
 * Calls the function. Throws what the function throws, and where it returns a promise, since its changes would come too
 * late.
 */
export const applyTileFunction = (
  apply: TileFunction,
  values: Float32Array | Float64Array,
  parameters: unknown
): void => {
  const returned: unknown = apply(values, parameters)
  if (returned instanceof Promise) {
    returned.catch(() => {})
    throw new Error("it is asynchronous; the values must be changed when it returns")
  }
}
