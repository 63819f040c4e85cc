/**
 * The shape of the demo's brain: which places are grey matter. Cortex is the folded rim of each hemisphere, some
 * millimetres thick, on the outside and along the fissure; deep nuclei and the insula lie inside. White matter, the
 * ventricles, the fissure between the hemispheres, brain stem and cerebellum are left out.
 *
 * Ellipsoids in MNI space, sized by eye after the MNI152 template; both hemispheres are mirror images.
 */
import type { PointMm } from "./Network.ts"

/** An ellipsoid of the right hemisphere, mm. */
interface Ellipsoid {
  readonly centre: PointMm
  readonly radii: PointMm
}

const hemisphere: ReadonlyArray<Ellipsoid> = [
  { centre: [25, -17, 20], radii: [41, 83, 52] }, // frontal, parietal, occipital
  { centre: [43, -14, -19], radii: [20, 42, 19] } // temporal
]

const deepGreyMatter: ReadonlyArray<Ellipsoid> = [
  { centre: [11, -18, 8], radii: [7, 12, 7] }, // thalamus
  { centre: [27, 2, 1], radii: [4, 13, 8] }, // putamen
  { centre: [15, 14, 10], radii: [4, 10, 8] }, // caudate nucleus
  { centre: [26, -20, -16], radii: [5, 14, 5] }, // hippocampus
  { centre: [23, -4, -20], radii: [6, 6, 6] }, // amygdala
  { centre: [39, 6, 2], radii: [3, 17, 11] } // insula
]

const lateralVentricle: Ellipsoid = { centre: [8, -2, 14], radii: [6, 28, 8] }

/** No cortex on the hemisphere's inner face here: corpus callosum, and what lies below it. */
const withoutMedialCortex: Ellipsoid = { centre: [0, -16, 2], radii: [12, 44, 30] }

/** Half the width of the fissure between the hemispheres, mm. */
const fissureMm = 2.5

/** Thickness of the cortex, mm. At the thin end of the human 2 to 4 mm, to keep the demo small. */
const cortexMm = 2

/** Depth of the folds, mm. */
const foldMm = 5

/** How far a place is from the surface of an ellipsoid, mm; negative inside. First order: exact near the surface. */
const distanceMm = (x: number, y: number, z: number, { centre, radii }: Ellipsoid): number => {
  const u = (x - centre[0]) / radii[0]
  const v = (y - centre[1]) / radii[1]
  const w = (z - centre[2]) / radii[2]
  const level = Math.sqrt(u * u + v * v + w * w)
  const steepness = Math.sqrt((u / radii[0]) ** 2 + (v / radii[1]) ** 2 + (w / radii[2]) ** 2)
  return steepness === 0 ? -Math.min(...radii) : (level * (level - 1)) / steepness
}

const inside = (x: number, y: number, z: number, ellipsoid: Ellipsoid): boolean => distanceMm(x, y, z, ellipsoid) <= 0

/** How deep a fold is at a place, 0 (crown of a gyrus) to 1 (bottom of a sulcus): waves of some 25 mm that meander. */
const fold = (x: number, y: number, z: number): number =>
  Math.max(
    0,
    (Math.sin(0.27 * x + 1.5 * Math.sin(0.09 * y)) +
      Math.sin(0.24 * y + 1.2 * Math.sin(0.11 * z)) +
      Math.sin(0.25 * z + 1.4 * Math.sin(0.1 * x))) /
      3
  )

/** Whether a place in MNI space is grey matter of the demo's brain. Units: mm, RAS+. */
export const greyMatter = ([signedX, y, z]: PointMm): boolean => {
  const x = Math.abs(signedX)
  if (x <= fissureMm || inside(x, y, z, lateralVentricle)) return false
  if (deepGreyMatter.some((nucleus) => inside(x, y, z, nucleus))) return true
  const surfaceMm = Math.min(...hemisphere.map((part) => distanceMm(x, y, z, part)))
  if (surfaceMm > 0 || inside(x, y, z, withoutMedialCortex)) return false
  const depthMm = -surfaceMm - foldMm * fold(x, y, z)
  return depthMm >= 0 && (depthMm < cortexMm || x < fissureMm + cortexMm)
}
