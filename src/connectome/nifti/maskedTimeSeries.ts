/**
 * Reads the time series of a brain mask's voxels from one 4D NIfTI file, volume by volume.
 *
 * The reader of the NIfTI connectome: the file streams through a small buffer, the mask's voxels are picked from each part of
 * a volume, and a volume becomes one row of the result. Nothing but that part is held, however long the scan. Neither
 * centres nor checks the series; a NaN in the file is a NaN in the result.
 */
import { Effect } from "effect"
import { decodeVoxels } from "../../imaging/decodeVoxels.ts"
import { giveBack } from "../../imaging/giveBack.ts"
import type { InvalidNifti } from "../../imaging/InvalidNifti.ts"
import type { DatatypeName } from "../../imaging/NiftiDatatype.ts"
import { type NiftiHeader, volumeBytesOf } from "../../imaging/NiftiHeader.ts"
import { streamingBytes, streamVolumes } from "../../imaging/streamVolumes.ts"

/** Types whose every value is a float32 as it stands, so that rounding loses nothing. */
const exactInFloat32: ReadonlySet<DatatypeName> = new Set(["uint8", "int8", "uint16", "int16", "float32"])

const isExact = ({ datatype, slope, inter }: NiftiHeader): boolean =>
  exactInFloat32.has(datatype) && slope === 1 && inter === 0

/** Bytes of a volume that are taken at a time: they stay in a core's own cache. A multiple of the bytes of any voxel. */
const partBytes = 256 * 1024

const partBytesOf = (header: NiftiHeader): number => Math.min(partBytes, volumeBytesOf(header))

/** Bytes that reading one file holds at its peak: a part of a volume, a float64 a voxel of it and of the mask, the streams' pieces. */
export const maskedTimeSeriesBytes = (header: NiftiHeader, voxels: number): number =>
  partBytesOf(header) + Float64Array.BYTES_PER_ELEMENT * (partVoxels(header) + voxels) + streamingBytes

const partVoxels = (header: NiftiHeader): number => partBytesOf(header) / header.bytesPerVoxel

/**
 * Reads every time point of a file at the given elements of its grid.
 *
 * Shapes: `gridIndex` is (voxels), ascending; `into` is (time points, voxels), voxel fastest, filled whole.
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
  const part = new Uint8Array(partBytesOf(header))
  const starts = startsOfParts(header, gridIndex)
  const exact = isExact(header)
  const decoded = exact ? undefined : new Float64Array(partVoxels(header))
  const first = exact ? undefined : new Float64Array(voxels)
  return streamVolumes(header, part, (timePoint, firstByte) => {
    const position = firstByte / part.length
    const [from, to] = [starts[position]!, starts[position + 1]!]
    const elements = gridIndex.subarray(from, to)
    const row = into.subarray(timePoint * voxels + from, timePoint * voxels + to)
    const firstElement = firstByte / header.bytesPerVoxel
    if (decoded === undefined || first === undefined) {
      return decodeVoxels(part, header, row, elements, firstElement)
    }
    decodeVoxels(part, header, decoded.subarray(0, row.length), elements, firstElement)
    if (timePoint === 0) first.set(decoded.subarray(0, row.length), from)
    for (let n = 0; n < row.length; n++) row[n] = decoded[n]! - first[from + n]!
  }).pipe(Effect.ensuring(Effect.sync(() => giveBack(part, decoded, first))))
}

/** Positions in the index at which the parts of a volume begin, and its end. */
const startsOfParts = (header: NiftiHeader, gridIndex: Int32Array): Int32Array => {
  const parts = Math.ceil(volumeBytesOf(header) / partBytesOf(header))
  const starts = new Int32Array(parts + 1)
  for (const element of gridIndex) {
    const part = Math.floor((element * header.bytesPerVoxel) / partBytesOf(header))
    starts[part + 1] = starts[part + 1]! + 1
  }
  for (let part = 0; part < parts; part++) starts[part + 1] = starts[part + 1]! + starts[part]!
  return starts
}
