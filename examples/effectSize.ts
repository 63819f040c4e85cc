/**
 * A statistic of one's own: Cohen's d over subjects, z̄ in units of the standard deviation of z, d = t/√n. It does not grow with the
 * number of subjects, as t does.
 *
 * A stage behind `statistics`, which hands the maps on with one more, Shape: (voxels). Source: Cohen 1988, ISBN 0-8058-0283-5, chapter 2
 */
import { Stream } from "effect"
import type { LesionMaps, Stage } from "../src/index.ts"

export type WithEffectSize = LesionMaps & { readonly d: Float64Array }

export const effectSize: Stage<LesionMaps, WithEffectSize> = {
  name: "effectSize",
  transform: Stream.map((lesion) => ({ ...lesion, d: lesion.maps.t.map((t) => t / Math.sqrt(lesion.subjects)) })),
  // A map of float64 beside those of statistics.
  footprintBytes: ({ voxels }) => 8 * voxels
}
