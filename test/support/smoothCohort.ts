/** A cohort of smooth maps on disk, with columns that a test names, and what the witness needs of its contrasts. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import type { Grid } from "../../src/imaging/Grid.ts"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"

export const smoothShape = [8, 7, 6] as const
export const smoothGrid: Grid = { shape: smoothShape, affine: [3, 0, 0, -15, 0, 3, 0, -12, 0, 0, 3, -9, 0, 0, 0, 1] }

/** Elements of the mask: all but some, so that neighbours are missing inside of it. */
export const smoothElements: ReadonlyArray<number> = [...Array(336).keys()].filter((e) => e % 11 !== 4)

export interface SmoothCohort {
  readonly patients: number
  readonly seed: number
  /** Columns of the table of participants. */
  readonly columns: Readonly<Record<string, ReadonlyArray<number | string>>>
  /** Change of a patient's map in the first third of the elements, for a unit of this. */
  readonly effect: ReadonlyArray<number>
  /** Change in all elements. */
  readonly nuisance: ReadonlyArray<number>
  /** Steps of values, so that there are ties between patients; default: none. */
  readonly steps?: number
}

/** Noise averaged over neighbours along all axes. */
const smoothNoise = (random: Xoshiro128): Float32Array => {
  const [nx, ny, nz] = smoothShape
  const noise = new Float32Array(nx * ny * nz)
  random.fillGaussian(noise)
  return noise.map((value, e) => {
    const near = [1, -1, nx, -nx, nx * ny, -nx * ny].map((step) => noise[e + step] ?? 0)
    return 0.5 * value + 0.3 * near.reduce((sum, other) => sum + other, 0)
  })
}

/** Writes maps, `maps.tsv` and `participants.tsv`; gives the values at `smoothElements`. Shape: (patients, voxels). */
export const writeSmoothCohort = (folder: string, cohort: SmoothCohort): Float32Array => {
  const { patients, seed, columns, effect, nuisance, steps } = cohort
  mkdirSync(folder, { recursive: true })
  const random = new Xoshiro128(seed, 5)
  const taken: Array<number> = []
  const names = Array.from({ length: patients }, (_, n) => `sub-${n}_space-MNI152NLin6Asym_stat-z_statmap.nii`)
  for (const [n, name] of names.entries()) {
    const values = smoothNoise(random).map((value, e) => {
      const z = 0.4 + 0.1 * value + 0.01 * nuisance[n]! + (e < 110 ? effect[n]! : 0)
      return steps === undefined ? z : Math.round(z * steps) / steps
    })
    const masked = new Float32Array(values.length)
    for (const e of smoothElements) masked[e] = values[e] === 0 ? 1e-3 : values[e]!
    taken.push(...smoothElements.map((e) => masked[e]!))
    writeFileSync(join(folder, name), encodeNifti({ grid: smoothGrid, space: "MNI152NLin6Asym", values: masked }))
  }
  const table = (header: ReadonlyArray<string>, cell: (n: number) => ReadonlyArray<number | string>) =>
    [header, ...names.map((_, n) => [`sub-${n}`, ...cell(n)])].map((row) => `${row.join("\t")}\n`).join("")
  writeFileSync(
    join(folder, "maps.tsv"),
    table(["participant_id", "map"], (n) => [names[n]!])
  )
  writeFileSync(
    join(folder, "participants.tsv"),
    table(["participant_id", ...Object.keys(columns)], (n) => Object.values(columns).map((column) => column[n]!))
  )
  return Float32Array.from(taken)
}
