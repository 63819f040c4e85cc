/**
 * Reads one volume whole: a lesion, a brain mask, a map.
 *
 * Values come out as float64, scaled as the header says, first axis fastest. A 4D file is taken where it holds exactly
 * one volume; which of several would be meant is not guessed. Time series are read by the NIfTI connectome instead.
 */
import { Effect, Schema } from "effect"
import { voxelsOf } from "../Grid.ts"
import { type ImageTooLarge, inLoadingMemory } from "../loadingMemory.ts"
import { releaseMemory } from "../releaseMemory.ts"
import { decodeVoxels } from "./decodeVoxels.ts"
import type { InvalidNifti } from "./InvalidNifti.ts"
import { type NiftiHeader, readNiftiHeader, volumeBytesOf } from "./NiftiHeader.ts"
import { readVolumeBytes, volumeReadingBytes } from "./readVolumeBytes.ts"

export interface Volume {
  readonly header: NiftiHeader
  /** Shape: (voxels of the grid), first axis fastest. */
  readonly values: Float64Array
}

/** A file that must hold one volume holds several. */
export class NotASingleVolume extends Schema.TaggedError<NotASingleVolume>()("NotASingleVolume", {
  file: Schema.String,
  dims: Schema.Array(Schema.Finite)
}) {
  override get message(): string {
    const shape = this.dims.join(" × ")
    return `${this.file}: holds several volumes (${shape}), not one. Split it, for instance with fslsplit or nib-split`
  }
}

/** Reads a file's header, and refuses it where the file holds several volumes. */
export const readVolumeHeader = Effect.fnUntraced(function* (
  file: string
): Effect.fn.Return<NiftiHeader, InvalidNifti | NotASingleVolume> {
  const header = yield* readNiftiHeader(file)
  return header.dims.length > 3 ? yield* new NotASingleVolume({ file, dims: header.dims }) : header
})

/**
 * Reads the only volume of a NIfTI file.
 *
 * Errors: `InvalidNifti` where the file is missing, damaged or unsupported; `NotASingleVolume` where it holds several;
 * `ImageTooLarge`, told from the header, where it takes more memory than the run may use.
 *
 * Memory: the stored bytes, and 8 bytes a voxel.
 */
export const readVolume = Effect.fnUntraced(function* (
  file: string
): Effect.fn.Return<Volume, InvalidNifti | NotASingleVolume | ImageTooLarge> {
  const header = yield* readVolumeHeader(file)
  return yield* readValues(header).pipe(inLoadingMemory(header, readingBytes(header)))
})

const readingBytes = (header: NiftiHeader): number =>
  volumeBytesOf(header) + voxelsOf(header.grid) * Float64Array.BYTES_PER_ELEMENT + volumeReadingBytes

/** The part of `readVolume` that takes memory. */
const readValues = Effect.fnUntraced(function* (header: NiftiHeader) {
  const values = new Float64Array(voxelsOf(header.grid))
  const bytes = yield* readVolumeBytes(header)
  decodeVoxels(bytes, header, values)
  releaseMemory(bytes)
  const volume: Volume = { header, values }
  return volume
})
