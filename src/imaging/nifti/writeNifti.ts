/**
 * Encodes a volume as a NIfTI-1 file: what a pipeline writes in the end, and what synthetic data is made of. Free of Effect, for workers.
 *
 * Writes float32 maps, uint8 masks and int16 time series, little-endian, placed by sform and qform in their template's space.
 * Nothing depends on the clock or the machine's name: the same values give the same bytes. Where the file goes, and that it
 * appears whole or not at all, is the caller's business.
 *
 * Source: nifti1.h, https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h
 */
import { voxelSizeMm } from "../affine.ts"
import { type Grid, voxelsOf } from "../Grid.ts"
import { datatypes, type NiftiDatatype } from "./NiftiDatatype.ts"
import { writePlacement } from "./niftiPlacement.ts"

/** What the numbers mean, for viewers: a statistic's code in nifti1.h and its parameters. */
export interface NiftiIntent {
  readonly code: number
  /** At most three: degrees of freedom for instance. */
  readonly parameters?: ReadonlyArray<number>
  /** At most 15 bytes. */
  readonly name?: string
}

/** What a header says beside the datatype. */
export interface NiftiDescription {
  readonly grid: Grid
  /** BIDS label of the template space, which its code follows from; undefined: aligned to some other image. */
  readonly space?: string | undefined
  /** Cut to 79 bytes. */
  readonly description?: string
  readonly intent?: NiftiIntent | undefined
  /** Default: 1, a 3D volume. */
  readonly timePoints?: number
  readonly repetitionTimeSeconds?: number
}

export interface NiftiContent extends NiftiDescription {
  /** Shape: (time points, voxels of the whole grid), first axis of the grid fastest. */
  readonly values: Float32Array | Uint8Array | Int16Array
}

/** Header, and four bytes that say that no extension follows. */
export const voxOffset = 352

/** nifti1.h: NIFTI_UNITS_MM and NIFTI_UNITS_SEC. */
const unitsMm = 2
const unitsSeconds = 8

/** Largest size of one axis, a signed 16-bit number in NIfTI-1. */
const largestAxis = 32767

const datatypeOfValues = (values: NiftiContent["values"]) =>
  values instanceof Float32Array ? datatypes.float32 : values instanceof Int16Array ? datatypes.int16 : datatypes.uint8

const checkLength = ({ grid, values, timePoints = 1 }: NiftiContent): void => {
  if (values.length !== voxelsOf(grid) * timePoints) {
    throw new RangeError(`${values.length} values for ${timePoints} volume(s) of ${grid.shape.join(" × ")} voxels`)
  }
}

const checkAxes = ({ grid, timePoints = 1 }: NiftiDescription): void => {
  if ([...grid.shape, timePoints].some((size) => size > largestAxis)) {
    throw new RangeError(`NIfTI-1 holds at most ${largestAxis} voxels along an axis, not ${grid.shape.join(" × ")}`)
  }
}

const writeText = (bytes: Uint8Array, offset: number, room: number, text: string): void => {
  // The last byte stays 0: C programs expect it. encodeInto never cuts a character in half.
  new TextEncoder().encodeInto(text, bytes.subarray(offset, offset + room - 1))
}

const writeShape = (view: DataView, { grid, timePoints = 1, repetitionTimeSeconds = 0 }: NiftiDescription): void => {
  const dims = [timePoints > 1 ? 4 : 3, ...grid.shape, timePoints, 1, 1, 1]
  dims.forEach((size, index) => {
    view.setInt16(40 + 2 * index, size, true)
  })
  const pixdim = [...voxelSizeMm(grid.affine), repetitionTimeSeconds]
  pixdim.forEach((size, index) => {
    view.setFloat32(80 + 4 * index, size, true)
  })
  view.setUint8(123, timePoints > 1 ? unitsMm | unitsSeconds : unitsMm)
}

const writeIntent = (view: DataView, bytes: Uint8Array, { code, parameters = [], name = "" }: NiftiIntent): void => {
  parameters.slice(0, 3).forEach((value, index) => {
    view.setFloat32(56 + 4 * index, value, true)
  })
  view.setInt16(68, code, true)
  writeText(bytes, 328, 16, name)
}

/**
 * Copies the values as little-endian bytes; on all machines that Node 24 runs on, that is how they lie in memory. Values
 * that lie at their place in the file already stay there.
 */
const writeValues = (bytes: Uint8Array, values: NiftiContent["values"]): void => {
  if (values.buffer === bytes.buffer && values.byteOffset === bytes.byteOffset + voxOffset) return
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), voxOffset)
}

/**
 * Encodes a volume, or a series of volumes, as an uncompressed NIfTI-1 file.
 *
 * Shapes: `values` holds (time points, voxels of the grid); another length is a defect.
 *
 * Numerics: values as given, with slope 1 and intercept 0; the affine is rounded to float32.
 *
 * Memory: the file once more, beside the values. With `buffer`, the file is made in that instead; it may hold the values
 * already, from byte `voxOffset` on.
 */
export const encodeNifti = (content: NiftiContent, buffer?: ArrayBuffer): Uint8Array => {
  checkLength(content)
  const fileBytes = voxOffset + content.values.byteLength
  const bytes = new Uint8Array(buffer ?? new ArrayBuffer(fileBytes), 0, fileBytes)
  writeHeader(bytes, content, datatypeOfValues(content.values))
  writeValues(bytes, content.values)
  return bytes
}

/** The beginning of a file of float32 values, up to its first voxel: for files that are written volume by volume. */
export const encodeFloatHeader = (description: NiftiDescription): Uint8Array => {
  const bytes = new Uint8Array(voxOffset)
  writeHeader(bytes, description, datatypes.float32)
  return bytes
}

const writeHeader = (bytes: Uint8Array, content: NiftiDescription, datatype: NiftiDatatype): void => {
  checkAxes(content)
  bytes.fill(0, 0, voxOffset)
  const view = new DataView(bytes.buffer)
  view.setInt32(0, 348, true)
  view.setUint8(38, "r".charCodeAt(0))
  writeShape(view, content)
  view.setInt16(70, datatype.code, true)
  view.setInt16(72, 8 * datatype.bytesPerVoxel, true)
  view.setFloat32(108, voxOffset, true)
  view.setFloat32(112, 1, true)
  writeText(bytes, 148, 80, content.description ?? "")
  if (content.intent !== undefined) writeIntent(view, bytes, content.intent)
  writePlacement(view, content.grid, content.space)
  writeText(bytes, 344, 5, "n+1")
}
