/** The function of `winsorisedZ.ts`, in a module of its own so that each worker can import it. */

/** Draws every z beyond ±limit back to it. */
export const winsorise = (values: Float32Array | Float64Array, { limit }: { readonly limit: number }): void => {
  for (let i = 0; i < values.length; i++) values[i] = Math.max(-limit, Math.min(limit, values[i]!))
}
