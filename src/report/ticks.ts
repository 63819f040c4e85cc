/** Round numbers for the axis of a chart. */

/** Numbers from 0 on, at distances of 1, 2 or 5 times a power of ten, the last at or beyond `most`. */
export const ticksUpTo = (most: number, wanted = 4): ReadonlyArray<number> => {
  if (!(most > 0) || !Number.isFinite(most)) return [0, 1]
  const rough = most / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * (1 - 1e-9))!
  const steps = Math.ceil(most / step - 1e-9)
  return Array.from({ length: steps + 1 }, (_, n) => Number((n * step).toPrecision(12)))
}

/** The same from the last such number at or below `least` on. */
export const ticksBetween = (least: number, most: number, wanted = 4): ReadonlyArray<number> => {
  if (!(most > least) || !Number.isFinite(most - least)) return [least, least + 1]
  const step = ticksUpTo(most - least, wanted)[1]!
  const [first, last] = [Math.floor(least / step + 1e-9), Math.ceil(most / step - 1e-9)]
  return Array.from({ length: last - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(12)))
}
