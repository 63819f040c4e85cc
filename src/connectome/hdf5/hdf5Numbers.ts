/**
 * The types of numbers that a connectome's HDF5 file may hold, and how they become float32.
 *
 * Free of Effect, for the workers. Values that float32 does not hold first lose the voxel's value at the first time point, in
 * float64: correlation does not see it, and a small signal on a large level keeps its digits.
 */
import { endianness } from "node:os"
import { decodeVoxels } from "../../imaging/nifti/decodeVoxels.ts"
import type { DatatypeName } from "../../imaging/nifti/NiftiDatatype.ts"

export type NumberType = "float16" | Exclude<DatatypeName, "float128">

interface NumberForm {
  readonly bytes: 1 | 2 | 4 | 8
  /** Whether float32 holds every value. */
  readonly exact: boolean
}

export const numberForms: { readonly [type in NumberType]: NumberForm } = {
  float16: { bytes: 2, exact: true },
  float32: { bytes: 4, exact: true },
  float64: { bytes: 8, exact: false },
  int8: { bytes: 1, exact: true },
  uint8: { bytes: 1, exact: true },
  int16: { bytes: 2, exact: true },
  uint16: { bytes: 2, exact: true },
  int32: { bytes: 4, exact: false },
  uint32: { bytes: 4, exact: false },
  int64: { bytes: 8, exact: false },
  uint64: { bytes: 8, exact: false }
}

/** Classes of HDF5's type system (H5T_INTEGER, H5T_FLOAT). */
const integerClass = 0
const floatClass = 1

/** The type by what the HDF5 library says of a dataset; undefined where it is another one (text, complex, float128). */
export const numberTypeOf = (type: {
  readonly type: number
  readonly size: number
  readonly signed: boolean
}): NumberType | undefined => {
  const bits = 8 * type.size
  const name =
    type.type === floatClass
      ? `float${bits}`
      : type.type === integerClass
        ? `${type.signed ? "int" : "uint"}${bits}`
        : undefined
  return name !== undefined && name in numberForms ? (name as NumberType) : undefined
}

const machineIsLittleEndian = endianness() === "LE"

/** Decodes as many numbers as `into` holds from the start of `bytes`. Exact, but for 64-bit integers beyond 2⁵³. */
export const decodeNumbers = (
  bytes: Uint8Array,
  type: NumberType,
  into: Float32Array | Float64Array,
  littleEndian = machineIsLittleEndian
): void => {
  const isPlain = type === "float32" && littleEndian === machineIsLittleEndian && bytes.byteOffset % 4 === 0
  if (isPlain && into instanceof Float32Array) {
    into.set(new Float32Array(bytes.buffer, bytes.byteOffset, into.length))
  } else if (type === "float16") {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let n = 0; n < into.length; n++) into[n] = view.getFloat16(2 * n, littleEndian)
  } else {
    decodeVoxels(bytes, { datatype: type, littleEndian, slope: 1, inter: 0 }, into)
  }
}

/**
 * Writes rows of one subject's numbers as float32. From types that float32 does not hold it subtracts each voxel's first
 * time point.
 */
export interface RowWriter {
  /** Writes the numbers at the start of `bytes`: those of a time point, from `voxel` of the rows on. */
  readonly write: (bytes: Uint8Array, timePoint: number, voxel: number, into: Float32Array) => void
}

/**
 * Makes a writer for the rows of one subject. For types that float32 does not hold, each voxel's first time point must be
 * written first.
 *
 * @param voxels of a whole row
 */
export const makeRowWriter = (type: NumberType, voxels: number, littleEndian = machineIsLittleEndian): RowWriter => {
  if (numberForms[type].exact) {
    return { write: (bytes, _timePoint, _voxel, into) => decodeNumbers(bytes, type, into, littleEndian) }
  }
  const first = new Float64Array(voxels)
  const values = new Float64Array(voxels)
  return {
    write: (bytes, timePoint, voxel, into) => {
      const row = values.subarray(0, into.length)
      decodeNumbers(bytes, type, row, littleEndian)
      if (timePoint === 0) first.set(row, voxel)
      for (let n = 0; n < row.length; n++) into[n] = row[n]! - first[voxel + n]!
    }
  }
}
