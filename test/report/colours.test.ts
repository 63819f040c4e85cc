import { assert, describe, it } from "@effect/vitest"
import {
  armColours,
  type Colour,
  greyColours,
  hexadecimal,
  negativeColours,
  palette,
  paletteIndex,
  positiveColours
} from "../../src/report/colours.ts"

const linear = ([red, green, blue]: ReadonlyArray<number>) =>
  [red!, green!, blue!].map((byte) => {
    const part = byte / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })

/** Oklab of linear light, by the matrices from it, which are not those that the colours were made with. */
const oklab = (rgb: ReadonlyArray<number>) => {
  const [r, g, b] = rgb.map((part) => Math.max(0, part)) as [number, number, number]
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
  ] as const
}

const lightness = (colour: Colour) => oklab(linear(colour))[0]

/** What people without one kind of cone see. Source: Machado et al. 2009, doi:10.1109/TVCG.2009.113, severity 1. */
const blindness = {
  none: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039]
}

const seen = (colour: ReadonlyArray<number>, matrix: ReadonlyArray<number>) => {
  const rgb = linear(colour)
  return oklab([0, 1, 2].map((row) => rgb.reduce((sum, part, n) => sum + matrix[3 * row + n]! * part, 0)))
}

const distance = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) => Math.hypot(...a.map((part, n) => part - b[n]!))

describe("the colours of slices", () => {
  it("rise in lightness by equal steps in both arms, at the same lightness in both", () => {
    for (const arm of [positiveColours, negativeColours]) {
      const steps = arm.slice(1).map((colour, n) => lightness(colour) - lightness(arm[n]!))
      const mean = (lightness(arm.at(-1)!) - lightness(arm[0]!)) / steps.length
      // A step of one in a byte is about 0.003.
      for (const step of steps) assert.closeTo(step, mean, 0.004)
      assert.isAbove(mean, 0.005)
    }
    for (const [n, colour] of positiveColours.entries()) {
      assert.closeTo(lightness(colour), lightness(negativeColours[n]!), 0.006)
    }
  })

  it("tell positive from negative for every kind of colour blindness, at every strength", () => {
    for (const [kind, matrix] of Object.entries(blindness)) {
      for (let n = 0; n < armColours; n++) {
        const apart = distance(seen(positiveColours[n]!, matrix), seen(negativeColours[n]!, matrix))
        // About ten steps of an arm.
        assert.isAbove(apart, 0.07, `${kind}, colour ${n}`)
      }
    }
  })

  it("are lighter at the threshold than every grey of the background", () => {
    const lightest = palette[paletteIndex.firstGrey + greyColours - 1]!
    assert.isAbove(lightness(positiveColours[0]!), lightness(lightest))
    assert.isAbove(lightness(negativeColours[0]!), lightness(lightest))
  })

  it("fit into a palette of bytes, greys from dark to light", () => {
    assert.strictEqual(palette.length, paletteIndex.firstNegative + armColours)
    assert.isAtMost(palette.length, 256)
    const greys = palette.slice(paletteIndex.firstGrey, paletteIndex.firstPositive)
    for (const [n, [red, green, blue]] of greys.entries()) {
      assert.isTrue(red === green && green === blue)
      if (n > 0) assert.isAtLeast(red, greys[n - 1]![0])
    }
    assert.strictEqual(hexadecimal([1, 171, 255, 255]), "#01abff")
  })
})
