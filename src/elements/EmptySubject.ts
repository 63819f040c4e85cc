/**
 * A subject that no lesion can be mapped in: no voxel of any lesion has a valid time series there. Its r would be 0 everywhere, and
 * count in every mean; so it is an error, with the cause that can be told from its time series. Found when its seeds are made, before
 * any map is written.
 */
import { Effect, Schema } from "effect"
import type { Subject } from "../connectome/Connectome.ts"
import { type Validity, validityOf } from "../kernels/seriesValidity.ts"
import type { SubjectTimeSeries } from "./Chunk.ts"

/** No voxel of any lesion has a valid time series in a subject. */
export class EmptySubject extends Schema.TaggedError<EmptySubject>()("EmptySubject", {
  file: Schema.String,
  subject: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return (
      `${this.file}: subject ${this.subject}: ${this.problem}. Such a subject would count as r = 0 everywhere: ` +
      "mend its data, or remove it from the connectome. No map was written."
    )
  }
}

/** What is known of voxels with a NaN or infinity in a subject. */
export interface NotFiniteVoxels {
  readonly voxels: number
  /** Shape: (time points). Voxels that are NaN or infinite there; undefined where the source does not keep it. */
  readonly at: Uint32Array | undefined
}

/** The voxels of a subject, with the validity of each one's time series. */
export interface SubjectVoxels {
  readonly subject: Subject
  readonly voxels: number
  readonly validity: (voxel: number) => Validity
  /** What was found of voxels with a NaN or infinity, which have been set to 0 since; undefined: no voxel was set to 0. */
  readonly blanked?: NotFiniteVoxels | undefined
  /** Raw time series, where the source holds them. */
  readonly values?: Float32Array
}

/** The voxels of raw time series. */
export const rawVoxels = ({ subject, values }: SubjectTimeSeries, blanked?: NotFiniteVoxels): SubjectVoxels => {
  const { timePoints } = subject
  const voxels = values.length / timePoints
  return { subject, voxels, validity: (voxel) => validityOf(values, timePoints, voxels, voxel), blanked, values }
}

/**
 * Fails where no voxel of any region has a valid time series.
 *
 * @param regions those of all lesions of the study, so that the outcome does not depend on how lesions are cut into passes
 */
export const failIfEmpty = Effect.fnUntraced(function* (
  found: SubjectVoxels,
  regions: ReadonlyArray<{ readonly voxels: Int32Array }>
) {
  if (regions.some(({ voxels }) => voxels.some((voxel) => found.validity(voxel) === "valid"))) return
  const { file, id } = found.subject
  return yield* new EmptySubject({ file, subject: id, problem: problemOf(found, yield* countVoxels(found)) })
})

interface VoxelCounts {
  readonly notFinite: number
  readonly constant: number
  readonly notFiniteAt: Uint32Array | undefined
}

/** Voxels that are looked at without a pause. */
const voxelsTogether = 4096

const countVoxels = Effect.fnUntraced(function* ({ voxels, validity, blanked, values, subject }: SubjectVoxels) {
  const counts = { valid: 0, constant: 0, notFinite: 0 }
  for (let voxel = 0; voxel < voxels; voxel++) {
    counts[validity(voxel)]++
    if (voxel % voxelsTogether === 0) yield* Effect.yieldNow
  }
  const { voxels: gone, at } = blanked ?? { voxels: 0, at: values && notFiniteAt(values, subject.timePoints, voxels) }
  const found: VoxelCounts = {
    notFinite: counts.notFinite + gone,
    constant: counts.constant - gone,
    notFiniteAt: at
  }
  return found
})

const notFiniteAt = (values: Float32Array, timePoints: number, voxels: number): Uint32Array =>
  Uint32Array.from({ length: timePoints }, (_, t) =>
    values.subarray(t * voxels, (t + 1) * voxels).reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0)
  )

/** The problem in words; those of `prepare-connectome` where it reports the same one. */
const problemOf = ({ voxels, values }: SubjectVoxels, counts: VoxelCounts): string => {
  const { notFinite, constant } = counts
  if (constant === voxels) {
    const zeros = values?.every((value) => value === 0) === true
    return (
      "the signal is constant in every voxel of the brain mask" +
      (zeros ? ": all is 0, as where rows were never written or the source of a virtual dataset is missing" : "")
    )
  }
  const when = describeTimePoints(counts.notFiniteAt)
  if (when?.most === voxels) return `every voxel of the brain mask is NaN or infinite at ${when.times}`
  const where = when === undefined ? "" : ` (${numberOf(when.most)} at ${when.times})`
  const holding = `${numberOf(notFinite)} of ${numberOf(voxels)} voxels of the brain mask hold a NaN or infinity${where}`
  if (notFinite === voxels) return holding
  const flat = `${numberOf(constant)} of ${numberOf(voxels)} voxels of the brain mask are constant`
  const parts = [...(constant > 0 ? [flat] : []), ...(notFinite > 0 ? [holding] : [])].join(", ")
  return notFinite + constant === voxels
    ? `no voxel has a valid time series: ${parts}`
    : `no lesion has a voxel with a valid time series: ${parts}`
}

/** Time points that are named in a message; more are counted. */
const mostNamed = 8

/** The time points at which the most voxels are not finite, and how many; undefined where these are all, or it is not known. */
const describeTimePoints = (at: Uint32Array | undefined) => {
  const most = at?.reduce((largest, count) => Math.max(largest, count), 0) ?? 0
  if (at === undefined || most === 0) return undefined
  const times = [...at.keys()].filter((time) => at[time] === most)
  if (times.length === at.length) return undefined
  const named = times.slice(0, mostNamed).join(", ")
  const rest = times.length > mostNamed ? ` and ${numberOf(times.length - mostNamed)} more` : ""
  return { most, times: `time point ${named}${rest} (the first is 0)` }
}

const numberOf = (count: number): string => count.toLocaleString("en-US")
