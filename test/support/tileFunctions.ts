/** Functions over z that tests name by this module; the workers import it as Node reads TypeScript. */

type Values = Float32Array | Float64Array

export const identity = (): void => {}

/** Draws every z towards 0 by as much, and those that are nearer to it. */
export const shrink = (values: Values, { by }: { readonly by: number }): void => {
  for (let i = 0; i < values.length; i++) values[i] = Math.sign(values[i]!) * Math.max(0, Math.abs(values[i]!) - by)
}

/** Multiplies by one of the factors. */
export const scale = (values: Values, { factors, which }: { readonly factors: Float64Array; which: number }): void => {
  for (let i = 0; i < values.length; i++) values[i]! *= factors[which]!
}

/** Raises z near to a number so far that it cannot be summed, or makes it NaN. */
export const spoil = (values: Values, { at, within, to }: Record<"at" | "within" | "to", number>): void => {
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]! - at) < within) values[i] = to
}

/** 1/z, which is infinite for what only fills a tile up. */
export const invert = (values: Values): void => {
  for (let i = 0; i < values.length; i++) values[i] = values[i] === 0 ? Number.NaN : Math.tanh(0.01 / values[i]!)
}

export const fail = (): void => {
  throw new TypeError("this cannot be transformed")
}

export const failWithText = (): void => {
  throw "only a text"
}

export const asynchronous = async (values: Values): Promise<void> => {
  await Promise.resolve()
  values.fill(0)
}

export const notAFunction = 7
