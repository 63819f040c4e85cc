/**
 * The map of the connectome's degree, in the root of the output folder: what it is called, its files, and whether it is so small everywhere that
 * nothing can be compared with it.
 *
 * It is of the connectome alone, so it is the same whatever lesions are mapped, and always on the connectome's grid.
 * Source: van den Heuvel et al., Nature Neuroscience, doi:10.1038/s41593-025-02196-7, for what group averages of lesion network maps converge to
 */
import { Effect } from "effect"
import type { Connectome } from "../connectome/Connectome.ts"
import type { Content } from "../files/Content.ts"
import { voxelsOf } from "../imaging/Grid.ts"
import { likelyCompressedBytes } from "../imaging/nifti/compressNifti.ts"
import { gzipNifti } from "../imaging/nifti/gzipNifti.ts"
import { encodeNifti, voxOffset } from "../imaging/nifti/writeNifti.ts"
import { scatter } from "./mapVolume.ts"
import { describeConnectome } from "./sidecar.ts"

/** Path of the map in the output folder. */
export const degreeMapPath = (space: string): string => `${stemOf(space)}.nii.gz`

/** Paths of the map and its sidecar. */
export const degreeMapFiles = (space: string): ReadonlyArray<string> => [degreeMapPath(space), `${stemOf(space)}.json`]

/** Whether a path in an output folder is that of the map. */
export const isDegreeMap = (path: string): boolean =>
  /^space-[A-Za-z0-9]+_desc-degree_stat-r_statmap\.nii\.gz$/.test(path)

const stemOf = (space: string): string => `space-${space}_desc-degree_stat-r_statmap`

/**
 * Root mean square over voxels below which the degree says nothing of the connectome's shape: 0.01.
 *
 * Global signal regression makes every voxel's time series orthogonal to the mean of all of them. The mean of the standardised ones, which the
 * degree is made of, follows that mean closely, so that what is left is their small difference, which says how the voxels' variances differ
 * and not how they are connected. Measured before and after regression: 0.15 and 0.004 in the demo's connectome, 0.08 and 0.001 in that of
 * the benchmarks, 0.03 to 0.11 and 0.003 to 0.008 in simulated networks whose standard deviations differ up to threefold.
 */
export const tinyDegree = 0.01

/** Root mean square over the voxels of the brain mask. */
export const rootMeanSquare = (degree: ArrayLike<number>): number => {
  let squares = 0
  for (let v = 0; v < degree.length; v++) squares += degree[v]! ** 2
  return Math.sqrt(squares / Math.max(1, degree.length))
}

/** Whether a degree is too small everywhere to be compared with, as after global signal regression. Shape: (voxels of the brain mask). */
export const isTinyDegree = (degree: ArrayLike<number>): boolean => rootMeanSquare(degree) < tinyDegree

/** What the map is made from. */
export interface DegreeMap {
  /** Shape: (voxels of the brain mask). */
  readonly degree: Float64Array
  readonly connectome: Pick<Connectome, "path" | "chosen" | "grid" | "gridIndex">
  /** Number of subjects that it is the mean over. */
  readonly subjects: number
  readonly space: string
  /** Version of the package. */
  readonly version: string
}

/** The map and its sidecar, by path. Memory: the volume as float32, and its compressed form. */
export const encodeDegreeMap = (map: DegreeMap): Effect.Effect<Readonly<Record<string, Content>>> =>
  Effect.map(compressed(map), (file) => ({
    [degreeMapPath(map.space)]: file,
    [`${stemOf(map.space)}.json`]: `${JSON.stringify(sidecarOf(map), null, 2)}\n`
  }))

const compressed = ({ degree, connectome, space }: DegreeMap) =>
  Effect.suspend(() => {
    const { grid, gridIndex } = connectome
    const file = new ArrayBuffer(voxOffset + voxelsOf(grid) * Float32Array.BYTES_PER_ELEMENT)
    const values = new Float32Array(file, voxOffset)
    scatter(degree, gridIndex, values)
    const bytes = encodeNifti({ grid, space, values, description: stemOf(space).slice(0, 79) }, file)
    return gzipNifti(bytes, { background: 0, likelyBytes: likelyCompressedBytes(bytes.length, degree.length) })
  })

const sidecarOf = ({ connectome, subjects, space, version }: DegreeMap) => ({
  Description:
    "Degree of the connectome: mean over subjects of each voxel's mean Pearson correlation with all voxels of the brain mask, itself included; no Fisher z",
  StatisticType: "r",
  Units: "correlation coefficient",
  Grid: "connectome",
  ...describeConnectome(connectome, subjects),
  SpatialReference: space,
  SoftwareVersion: version
})
