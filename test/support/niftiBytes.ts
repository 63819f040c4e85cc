/**
 * Writes NIfTI files byte by byte, of every datatype, byte order and version, right ones and wrong ones.
 *
 * The other half of the reader's tests, and no relation of `encodeNifti`: fields are put at the offsets of nifti1.h and
 * nifti2.h by hand, so that a mistake in the one does not hide in the other.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, type Scope } from "effect"
import { type DatatypeName, datatypes } from "../../src/imaging/nifti/NiftiDatatype.ts"

export interface NiftiFields {
  readonly version?: 1 | 2
  readonly littleEndian?: boolean
  readonly datatype?: DatatypeName
  /** Instead of the datatype's own. */
  readonly datatypeCode?: number
  readonly dims: ReadonlyArray<number>
  /** dim[0]; default: how many dims there are. */
  readonly dimCount?: number
  readonly slope?: number
  readonly inter?: number
  /** qfac first. */
  readonly pixdim?: ReadonlyArray<number>
  readonly sformCode?: number
  readonly sform?: ReadonlyArray<number>
  /** Default: 1 where there is no sform, so that the file lies somewhere. */
  readonly qformCode?: number
  /** b, c, d. */
  readonly quaternion?: ReadonlyArray<number>
  readonly qoffset?: ReadonlyArray<number>
  readonly voxOffset?: number
  readonly magic?: string
  /** Stored numbers, before scaling. */
  readonly stored?: ArrayLike<number | bigint>
}

const layouts = {
  1: { size: 348, magic: 344, datatype: 70, dim: 40, pixdim: 76, offset: 108, slope: 112, qcode: 252, quatern: 256 },
  2: { size: 540, magic: 4, datatype: 12, dim: 16, pixdim: 104, offset: 168, slope: 176, qcode: 344, quatern: 352 }
} as const

/** A float64 as binary128, exactly. Subnormals are left out. */
const writeFloat128 = (view: DataView, byte: number, value: number, littleEndian: boolean): void => {
  const float64 = new DataView(new ArrayBuffer(8))
  float64.setFloat64(0, value)
  const bits = float64.getBigUint64(0)
  const exponent = (bits >> 52n) & 0x7ffn
  const wide = exponent === 0n ? 0n : exponent === 0x7ffn ? 0x7fffn : exponent - 1023n + 16383n
  const all = ((bits >> 63n) << 127n) | (wide << 112n) | ((bits & ((1n << 52n) - 1n)) << 60n)
  view.setBigUint64(byte + (littleEndian ? 8 : 0), all >> 64n, littleEndian)
  view.setBigUint64(byte + (littleEndian ? 0 : 8), all & ((1n << 64n) - 1n), littleEndian)
}

const writers: {
  readonly [name in DatatypeName]: (v: DataView, byte: number, x: number | bigint, le: boolean) => void
} = {
  uint8: (view, byte, x) => view.setUint8(byte, Number(x)),
  int8: (view, byte, x) => view.setInt8(byte, Number(x)),
  int16: (view, byte, x, le) => view.setInt16(byte, Number(x), le),
  uint16: (view, byte, x, le) => view.setUint16(byte, Number(x), le),
  int32: (view, byte, x, le) => view.setInt32(byte, Number(x), le),
  uint32: (view, byte, x, le) => view.setUint32(byte, Number(x), le),
  int64: (view, byte, x, le) => view.setBigInt64(byte, BigInt(x), le),
  uint64: (view, byte, x, le) => view.setBigUint64(byte, BigInt(x), le),
  float32: (view, byte, x, le) => view.setFloat32(byte, Number(x), le),
  float64: (view, byte, x, le) => view.setFloat64(byte, Number(x), le),
  float128: (view, byte, x, le) => writeFloat128(view, byte, Number(x), le)
}

/** Stored numbers of one datatype and byte order, as they lie in a file. */
export const voxelBytes = (stored: ArrayLike<number | bigint>, datatype: DatatypeName, littleEndian = true) => {
  const size = datatypes[datatype].bytesPerVoxel
  const bytes = new Uint8Array(stored.length * size)
  const view = new DataView(bytes.buffer)
  for (let n = 0; n < stored.length; n++) writers[datatype](view, n * size, stored[n]!, littleEndian)
  return bytes
}

const header = (fields: NiftiFields): Uint8Array => {
  const { version = 1, littleEndian: le = true, datatype = "float32", dims } = fields
  const layout = layouts[version]
  const voxOffset = fields.voxOffset ?? layout.size + 4
  const bytes = new Uint8Array(Math.max(layout.size + 4, voxOffset))
  const view = new DataView(bytes.buffer)
  const real = version === 1 ? 4 : 8
  const setReal = (byte: number, x: number) =>
    version === 1 ? view.setFloat32(byte, x, le) : view.setFloat64(byte, x, le)
  const setReals = (byte: number, xs: ReadonlyArray<number>) => {
    for (const [n, x] of xs.entries()) setReal(byte + real * n, x)
  }
  const setDim = (n: number, x: number) =>
    version === 1 ? view.setInt16(layout.dim + 2 * n, x, le) : view.setBigInt64(layout.dim + 8 * n, BigInt(x), le)
  const setCode = (byte: number, x: number) => (version === 1 ? view.setInt16(byte, x, le) : view.setInt32(byte, x, le))
  view.setInt32(0, layout.size, le)
  bytes.set(new TextEncoder().encode(fields.magic ?? `n+${version}`), layout.magic)
  view.setInt16(layout.datatype, fields.datatypeCode ?? datatypes[datatype].code, le)
  view.setInt16(layout.datatype + 2, 8 * datatypes[datatype].bytesPerVoxel, le)
  for (let n = 0; n < 8; n++) setDim(n, n === 0 ? (fields.dimCount ?? dims.length) : (dims[n - 1] ?? 1))
  setReals(layout.pixdim, fields.pixdim ?? [1, 2, 2, 2, 1])
  if (version === 1) setReal(layout.offset, voxOffset)
  else view.setBigInt64(layout.offset, BigInt(voxOffset), le)
  setReals(layout.slope, [fields.slope ?? 0, fields.inter ?? 0])
  setCode(layout.qcode, fields.qformCode ?? (fields.sform ? 0 : 1))
  setCode(layout.qcode + (version === 1 ? 2 : 4), fields.sformCode ?? (fields.sform ? 4 : 0))
  setReals(layout.quatern, [...(fields.quaternion ?? [0, 0, 0]), ...(fields.qoffset ?? [0, 0, 0])])
  setReals(layout.quatern + 6 * real, (fields.sform ?? []).slice(0, 12))
  return bytes
}

/** A whole file, uncompressed. */
export const niftiBytes = (fields: NiftiFields): Uint8Array => {
  const start = header(fields)
  const voxels = fields.dims.reduce((product, size) => product * Math.max(0, size), 1)
  const stored = fields.stored ?? new Array<number>(voxels).fill(0)
  const data = voxelBytes(stored, fields.datatype ?? "float32", fields.littleEndian ?? true)
  const bytes = new Uint8Array(start.length + data.length)
  bytes.set(start)
  bytes.set(data, start.length)
  return bytes
}

/** A folder of its own, removed with the Scope. */
export const temporaryFolder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "lnm-"))),
  (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
)

/** Writes bytes to a file of a folder that exists. */
export const writeBytes = (file: string, bytes: Uint8Array | string): Effect.Effect<string> =>
  Effect.promise(() => writeFile(file, bytes)).pipe(Effect.as(file))

/** Writes bytes to a file in a temporary folder of its own. */
export const temporaryFile = (name: string, bytes: Uint8Array | string): Effect.Effect<string, never, Scope.Scope> =>
  temporaryFolder.pipe(Effect.flatMap((folder) => writeBytes(join(folder, name), bytes)))
