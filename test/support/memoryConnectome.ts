/**
 * A connectome in memory, from given time series or from a seeded generator, for tests of stages and pipelines.
 *
 * The generated signal looks like raw BOLD: a mean in the thousands, a few signals that voxels share with different
 * weights (so that correlations are not only noise), and noise. It can be told to fail, or never to end, at a subject.
 */
import { Effect } from "effect"
import { type Connectome, ConnectomeUnreadable } from "../../src/connectome/Connectome.ts"
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import type { Grid, Shape } from "../../src/imaging/Grid.ts"

export interface MemoryConnectome extends Connectome {
  readonly space: string
  /** Shape of each: (time points of the subject, voxels), voxel fastest. */
  readonly timeSeries: ReadonlyArray<Float32Array>
  /** First subject and number of subjects of each reading so far, in order. */
  readonly readings: ReadonlyArray<readonly [first: number, count: number]>
}

export interface Behaviour {
  /** A reading that includes this subject fails. */
  readonly failingSubject?: number
  /** A reading that includes this subject never ends. */
  readonly endlessSubject?: number
  /** Runs at the start of each reading. */
  readonly onRead?: (first: number) => Effect.Effect<void>
}

export interface Placement {
  /** Default: two slices as wide as need be, of which the mask takes the second. */
  readonly shape?: Shape
  /** Default: where `shape` is not given, every other element of the grid, from the second on. */
  readonly gridIndex?: Int32Array
}

const affine = [2, 0, 0, -10, 0, 2, 0, -20, 0, 0, 2, -30, 0, 0, 0, 1]

/** A connectome of these time series. Each may have its own number of time points. */
export const connectomeOf = (
  timeSeries: ReadonlyArray<Float32Array>,
  voxels: number,
  { failingSubject, endlessSubject, onRead, shape, gridIndex }: Behaviour & Placement = {}
): MemoryConnectome => {
  const readings: Array<readonly [number, number]> = []
  const grid: Grid = { shape: shape ?? [2, voxels + 1, 1], affine }
  const includes = (first: number, count: number, subject: number | undefined) =>
    subject !== undefined && first <= subject && subject < first + count
  return {
    kind: "memory",
    path: "memory",
    files: [],
    subjects: timeSeries.map((values, index) => ({
      index,
      id: `subject-${index}`,
      file: "memory",
      timePoints: values.length / voxels
    })),
    voxels,
    grid,
    gridIndex: gridIndex ?? Int32Array.from({ length: voxels }, (_, voxel) => 2 * voxel + 1),
    space: "MNI152NLin6Asym",
    storage: "float32",
    bytesToRead: timeSeries.reduce((sum, values) => sum + values.byteLength, 0),
    subjectsPerRead: 1,
    readingBytes: () => 0,
    timeSeries,
    readings,
    read: Effect.fnUntraced(function* (first, into) {
      readings.push([first, into.length])
      if (onRead !== undefined) yield* onRead(first)
      if (includes(first, into.length, endlessSubject)) return yield* Effect.never
      if (includes(first, into.length, failingSubject)) {
        const subject = `subject-${failingSubject}`
        return yield* new ConnectomeUnreadable({ file: "memory", subject, problem: "told to fail", remedy: "None." })
      }
      for (const [position, target] of into.entries()) target.set(timeSeries[first + position]!)
      yield* Effect.yieldNow
    })
  }
}

export interface MemoryConnectomeOptions extends Behaviour, Placement {
  readonly subjects: number
  /** Of every subject, or of each. */
  readonly timePoints: number | ReadonlyArray<number>
  readonly voxels: number
  readonly seed?: number
  /** Voxels without variance in every subject. */
  readonly deadVoxels?: ReadonlyArray<number>
  /** Values that are put over the generated ones. */
  readonly replaced?: ReadonlyArray<{
    readonly subject: number
    readonly timePoint: number
    readonly voxel: number
    readonly value: number
  }>
}

/** A generated connectome: the same numbers for the same seed. */
export const memoryConnectome = (options: MemoryConnectomeOptions): MemoryConnectome => {
  const { subjects, timePoints, voxels, seed = 1, deadVoxels = [], replaced = [] } = options
  const timeSeries = Array.from({ length: subjects }, (_, subject) =>
    generateSubject(typeof timePoints === "number" ? timePoints : timePoints[subject]!, voxels, seed, subject)
  )
  for (const values of timeSeries) {
    for (const voxel of deadVoxels) for (let i = voxel; i < values.length; i += voxels) values[i] = 1e4 / 3
  }
  for (const { subject, timePoint, voxel, value } of replaced) {
    timeSeries[subject]![timePoint * voxels + voxel] = value
  }
  return connectomeOf(timeSeries, voxels, options)
}

const sharedSignals = 3

const generateSubject = (timePoints: number, voxels: number, seed: number, subject: number): Float32Array => {
  const random = new Xoshiro128(seed, subject)
  const signals = new Float32Array(sharedSignals * timePoints)
  random.fillGaussian(signals)
  const values = new Float32Array(timePoints * voxels)
  random.fillGaussian(values)
  for (let t = 0; t < timePoints; t++) {
    for (let v = 0; v < voxels; v++) {
      let shared = 0
      for (let s = 0; s < sharedSignals; s++) shared += Math.sin(1 + v * (s + 1)) * signals[s * timePoints + t]!
      values[t * voxels + v] = 3000 + ((v * 37) % 6000) + 40 * shared + 30 * values[t * voxels + v]!
    }
  }
  return values
}

/** Lesions of 1 to 4 voxels, or fewer where there are fewer, spread over the connectome's voxels. */
export const spreadRegions = (
  lesions: number,
  voxels: number
): ReadonlyArray<{
  readonly voxels: Int32Array
}> =>
  Array.from({ length: lesions }, (_, lesion) => {
    const members = Array.from({ length: 1 + (lesion % 4) }, (_, i) => (lesion * 7 + i * 3) % voxels)
    return { voxels: Int32Array.from(new Set(members)).sort() }
  })

/** The same regions, every second of them with weights between 0.1 and 1. */
export const weighted = <Region extends { readonly voxels: Int32Array }>(regions: ReadonlyArray<Region>) =>
  regions.map((region, lesion) =>
    lesion % 2 === 0
      ? region
      : { ...region, weights: Float32Array.from(region.voxels, (voxel) => 0.55 + 0.45 * Math.sin(voxel + lesion)) }
  )

/** The same regions, and one of all voxels: so that no subject with a valid voxel is empty. */
export const withWholeBrain = <Region extends { readonly voxels: Int32Array }>(
  regions: ReadonlyArray<Region>,
  voxels: number
): ReadonlyArray<Region | { readonly voxels: Int32Array }> => [
  ...regions,
  { voxels: Int32Array.from({ length: voxels }, (_, voxel) => voxel) }
]

/** A connectome of any shape with a voxel without variance, and a NaN in its second subject. */
export const spoiltConnectome = ({
  subjects,
  timePoints,
  voxels,
  seed,
  deadVoxel,
  nanVoxel
}: Record<"subjects" | "voxels" | "seed" | "deadVoxel" | "nanVoxel", number> & {
  readonly timePoints: ReadonlyArray<number>
}): MemoryConnectome =>
  memoryConnectome({
    subjects,
    timePoints: timePoints.slice(0, subjects),
    voxels,
    seed,
    deadVoxels: [deadVoxel % voxels],
    replaced: [{ subject: 1, timePoint: 3, voxel: nanVoxel % voxels, value: Number.NaN }]
  })
