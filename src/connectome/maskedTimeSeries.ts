/**
 * Reads the time series of a brain mask's voxels from one 4D NIfTI file, volume by volume.
 *
 * The reader of the NIfTI connectome: the file streams through one volume's buffer, the mask's voxels are picked from
 * each volume and become one row of the result. Nothing but that volume is held, however long the scan. Neither
 * centres nor checks the series; a NaN in the file is a NaN in the result.
 */
import { Effect } from "effect"
import { decodeVoxels } from "../imaging/decodeVoxels.ts"
import { giveBack } from "../imaging/giveBack.ts"
import type { InvalidNifti } from "../imaging/InvalidNifti.ts"
import type { DatatypeName } from "../imaging/NiftiDatatype.ts"
import { type NiftiHeader, volumeBytesOf } from "../imaging/NiftiHeader.ts"
import { streamingBytes, streamVolumes } from "../imaging/streamVolumes.ts"

/** Types whose every value is a float32 as it stands, so that rounding loses nothing. */
const exactInFloat32: ReadonlySet<DatatypeName> = new Set(["uint8", "int8", "uint16", "int16", "float32"])

const isExact = ({ datatype, slope, inter }: NiftiHeader): boolean =>
  exactInFloat32.has(datatype) && slope === 1 && inter === 0

/** Bytes that reading one file holds at its peak: one stored volume, two float64 a voxel, and the streams' pieces. */
export const maskedTimeSeriesBytes = (header: NiftiHeader, voxels: number): number =>
  volumeBytesOf(header) + 2 * Float64Array.BYTES_PER_ELEMENT * voxels + streamingBytes

/**
 * Reads every time point of a file at the given elements of its grid.
 *
 * Shapes: `gridIndex` is (voxels); `into` is (time points, voxels), voxel fastest, filled whole.
 *
 * Numerics: float32. Values that float32 does not hold (scaled, float64, wide integers) first lose the voxel's value at
 * the first time point, in float64: a signal of 1 on a mean of 10⁶ keeps its digits. Infinities stay, or become NaN.
 *
 * Errors: `InvalidNifti` where the file is truncated or damaged.
 *
 * Memory: `maskedTimeSeriesBytes`.
 */
export const readMaskedTimeSeries = (
  header: NiftiHeader,
  gridIndex: Int32Array,
  into: Float32Array
): Effect.Effect<void, InvalidNifti> => {
  const voxels = gridIndex.length
  const volume = new Uint8Array(volumeBytesOf(header))
  const exact = isExact(header)
  const values = exact ? undefined : new Float64Array(voxels)
  const first = exact ? undefined : new Float64Array(voxels)
  return streamVolumes(header, volume, (timePoint) => {
    const row = into.subarray(timePoint * voxels, (timePoint + 1) * voxels)
    if (values === undefined || first === undefined) return decodeVoxels(volume, header, row, gridIndex)
    decodeVoxels(volume, header, values, gridIndex)
    if (timePoint === 0) first.set(values)
    for (let voxel = 0; voxel < voxels; voxel++) row[voxel] = values[voxel]! - first[voxel]!
  }).pipe(Effect.ensuring(Effect.sync(() => giveBack(volume, values, first))))
}
