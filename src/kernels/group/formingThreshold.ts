/**
 * The |t| that has this two-tailed p: by bisection, as it is needed once a contrast.
 *
 * Numerics: to the rounding of float64. p is above 0 and at most 1.
 */
import { makeTwoTailedP } from "../studentT.ts"

export const tOfTwoTailedP = (p: number, degreesOfFreedom: number): number => {
  const twoTailedP = makeTwoTailedP(degreesOfFreedom)
  let [low, high] = [0, 1]
  while (twoTailedP(high) > p) high *= 2
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) return high
    if (twoTailedP(middle) > p) low = middle
    else high = middle
  }
}
