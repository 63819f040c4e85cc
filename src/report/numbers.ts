/** Numbers as the report shows them: as many digits as mean something, the same in every language. */

/** Thousands apart by a narrow space: 228,453 is one number in one country and another in the next. */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f")

/** So many digits that count, without an exponent where it can be read without. */
export const significant = (value: number, digits = 3): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "n/a" : value > 0 ? "∞" : "-∞"
  const size = Math.abs(value)
  return size !== 0 && (size < 1e-4 || size >= 1e6) ? value.toExponential(digits - 1) : plainDigits(value, digits)
}

/** The same without zeros at its end: for thresholds, which people have chosen. */
export const trimmed = (value: number): string => {
  const text = significant(value)
  return text.includes("e") || !text.includes(".") ? text : text.replace(/\.?0+$/, "")
}

const plainDigits = (value: number, digits: number): string => {
  const before = value === 0 ? 1 : Math.floor(Math.log10(Math.abs(value))) + 1
  return value.toFixed(Math.min(100, Math.max(0, digits - before)))
}

/** With so many decimals; never -0. */
export const decimals = (value: number, places: number): string => {
  const text = value.toFixed(places)
  return Number(text) === 0 ? text.replace("-", "") : text
}

/** A share as per cent: never 0 or 100 where it is not. */
export const percent = (share: number): string => {
  if (share > 0 && share < 0.001) return "< 0.1 %"
  if (share < 1 && share > 0.999) return "> 99.9 %"
  return `${decimals(100 * share, share > 0 && share < 0.1 ? 1 : 0)} %`
}

/** A p with two digits, without an exponent where it can be read without: 0.0001. */
export const probability = (value: number): string => {
  const rounded = Number(value.toPrecision(2))
  if (!Number.isFinite(rounded) || (rounded !== 0 && rounded < 1e-6)) return significant(value, 2)
  return rounded === 0 ? "0" : rounded.toFixed(8).replace(/\.?0+$/, "")
}

/** One of something, or several: "1 lesion", "96 lesions". */
export const several = (value: number, one: string, more = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : more}`

/** A place in mm: "-42, 18, 6". */
export const place = (mm: readonly [number, number, number]): string => mm.map((axis) => decimals(axis, 0)).join(", ")

/** To two decimals: enough for a place in a drawing. */
export const hundredths = (value: number): number => Math.round(100 * value) / 100
