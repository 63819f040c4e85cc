/**
 * The colours of slices: greys of the background, a warm arm for positive and a cool one for negative values, and the lesion's outline.
 *
 * Both arms rise in lightness by equal steps in Oklab, a space in which equal distances look equal; warm and cool differ in blue against
 * yellow, which red-green blind people see, and each arm in lightness, which all do.
 *
 * Source: B. Ottosson, "A perceptual color space for image processing", https://bottosson.github.io/posts/oklab/
 */

/** Red, green, blue and opacity, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number, opacity: number]

/** Colours of each arm, from the threshold to the limit. */
export const armColours = 48

/** Greys of the background, from dark to light. */
export const greyColours = 64

/** Positions in the palette. Greys begin at `firstGrey`; level 0 of an arm is its colour at the threshold. */
export const paletteIndex = {
  outside: 0,
  outline: 1,
  outlineEdge: 2,
  firstGrey: 3,
  firstPositive: 3 + greyColours,
  firstNegative: 3 + greyColours + armColours
} as const

/** Lightness of an arm at the threshold and at the limit: above that of all greys. */
const armLightness = [0.58, 0.95] as const

/** Hues in degrees, from the threshold to the limit: orange red to yellow, blue to pale cyan. */
const warmHues = [32, 105] as const
const coolHues = [268, 195] as const

/** Most chroma of an arm; less where the screen has no such colour. */
const armChroma = 0.19

/** Lightness of the darkest and the lightest grey. */
const greyLightness = [0.14, 0.54] as const

const between = ([from, to]: readonly [number, number], share: number): number => from + share * (to - from)

/** Linear sRGB of a colour of Oklab in polar form; may lie outside of what a screen has. */
const linearRgb = (lightness: number, chroma: number, hue: number): readonly [number, number, number] => {
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s
  ]
}

/** A colour of linear light as a screen takes it. Source: IEC 61966-2-1. */
const byteOf = (linear: number): number =>
  Math.round(255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055))

const isOnScreen = (rgb: ReadonlyArray<number>): boolean => rgb.every((part) => part >= 0 && part <= 1)

/** The colour with as much of the chroma as a screen has at this lightness and hue. */
const colourOf = (lightness: number, chroma: number, hue: number): Colour => {
  let [least, most] = [0, chroma]
  if (isOnScreen(linearRgb(lightness, chroma, hue))) least = chroma
  else
    for (let step = 0; step < 24; step++) {
      const middle = (least + most) / 2
      if (isOnScreen(linearRgb(lightness, middle, hue))) least = middle
      else most = middle
    }
  const [red, green, blue] = linearRgb(lightness, least, hue)
  const part = (linear: number) => byteOf(Math.max(0, Math.min(1, linear)))
  return [part(red), part(green), part(blue), 255]
}

const arm = (hues: readonly [number, number]): ReadonlyArray<Colour> =>
  Array.from({ length: armColours }, (_, n) => {
    const share = n / (armColours - 1)
    return colourOf(between(armLightness, share), armChroma, between(hues, share))
  })

export const positiveColours = arm(warmHues)
export const negativeColours = arm(coolHues)

const greys = Array.from({ length: greyColours }, (_, n) =>
  colourOf(between(greyLightness, n / (greyColours - 1)), 0, 0)
)

/** The palette of all slices: outside of the head is transparent, the outline white with a black edge. */
export const palette: ReadonlyArray<Colour> = [
  [0, 0, 0, 0],
  [255, 255, 255, 255],
  [0, 0, 0, 255],
  ...greys,
  ...positiveColours,
  ...negativeColours
]

/** `#rrggbb`. */
export const hexadecimal = ([red, green, blue]: Colour): string =>
  `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`
