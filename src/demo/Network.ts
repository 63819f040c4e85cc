/**
 * The demo's ground truth: seven networks of the cerebral cortex, each a few regions and their partners in the other
 * hemisphere. A voxel belongs to the network of the nearest region centre.
 *
 * Names and order are those of Yeo et al. 2011 (J. Neurophysiol., doi:10.1152/jn.00338.2011); the centres are rough
 * places of well-known regions, given by eye. This is a phantom, not an atlas: do not use it to label real brains.
 */

export const networkNames = [
  "Visual",
  "Somatomotor",
  "DorsalAttention",
  "VentralAttention",
  "Limbic",
  "Frontoparietal",
  "Default"
] as const

export type NetworkName = (typeof networkNames)[number]

export type Side = "left" | "right"

/** A point in MNI space, mm, RAS+. */
export type PointMm = readonly [x: number, y: number, z: number]

/** Centres of the right hemisphere's regions; the left ones have -x. */
const regionsMm: Readonly<Record<NetworkName, ReadonlyArray<PointMm>>> = {
  Visual: [
    [12, -90, 4], // primary visual cortex
    [34, -84, 10],
    [14, -70, -4]
  ],
  Somatomotor: [
    [40, -24, 56], // hand area
    [56, -10, 32], // face area
    [6, -22, 64], // leg area
    [60, -18, 8], // auditory cortex
    [27, 0, 2] // putamen
  ],
  DorsalAttention: [
    [26, -62, 56], // superior parietal lobule
    [26, -4, 58], // frontal eye field
    [50, -62, -8] // middle temporal area
  ],
  VentralAttention: [
    [38, 10, 0], // insula
    [60, -38, 26], // temporoparietal junction
    [6, 14, 46] // anterior cingulate cortex
  ],
  Limbic: [
    [38, 10, -34], // temporal pole
    [14, 34, -20], // orbitofrontal cortex
    [24, -14, -20] // hippocampus and amygdala
  ],
  Frontoparietal: [
    [44, 36, 22], // dorsolateral prefrontal cortex
    [48, -50, 48], // inferior parietal lobule
    [36, 58, 2],
    [13, 12, 11] // caudate nucleus
  ],
  Default: [
    [6, 52, 12], // medial prefrontal cortex
    [6, -54, 28], // posterior cingulate cortex
    [46, -68, 34], // angular gyrus
    [62, -14, -18], // middle temporal gyrus
    [22, 32, 48], // superior frontal gyrus
    [10, -18, 8] // thalamus
  ]
}

/** Number of the network, 1 to 7, that a place in the brain belongs to; the same on both sides. */
export const networkAt = ([x, y, z]: PointMm): number => {
  let nearest = 0
  let nearestSquareMm2 = Number.POSITIVE_INFINITY
  for (const [index, name] of networkNames.entries()) {
    for (const region of regionsMm[name]) {
      const squareMm2 = (Math.abs(x) - region[0]) ** 2 + (y - region[1]) ** 2 + (z - region[2]) ** 2
      if (squareMm2 < nearestSquareMm2) {
        nearestSquareMm2 = squareMm2
        nearest = index + 1
      }
    }
  }
  return nearest
}
