/**
 * Counts the voxels of a volume that hold something: for a person who looks at a file, in bounded memory whatever its size.
 *
 * The rule for noise is that of masks. The file is read part by part, a second time only where some of it is noise.
 */
import { Effect } from "effect"
import { backgroundOf, type Extent, widen } from "./maskValues.ts"
import type { InvalidNifti } from "./nifti/InvalidNifti.ts"
import { type NiftiHeader, volumeBytesOf } from "./nifti/NiftiHeader.ts"
import { streamVolumes } from "./nifti/streamVolumes.ts"
import { findOccupied, visitNonZero } from "./visitNonZero.ts"

/** Bytes that are looked at together: a multiple of the size of any voxel. */
const partBytes = 2 ** 20

/** The voxels of a single volume that hold a finite number other than 0 and noise. Memory: a few megabytes. */
export const countNonZero = Effect.fnUntraced(function* (header: NiftiHeader): Effect.fn.Return<number, InvalidNifti> {
  const volumeBytes = volumeBytesOf(header)
  const part = new Uint8Array(Math.min(partBytes, volumeBytes))
  const visitAll = (visit: (value: number) => void) =>
    streamVolumes(header, part, (_, firstByte) => {
      const bytes = part.subarray(0, Math.min(part.length, volumeBytes - firstByte))
      visitNonZero(findOccupied(bytes, header), (_, value) => visit(value))
    })
  const extent: Extent = { largest: 0, infinite: 0 }
  let [count, least] = [0, Number.POSITIVE_INFINITY]
  yield* visitAll((value) => {
    widen(extent, value)
    if (!Number.isFinite(value)) return
    count++
    if (Math.abs(value) < least) least = Math.abs(value)
  })
  const background = backgroundOf(extent.largest, header)
  if (least >= background) return count
  count = 0
  yield* visitAll((value) => {
    if (Number.isFinite(value) && Math.abs(value) >= background) count++
  })
  return count
})
