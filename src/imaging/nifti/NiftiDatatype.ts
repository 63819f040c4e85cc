/**
 * The datatypes of NIfTI-1 and NIfTI-2: their codes, their names and how wide a voxel is.
 *
 * Every real scalar type is supported. A type that holds more than one number a voxel (complex, colour) or less than a
 * byte is not a statistical map, mask or time series; it is known by name only, so that an error can say what it is.
 *
 * Source: nifti1.h, https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h
 */

export type DatatypeName =
  | "uint8"
  | "int8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "float32"
  | "float64"
  | "float128"

export interface NiftiDatatype {
  /** The header's `datatype`. */
  readonly code: number
  readonly name: DatatypeName
  readonly bytesPerVoxel: number
}

/** Every datatype that can be read, by name. */
export const datatypes: { readonly [name in DatatypeName]: NiftiDatatype } = {
  uint8: { code: 2, name: "uint8", bytesPerVoxel: 1 },
  int8: { code: 256, name: "int8", bytesPerVoxel: 1 },
  int16: { code: 4, name: "int16", bytesPerVoxel: 2 },
  uint16: { code: 512, name: "uint16", bytesPerVoxel: 2 },
  int32: { code: 8, name: "int32", bytesPerVoxel: 4 },
  uint32: { code: 768, name: "uint32", bytesPerVoxel: 4 },
  int64: { code: 1024, name: "int64", bytesPerVoxel: 8 },
  uint64: { code: 1280, name: "uint64", bytesPerVoxel: 8 },
  float32: { code: 16, name: "float32", bytesPerVoxel: 4 },
  float64: { code: 64, name: "float64", bytesPerVoxel: 8 },
  float128: { code: 1536, name: "float128", bytesPerVoxel: 16 }
}

const byCode = new Map(Object.values(datatypes).map((datatype) => [datatype.code, datatype]))

const unsupported = new Map([
  [0, "unknown"],
  [1, "binary"],
  [32, "complex64"],
  [128, "RGB24"],
  [1792, "complex128"],
  [2048, "complex256"],
  [2304, "RGBA32"]
])

/** The datatype of a code, or undefined where it cannot be read. */
export const datatypeOf = (code: number): NiftiDatatype | undefined => byCode.get(code)

/** What to call a datatype that cannot be read. */
export const unsupportedName = (code: number): string => unsupported.get(code) ?? `code ${code}`
