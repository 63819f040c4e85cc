/**
 * The values of a cohort in a scratch file, transposed: blocks of voxels, in each the values of all patients one after the other, so that a
 * tile of all patients lies close together. Free of Effect, for workers.
 *
 * Shape: float32 (blocks, patients, blockVoxels); the last block is as long as the others.
 */
import { readSync, writeSync } from "node:fs"
import type { FileDescriptor } from "../../files/scratchFile.ts"
import { tileVoxels } from "./contrastSizes.ts"

/** Plain data, for messages to workers. */
export interface ScratchRows {
  readonly descriptor: FileDescriptor
  readonly patients: number
  /** Voxels of a row. */
  readonly voxels: number
}

/** Voxels of a block: those of a tile, so that a tile is one or two. */
const blockVoxels = tileVoxels

const valueBytes = Float32Array.BYTES_PER_ELEMENT

export const scratchBytes = (patients: number, voxels: number): number =>
  Math.ceil(voxels / blockVoxels) * blockVoxels * patients * valueBytes

/** Parts of a patient's voxels [first, first + count) that lie together, and where. */
function* partsOf({ patients }: ScratchRows, patient: number, first: number, count: number) {
  for (let voxel = first; voxel < first + count; ) {
    const block = Math.floor(voxel / blockVoxels)
    const end = Math.min(first + count, (block + 1) * blockVoxels)
    const position = ((block * patients + patient) * blockVoxels + (voxel - block * blockVoxels)) * valueBytes
    yield { from: (voxel - first) * valueBytes, bytes: (end - voxel) * valueBytes, position }
    voxel = end
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** Writes a patient's row. Throws what the system says. Shape: `row` (voxels). */
export const writeScratchRow = (rows: ScratchRows, patient: number, row: Float32Array): void => {
  const all = bytesOf(row)
  for (const { from, bytes, position } of partsOf(rows, patient, 0, row.length)) {
    for (let done = 0; done < bytes; ) {
      done += writeSync(rows.descriptor, all, from + done, bytes - done, position + done)
    }
  }
}

/** Reads values of a patient from voxel `first` on, as many as `into` takes. Throws what the system says. */
export const readScratchRow = (rows: ScratchRows, patient: number, first: number, into: Float32Array): void => {
  const all = bytesOf(into)
  for (const { from, bytes, position } of partsOf(rows, patient, first, into.length)) {
    for (let done = 0; done < bytes; ) {
      const read = readSync(rows.descriptor, all, from + done, bytes - done, position + done)
      if (read === 0) throw new Error("the scratch file ends before the values of the last patient")
      done += read
    }
  }
}
