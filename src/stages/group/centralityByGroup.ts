/**
 * The centrality of the patients' lesions by group of each contrast: whether patients with the symptom have lesions in tissue that is better
 * connected, which a contrast would find as well.
 *
 * Centrality is the mean z of a patient's map outside of the lesion; where lesions are not known, that of the whole map.
 */
import { dot, normOf } from "../../kernels/group/orthonormalBasis.ts"
import { makeTwoTailedP } from "../../kernels/studentT.ts"
import type { Warning } from "../../runtime/Warnings.ts"
import type { GroupDesign } from "./groupDesign.ts"

/** p from which on a difference of centrality is not warned of. */
const level = 0.05

const outsideOfLesion = "mean z outside of the lesion"

/** What a contrast's covariate of centrality is called. */
const covariateName = "centrality"

export interface DescribedContrast {
  readonly config: { readonly name: string; readonly of: string; readonly covariates: ReadonlyArray<string> }
  readonly design: GroupDesign
}

/** The patients of one group, or of a score all. */
export interface GroupCentrality {
  readonly contrast: string
  readonly of: string
  readonly group: string
  readonly patients: number
  readonly measure: string
  readonly mean: number
  readonly sd: number
  /** Correlation of centrality and effect over all patients of the contrast, and its p by Student's t. */
  readonly r: number | undefined
  readonly p: number | undefined
  readonly isCovariate: boolean
}

export interface Centralities {
  /** Of each patient; NaN where the lesion is not known. */
  readonly outsideLesions: Float64Array | undefined
  readonly ofWholeMaps: Float64Array
}

export const centralityByGroup = (
  { config, design }: DescribedContrast,
  { outsideLesions, ofWholeMaps }: Centralities
): ReadonlyArray<GroupCentrality> => {
  const { kept, effect, groups } = design
  const outside = Float64Array.from(kept, (patient) => outsideLesions?.[patient] ?? Number.NaN)
  const areKnown = outside.every(Number.isFinite)
  const values = areKnown ? outside : Float64Array.from(kept, (patient) => ofWholeMaps[patient]!)
  const shared = {
    contrast: config.name,
    of: config.of,
    measure: areKnown ? outsideOfLesion : "mean z of the whole map",
    ...associationOf(values, effect),
    isCovariate: config.covariates.includes(covariateName)
  }
  const membersOf = (code: number) => values.filter((_, n) => effect[n] === code)
  const parts: ReadonlyArray<readonly [string, Float64Array]> =
    groups === undefined
      ? [["all", values]]
      : [
          [groups.names[0], membersOf(0)],
          [groups.names[1], membersOf(1)]
        ]
  return parts.map(([group, own]) => ({ ...shared, group, patients: own.length, ...meanAndSd(own) }))
}

/** A warning where centrality goes with the effect and is not taken out; not of whole maps, whose mean an effect moves by itself. */
export const centralityWarnings = (
  rows: ReadonlyArray<GroupCentrality>,
  participants: string
): ReadonlyArray<Warning> => {
  const first = rows[0]!
  if (first.measure !== outsideOfLesion || first.isCovariate || first.p === undefined || first.p >= level) return []
  const [r, p] = [first.r!.toFixed(2), first.p.toPrecision(2)]
  return [
    {
      file: participants,
      found: `Contrast ${first.contrast}: centrality (${first.measure}) goes with ${first.of} (r = ${r}, p = ${p}) and is no covariate`,
      taken:
        "The contrast is computed all the same: what it finds may be that these lesions lie in tissue that is better, or worse, connected (an effect in a large part of the brain moves the mean of a map as well)"
    }
  ]
}

const centred = (values: Float64Array): Float64Array => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => value - mean)
}

const associationOf = (values: Float64Array, effect: Float64Array) => {
  const [a, b] = [centred(values), centred(effect)]
  const norms = normOf(a) * normOf(b)
  const degrees = values.length - 2
  if (!(norms > 0) || degrees < 1) return { r: undefined, p: undefined }
  const r = Math.max(-1, Math.min(1, dot(a, b) / norms))
  const t = r * Math.sqrt(degrees / Math.max(Number.MIN_VALUE, 1 - r * r))
  return { r, p: makeTwoTailedP(degrees)(t) }
}

const meanAndSd = (values: Float64Array) => ({
  mean: values.reduce((sum, value) => sum + value, 0) / values.length,
  sd: values.length < 2 ? Number.NaN : normOf(centred(values)) / Math.sqrt(values.length - 1)
})
