/**
 * Reads the time series of a brain mask's voxels from one 4D NIfTI file, volume by volume.
 *
 * The reader of the NIfTI connectome: the file streams through a small buffer, the mask's voxels are picked from each part of
 * a volume, and a volume becomes one row of the result. Nothing but that part is held, however long the scan. The scan may be
 * stored in another orientation than the mask; the result has the mask's order. Neither centres nor checks the series; a NaN in
 * the file is a NaN in the result.
 */
import { Effect } from "effect"
import { type Grid, sameGrid } from "../../imaging/Grid.ts"
import { decodeVoxels } from "../../imaging/nifti/decodeVoxels.ts"
import type { InvalidNifti } from "../../imaging/nifti/InvalidNifti.ts"
import type { DatatypeName } from "../../imaging/nifti/NiftiDatatype.ts"
import { type NiftiHeader, volumeBytesOf } from "../../imaging/nifti/NiftiHeader.ts"
import { streamingBytes, streamVolumes } from "../../imaging/nifti/streamVolumes.ts"
import { placeVoxels } from "../../imaging/placeVoxels.ts"
import { releaseMemory } from "../../imaging/releaseMemory.ts"

/** Types whose every value is a float32 as it stands, so that rounding loses nothing. */
const exactInFloat32: ReadonlySet<DatatypeName> = new Set(["uint8", "int8", "uint16", "int16", "float32"])

const isExact = ({ datatype, slope, inter }: NiftiHeader): boolean =>
  exactInFloat32.has(datatype) && slope === 1 && inter === 0

/** Bytes of a volume that are taken at a time: they stay in a core's own cache. A multiple of the bytes of any voxel. */
const partBytes = 256 * 1024

const partBytesOf = (header: NiftiHeader): number => Math.min(partBytes, volumeBytesOf(header))

/** Bytes that reading one file holds at its peak: a part of a volume, a float64 a voxel of it and of the mask, the streams' pieces. */
export const maskedTimeSeriesBytes = (header: NiftiHeader, { grid, gridIndex }: MaskedGrid): number => {
  const placing = sameGrid(header.grid, grid) ? 0 : placingBytesPerVoxel * gridIndex.length
  const values = Float64Array.BYTES_PER_ELEMENT * (partVoxels(header) + gridIndex.length)
  return partBytesOf(header) + values + placing + streamingBytes
}

const partVoxels = (header: NiftiHeader): number => partBytesOf(header) / header.bytesPerVoxel

/** The voxels of a brain mask. */
export interface MaskedGrid {
  readonly grid: Grid
  /** Shape: (voxels), ascending. */
  readonly gridIndex: Int32Array
}

/**
 * Reads every time point of a file at the voxels of a mask, whose grid differs from the file's by whole voxels at most.
 *
 * Shapes: `into` is (time points, voxels of the mask), voxel fastest, filled whole.
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
  mask: MaskedGrid,
  into: Float32Array
): Effect.Effect<void, InvalidNifti> => {
  const voxels = mask.gridIndex.length
  const { elements, order } = orderedIn(header.grid, mask)
  const part = new Uint8Array(partBytesOf(header))
  const starts = startsOfParts(header, elements)
  const exact = isExact(header)
  const decoded = exact && order === undefined ? undefined : new Float64Array(partVoxels(header))
  const first = exact ? undefined : new Float64Array(voxels)
  return streamVolumes(header, part, (timePoint, firstByte) => {
    const position = firstByte / part.length
    const [from, to] = [starts[position]!, starts[position + 1]!]
    const wanted = elements.subarray(from, to)
    const firstElement = firstByte / header.bytesPerVoxel
    const rowStart = timePoint * voxels
    if (decoded === undefined) {
      return decodeVoxels(part, header, into.subarray(rowStart + from, rowStart + to), wanted, firstElement)
    }
    const values = decoded.subarray(0, to - from)
    decodeVoxels(part, header, values, wanted, firstElement)
    if (first !== undefined) {
      if (timePoint === 0) first.set(values, from)
      for (let n = 0; n < values.length; n++) values[n] = values[n]! - first[from + n]!
    }
    if (order === undefined) into.set(values, rowStart + from)
    else for (let n = 0; n < values.length; n++) into[rowStart + order[from + n]!] = values[n]!
  }).pipe(Effect.ensuring(Effect.sync(() => releaseMemory(part, decoded, first))))
}

/** The elements of a file's grid that are the mask's voxels, ascending, and which voxel each is where that is another order. */
interface OrderedElements {
  readonly elements: Int32Array
  readonly order: Int32Array | undefined
}

/** Bytes that `orderedIn` holds a voxel: elements twice, sorting keys, and the order. */
const placingBytesPerVoxel = 2 * 4 + 8 + 4

const orderedIn = (file: Grid, { grid, gridIndex }: MaskedGrid): OrderedElements => {
  if (sameGrid(file, grid)) return { elements: gridIndex, order: undefined }
  const placement = placeVoxels(grid, gridIndex, file)
  if (placement.kind !== "placed") throw new RangeError("the scan does not hold the voxels of the mask")
  const voxels = gridIndex.length
  // Both numbers in one: sorted by element, and exact in float64.
  const keys = Float64Array.from(placement.elements, (element, voxel) => element * voxels + voxel).sort()
  return {
    elements: Int32Array.from(keys, (key) => Math.floor(key / voxels)),
    order: Int32Array.from(keys, (key) => key % voxels)
  }
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
