/**
 * The sums over subjects of one lesion, where they lie: in the blocks of the engine's memory, or in a row.
 *
 * Panel after panel of `width` voxels: Σz of each voxel, then Σz² of each. The voxels of a row are a single panel.
 */
/** The sums of z and z² of one lesion: a view with a stride. Shape: (panels, 2, width), `step` elements apart. */
export interface LesionSums {
  /** Fixed-point numbers, from the first Σz of the lesion on. */
  readonly values: BigInt64Array
  readonly width: number
  /** Elements from one panel to the next. */
  readonly step: number
  readonly voxels: number
  readonly subjects: number
  readonly fractionBits: number
}

/** Value of the lowest bit in the upper half of a 64-bit integer. */
const upper = 2 ** 32

/**
 * The mean z over subjects at each voxel, rounded twice. Shape: `z` (voxels), which is written. The halves of a sum are added in
 * float64, which rounds as converting the whole integer does, in a tenth of the time.
 */
export const copyMeans = (sums: LesionSums, z: Float64Array): void => {
  const { values, width, step, voxels, subjects, fractionBits } = sums
  // The low half comes first in memory on every machine that Node runs on.
  const halves = new Int32Array(values.buffer, values.byteOffset, 2 * values.length)
  const unit = 2 ** -fractionBits
  for (let first = 0, panel = 0; first < voxels; first += width, panel += step) {
    const count = Math.min(width, voxels - first)
    for (let i = 0; i < count; i++) {
      const at = 2 * (panel + i)
      z[first + i] = ((halves[at + 1]! * upper + (halves[at]! >>> 0)) * unit) / subjects
    }
  }
}

/** Adds the sums `from` of a lesion to the sums `into`, which may have another layout; mutates only `into`. */
export const addSums = (from: LesionSums, into: LesionSums): void => {
  for (let voxel = 0; voxel < from.voxels; voxel++) {
    const [at, to] = [indexOf(from, voxel), indexOf(into, voxel)]
    into.values[to]! += from.values[at]!
    into.values[to + into.width]! += from.values[at + from.width]!
  }
}

/** Where Σz of a voxel is among the values; its Σz² is `width` further. */
const indexOf = ({ width, step }: LesionSums, voxel: number): number =>
  Math.floor(voxel / width) * step + (voxel % width)
