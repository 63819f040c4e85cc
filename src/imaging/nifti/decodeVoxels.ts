/**
 * Decodes stored voxels of any NIfTI datatype and byte order into float64, scaled: the inner loop of every reader.
 *
 * Takes raw bytes, already inflated, and writes values into memory that the caller owns: of all voxels in their order, or
 * of those that an index lists, which is how the voxels of a brain mask are picked from a volume. Pure; knows nothing
 * about files, shapes or time.
 */
import { endianness } from "node:os"
import { type DatatypeName, datatypes } from "./NiftiDatatype.ts"

/** How voxels are stored; a `NiftiHeader` is one. */
export interface VoxelEncoding {
  readonly datatype: DatatypeName
  readonly littleEndian: boolean
  readonly slope: number
  readonly inter: number
}

type ReadVoxel = (view: DataView, byte: number, littleEndian: boolean) => number

const machineIsLittleEndian = endianness() === "LE"

/** Types that a typed array can view. 64-bit integers are not among them: a bigint a voxel would be an allocation each. */
const nativeArrays = {
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array
} as const

/** Words of a wide number, most significant first. */
const word = (view: DataView, byte: number, bytes: number, index: number, littleEndian: boolean): number =>
  view.getUint32(littleEndian ? byte + bytes - 4 * (index + 1) : byte + 4 * index, littleEndian)

/** The high word times 2³² is exact, so the sum is rounded once, to nearest. */
const readUint64: ReadVoxel = (view, byte, littleEndian) =>
  word(view, byte, 8, 0, littleEndian) * 2 ** 32 + word(view, byte, 8, 1, littleEndian)

const readInt64: ReadVoxel = (view, byte, littleEndian) =>
  (word(view, byte, 8, 0, littleEndian) | 0) * 2 ** 32 + word(view, byte, 8, 1, littleEndian)

/** Half of the last place that float64 keeps, in the third word of a binary128. */
const float128Half = 0x08000000

/**
 * IEEE 754 binary128 to the nearest float64, ties to even.
 *
 * Formula: sign, 15 bits of exponent (bias 16383), 112 bits of fraction. The first 52 bits of the fraction are kept; the
 * other 60 decide the rounding. A result below 2⁻¹⁰²² (a subnormal float64) is rounded twice.
 */
const readFloat128: ReadVoxel = (view, byte, littleEndian) => {
  const first = word(view, byte, 16, 0, littleEndian)
  const third = word(view, byte, 16, 2, littleEndian)
  const exponent = (first >>> 16) & 0x7fff
  const sign = first >>> 31 === 0 ? 1 : -1
  const kept = (first & 0xffff) * 2 ** 36 + word(view, byte, 16, 1, littleEndian) * 16 + (third >>> 28)
  const rest = third & 0x0fffffff
  const last = word(view, byte, 16, 3, littleEndian)
  if (exponent === 0x7fff) return kept + rest + last === 0 ? sign * Infinity : Number.NaN
  if (exponent === 0) return sign * 0
  const tie = rest === float128Half && last === 0
  const roundUp = tie ? kept % 2 === 1 : rest >= float128Half
  return sign * (1 + (kept + (roundUp ? 1 : 0)) * 2 ** -52) * 2 ** (exponent - 16383)
}

const readers: { readonly [name in DatatypeName]: ReadVoxel } = {
  uint8: (view, byte) => view.getUint8(byte),
  int8: (view, byte) => view.getInt8(byte),
  int16: (view, byte, littleEndian) => view.getInt16(byte, littleEndian),
  uint16: (view, byte, littleEndian) => view.getUint16(byte, littleEndian),
  int32: (view, byte, littleEndian) => view.getInt32(byte, littleEndian),
  uint32: (view, byte, littleEndian) => view.getUint32(byte, littleEndian),
  int64: readInt64,
  uint64: readUint64,
  float32: (view, byte, littleEndian) => view.getFloat32(byte, littleEndian),
  float64: (view, byte, littleEndian) => view.getFloat64(byte, littleEndian),
  float128: readFloat128
}

/** A typed array over the bytes, where the machine stores numbers that way and they lie on a multiple of their size. */
const nativeView = (bytes: Uint8Array, { datatype, littleEndian }: VoxelEncoding) => {
  if (datatype === "int64" || datatype === "uint64" || datatype === "float128") return undefined
  const View = nativeArrays[datatype]
  const size = View.BYTES_PER_ELEMENT
  const usable = (size === 1 || littleEndian === machineIsLittleEndian) && bytes.byteOffset % size === 0
  return usable
    ? new View(bytes.buffer as ArrayBuffer, bytes.byteOffset, Math.floor(bytes.byteLength / size))
    : undefined
}

/**
 * Decodes voxels: `into[n]` becomes the value of voxel `elements[n]`, or of voxel n where no elements are given.
 *
 * Shapes: `into` is filled whole; `bytes` holds every voxel that is asked for, and begins at voxel `first`.
 *
 * Formula: value = stored · slope + inter, in float64.
 *
 * Numerics: exact for all types but 64-bit integers beyond 2⁵³ and float128, which are rounded to nearest.
 *
 * Memory: nothing but one view of `bytes` a call.
 */
export const decodeVoxels = (
  bytes: Uint8Array,
  encoding: VoxelEncoding,
  into: Float64Array | Float32Array,
  elements?: Int32Array,
  first = 0
): void => {
  const { datatype, littleEndian, slope, inter } = encoding
  const native = nativeView(bytes, encoding)
  if (native === undefined) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const read = readers[datatype]
    const size = datatypes[datatype].bytesPerVoxel
    for (let n = 0; n < into.length; n++)
      into[n] = read(view, (elements ? elements[n]! - first : n) * size, littleEndian)
  } else if (elements === undefined) {
    for (let n = 0; n < into.length; n++) into[n] = native[n]!
  } else {
    for (let n = 0; n < into.length; n++) into[n] = native[elements[n]! - first]!
  }
  if (slope === 1 && inter === 0) return
  for (let n = 0; n < into.length; n++) into[n] = into[n]! * slope + inter
}
