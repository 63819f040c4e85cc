/**
 * Fixed-point numbers, in which z and z² are summed over subjects: 64-bit integers in units of 2⁻⁴⁰. A value is rounded once,
 * when it is added; sums are exact from then on, in any order.
 *
 * Numerics: float64 numbers between 2¹² and 2¹³ are 2⁻⁴⁰ apart. Adding a value to 1.5 · 2¹² rounds it to that, half to even, and
 * the bits of the result are those of 1.5 · 2¹² plus the value in units of 2⁻⁴⁰: the same integers as the WebAssembly kernels'.
 * Values are below 2¹¹ in size. A number and its bits share the memory of two views, which V8 compiles to a move
 * between registers: 64-bit integers are made without an allocation.
 */

/** Fraction bits of the sums of a study. */
export const fractionBits = 40

/**
 * Fraction bits of the sums of a study that is computed in float64 because it has two or three subjects. Where these have nearly
 * the same z, t is a matter of z² to its last digits: those of float64 below 1.
 */
export const fractionBitsOfFew = 52

/** Size below which values are rounded right. */
export const largestFixed = 2 ** 11

const number = new Float64Array(1)
const bits = new BigInt64Array(number.buffer)

const bitsOf = (value: number): bigint => {
  number[0] = value
  return bits[0]!
}

/** 1.5 · 2¹², whose neighbours are 2⁻⁴⁰ apart. */
const rounding = 1.5 * 2 ** (52 - fractionBits)

/** The bits of `rounding`: what the WebAssembly kernels add to each sum besides the value, once a subject. */
export const roundingBits = bitsOf(rounding)

/** 1.5, whose neighbours are 2⁻⁵² apart. */
const fineRounding = 1.5
const fineRoundingBits = bitsOf(fineRounding)

/** A value in units of 2⁻⁴⁰. */
const toFixed = (value: number): bigint => {
  number[0] = rounding + value
  return bits[0]! - roundingBits
}

/** A value in units of 2⁻⁵²: what is left when it is rounded to 2⁻⁴⁰ is exact, and rounded in turn. */
const toFineFixed = (value: number): bigint => {
  number[0] = rounding + value
  const coarse = bits[0]! - roundingBits
  number[0] = fineRounding + (value - (number[0]! - rounding))
  return coarse * 4096n + (bits[0]! - fineRoundingBits)
}

/** How a float64 value becomes a fixed-point number of so many fraction bits. */
export const roundingTo = (digits: number): ((value: number) => bigint) => {
  if (digits === fractionBits) return toFixed
  if (digits === fractionBitsOfFew) return toFineFixed
  throw new RangeError(`sums have ${fractionBits} or ${fractionBitsOfFew} fraction bits, not ${digits}`)
}

/** A fixed-point number as float64, rounded once. */
export const fromFixed = (value: bigint, digits: number): number => Number(value) * 2 ** -digits
