/** Subjects and scans for the stages that prepare a connectome, without files. */
import type { RawSubject } from "../../src/connectome/RawConnectome.ts"
import type { StoreExtent } from "../../src/connectome/store/storeGeometry.ts"
import type { Scan } from "../../src/stages/prepare/ReadScan.ts"
import { noise } from "./tinyConnectome.ts"

/** A subject of runs that are never read. */
export const subjectOf = (id: string, ...runs: ReadonlyArray<number>): RawSubject => ({
  id,
  sources: runs.map((_, run) => `${id}_run-${run + 1}_bold.nii.gz`),
  runs: runs.map((timePoints) => ({ reader: "hdf5", file: "nowhere.h5", place: 0, timePoints })),
  timePoints: runs.reduce((sum, run) => sum + run, 0),
  fingerprint: `fingerprint of ${id}`,
  files: [],
  bytes: 0
})

/** Its scan: a mean of thousands and seeded noise. */
export const scanOf = (subject: RawSubject, voxels: number, seed = 1): Scan => {
  const random = noise(seed)
  const raw = Float32Array.from({ length: subject.timePoints * voxels }, () => 3000 + 40 * random())
  return { subject, raw }
}

export const extentOf = (
  voxels: number,
  timePoints: number,
  panelsPerChunk: number,
  precision: StoreExtent["precision"] = "int16"
): StoreExtent => ({ subjects: 2, voxels, timePoints, precision, panelsPerChunk })

/** The time series of a voxel in panels, [panel][time points][8]. */
export const seriesIn = (panels: ArrayLike<number>, timePoints: number, voxel: number): ReadonlyArray<number> =>
  Array.from({ length: timePoints }, (_, t) => panels[((voxel >> 3) * timePoints + t) * 8 + (voxel & 7)]!)
