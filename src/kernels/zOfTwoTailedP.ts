/**
 * The |z| of the standard normal distribution that has this two-tailed p.
 *
 * Formula: z = -Φ⁻¹(p/2), by rational approximations in three ranges.
 * Numerics: about 1e-15 relative; p below 1e-300, where float64 runs out of digits, counts as that: |z| is at most 37.07.
 * Source: Wichura 1988, Algorithm AS 241, Appl. Stat. 37, 477-484, doi:10.2307/2347330
 */

/** Least p that is told apart from 0. */
const leastP = 1e-300

/** Coefficients as float64 holds them, the constant first, of numerator and denominator in each range. */
const central = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854
  ]
] as const

const outer = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9
  ]
] as const

const farOut = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
    1.421511758316446e-7, 2.0442631033899397e-15
  ]
] as const

/** Farthest from p/2 = 1/2 that the central range goes, and -ln(p/2)'s root at which the last one begins. */
const centralHalf = 0.425
const farOutFrom = 5

type Ratio = readonly [ReadonlyArray<number>, ReadonlyArray<number>]

const ratioAt = ([numerator, denominator]: Ratio, x: number): number =>
  polynomial(numerator, x) / polynomial(denominator, x)

const polynomial = (coefficients: ReadonlyArray<number>, x: number): number => {
  let sum = 0
  for (let power = coefficients.length - 1; power >= 0; power--) sum = sum * x + coefficients[power]!
  return sum
}

export const zOfTwoTailedP = (p: number): number => {
  const tail = Math.max(p, leastP) / 2
  const fromHalf = 0.5 - tail
  if (fromHalf <= centralHalf) return fromHalf * ratioAt(central, centralHalf ** 2 - fromHalf ** 2)
  const root = Math.sqrt(-Math.log(tail))
  return root <= farOutFrom ? ratioAt(outer, root - 1.6) : ratioAt(farOut, root - farOutFrom)
}
