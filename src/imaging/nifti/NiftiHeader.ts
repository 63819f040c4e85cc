/**
 * What a NIfTI file says about itself, read without its voxels: grid, shape, datatype, scaling.
 *
 * Reads `.nii`, compressed or not, NIfTI-1 and NIfTI-2, either byte order, as single files. `nifti-reader-js` parses the
 * fields; which affine counts is decided in `niftiAffine`, and everything that a later stage relies on is checked here:
 * positive dimensions, a place in an affine that can be inverted, a real datatype, and as many bytes as the dimensions promise.
 * Pairs of `.hdr` and `.img` and ANALYZE 7.5 are refused.
 *
 * Source: nifti1.h and nifti2.h, https://nifti.nimh.nih.gov
 */
import { Effect, Result } from "effect"
import { type NIFTI1, type NIFTI2, readHeader } from "nifti-reader-js"
import type { Affine, Grid, Shape } from "../Grid.ts"
import { type LeadingBytes, leadingBytes } from "../leadingBytes.ts"
import { makeGrid } from "../makeGrid.ts"
import { InvalidNifti } from "./InvalidNifti.ts"
import { type DatatypeName, datatypeOf, type NiftiDatatype, unsupportedName } from "./NiftiDatatype.ts"
import { type Placement, placementOf } from "./niftiAffine.ts"

export interface NiftiHeader {
  readonly file: string
  readonly version: 1 | 2
  readonly littleEndian: boolean
  readonly gzip: boolean
  /** Numbers of voxels along each axis, then of time points; without trailing ones, but three entries at least. */
  readonly dims: ReadonlyArray<number>
  /** The first three dimensions and where they lie. */
  readonly grid: Grid
  /** The qform's affine, where the grid has the sform's and the two disagree. */
  readonly otherAffine: Affine | undefined
  readonly datatype: DatatypeName
  readonly datatypeCode: number
  readonly bytesPerVoxel: number
  /** Byte of the first voxel, after inflating. */
  readonly voxOffset: number
  /** A voxel's value is `stored * slope + inter`. */
  readonly slope: number
  readonly inter: number
  /** Size of the file on disk. */
  readonly fileBytes: number
}

/** How many volumes the file holds: the product of all dimensions after the third. */
export const volumesOf = ({ dims }: NiftiHeader): number => dims.slice(3).reduce((product, size) => product * size, 1)

/** Bytes of one volume, after inflating. */
export const volumeBytesOf = ({ dims, bytesPerVoxel }: NiftiHeader): number =>
  dims[0]! * dims[1]! * dims[2]! * bytesPerVoxel

/** Deflate cannot do better than this: 258 bytes from 2 bits. Source: https://zlib.net/zlib_tech.html */
const largestGzipRatio = 1032

const headerBytes = { 1: 348, 2: 540 } as const
const magicOffset = { 1: 344, 2: 4 } as const

type Refuse = (problem: string, remedy: string, cause?: unknown) => InvalidNifti

/** The version by the first field, which is the header's size, or undefined where this is no NIfTI header. */
const versionOf = (view: DataView): 1 | 2 | undefined => {
  if (view.byteLength < 4) return undefined
  const sizes = [view.getInt32(0, true), view.getInt32(0, false)]
  return sizes.includes(headerBytes[1]) ? 1 : sizes.includes(headerBytes[2]) ? 2 : undefined
}

const parse = Effect.fnUntraced(function* (bytes: Uint8Array, refuse: Refuse) {
  const version = versionOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  const ended = `the file ends inside its header, after ${bytes.length} bytes`
  if (bytes.length < 4) return yield* refuse(ended, "Copy or download it again")
  if (version === undefined) return yield* refuse("this is not a NIfTI file", "Give a .nii or .nii.gz file")
  if (bytes.length < headerBytes[version]) return yield* refuse(ended, "Copy or download it again")
  const magic = String.fromCharCode(...bytes.subarray(magicOffset[version], magicOffset[version] + 3))
  if (magic !== `n+${version}`) {
    const problem = magic === `ni${version}` ? "this is one half of a .hdr/.img pair" : "this is an ANALYZE 7.5 header"
    return yield* refuse(
      problem,
      "Convert it to a single .nii.gz file, with `nib-convert` or `fslchfiletype` for instance"
    )
  }
  // A copy that ends with the header: extensions are of no interest, and a damaged one must not make this fail.
  const copy = new Uint8Array(bytes.subarray(0, headerBytes[version]))
  const header = yield* Effect.try({
    try: () => readHeader(copy.buffer),
    catch: (cause) => refuse(`the header cannot be parsed (${(cause as Error).message})`, "Convert it again", cause)
  })
  return { version, header, view: new DataView(copy.buffer) }
})

const dimsOf = Effect.fnUntraced(function* (header: NIFTI1 | NIFTI2, refuse: Refuse) {
  const [count = 0, ...sizes] = header.dims
  const stored = sizes.slice(0, Math.max(0, count))
  if (count < 1 || count > 7 || stored.some((size) => !(size >= 1 && Number.isSafeInteger(size)))) {
    const problem = `the dimensions (${header.dims.join(", ")}) are not 1 to 7 positive numbers`
    return yield* refuse(problem, "The header is damaged: convert the image again")
  }
  const dims = [...stored, 1, 1].slice(0, Math.max(3, stored.length))
  while (dims.length > 3 && dims.at(-1) === 1) dims.pop()
  return dims
})

const shapeFrom = (dims: ReadonlyArray<number>): Shape => dims.slice(0, 3) as unknown as Shape

const placeOf = Effect.fnUntraced(function* (
  dims: ReadonlyArray<number>,
  placement: Placement | undefined,
  refuse: Refuse
) {
  if (placement === undefined) {
    const problem = "neither its sform nor its qform is set (both codes are 0): it does not say where it lies"
    return yield* refuse(problem, "Copy the header's place from the image that it was made on: `fslcpgeom IMAGE THIS`")
  }
  const { form, affine, otherAffine } = placement
  const made = makeGrid(dims.slice(0, 3), affine)
  if (Result.isSuccess(made)) return { grid: made.success, otherAffine }
  const { part, problem } = made.failure
  return part === "affine"
    ? yield* refuse(`its ${form} ${problem}`, "Set a valid sform, from the image that it was drawn on for instance")
    : yield* refuse(`its shape ${problem}`, "Cut the image to the part that matters")
})

const datatypeFrom = (header: NIFTI1 | NIFTI2, refuse: Refuse): Effect.Effect<NiftiDatatype, InvalidNifti> => {
  const datatype = datatypeOf(header.datatypeCode)
  const problem = `voxels of type ${unsupportedName(header.datatypeCode)} are not supported`
  return datatype === undefined
    ? Effect.fail(refuse(problem, "Convert it to a real type such as uint8, int16 or float32"))
    : Effect.succeed(datatype)
}

/** A slope of 0 or no number means "not scaled", and then the intercept does not count either. */
const scalingOf = Effect.fnUntraced(function* ({ scl_slope, scl_inter }: NIFTI1 | NIFTI2, refuse: Refuse) {
  if (scl_slope === 0 || !Number.isFinite(scl_slope)) return { slope: 1, inter: 0 }
  if (Number.isFinite(scl_inter)) return { slope: scl_slope, inter: scl_inter }
  return yield* refuse(`the intercept of its scaling is ${scl_inter}`, "The header is damaged: convert the image again")
})

const checkSize = Effect.fnUntraced(function* (header: NiftiHeader, refuse: Refuse) {
  const needed = header.voxOffset + volumeBytesOf(header) * volumesOf(header)
  const most = header.gzip ? header.fileBytes * largestGzipRatio : header.fileBytes
  if (needed > most) {
    const held = header.gzip ? `its ${header.fileBytes} bytes of gzip cannot hold that` : `it has ${header.fileBytes}`
    const problem = `the file is truncated: its header promises ${needed} bytes, ${held}`
    return yield* refuse(problem, "Copy or download it again")
  }
  return header
})

const offsetOf = Effect.fnUntraced(function* ({ vox_offset }: NIFTI1 | NIFTI2, version: 1 | 2, refuse: Refuse) {
  // The four bytes after the header say whether extensions follow; voxels come after those.
  const least = headerBytes[version] + 4
  if (vox_offset >= least && Number.isSafeInteger(Math.trunc(vox_offset))) return Math.trunc(vox_offset)
  return yield* refuse(`its voxels start at byte ${vox_offset}, before byte ${least}`, "Convert the image again")
})

const assemble = Effect.fnUntraced(function* (file: string, { bytes, gzip, fileBytes }: LeadingBytes) {
  const refuse: Refuse = (problem, remedy, cause) =>
    new InvalidNifti({ file, problem, remedy, ...(cause === undefined ? {} : { cause }) })
  const { version, header, view } = yield* parse(bytes, refuse)
  const dims = yield* dimsOf(header, refuse)
  const datatype = yield* datatypeFrom(header, refuse)
  const { slope, inter } = yield* scalingOf(header, refuse)
  const { grid, otherAffine } = yield* placeOf(dims, placementOf(header, version, view, shapeFrom(dims)), refuse)
  const assembled: NiftiHeader = {
    file,
    version,
    littleEndian: header.littleEndian,
    gzip,
    dims,
    grid,
    otherAffine,
    datatype: datatype.name,
    datatypeCode: datatype.code,
    bytesPerVoxel: datatype.bytesPerVoxel,
    voxOffset: yield* offsetOf(header, version, refuse),
    slope,
    inter,
    fileBytes
  }
  return yield* checkSize(assembled, refuse)
})

/**
 * Reads the header of a NIfTI file.
 *
 * Errors: `InvalidNifti`. A compressed file that was cut short is found here only where it lacks most of its bytes;
 * otherwise when its voxels are read.
 *
 * Memory: some kilobytes, whatever the size of the file.
 */
export const readNiftiHeader = (file: string): Effect.Effect<NiftiHeader, InvalidNifti> =>
  leadingBytes(file).pipe(Effect.flatMap((leading) => assemble(file, leading)))
