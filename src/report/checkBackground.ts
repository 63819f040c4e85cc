/** Whether slices can be shown over an image that was given: looked at before anything is computed, so that no run ends without its report. */
import { Effect, Schema } from "effect"
import { voxelsOf } from "../imaging/Grid.ts"
import { readVolumeHeader } from "../imaging/nifti/readVolume.ts"
import { streamVolumes } from "../imaging/nifti/streamVolumes.ts"
import { spaceInName } from "../imaging/templateSpace.ts"
import { warn } from "../runtime/Warnings.ts"

/** The image that slices are to be shown over cannot be used. */
export class BackgroundUnusable extends Schema.TaggedError<BackgroundUnusable>()("BackgroundUnusable", {
  problem: Schema.String
}) {
  override get message(): string {
    return (
      `report.background: ${this.problem}. ` +
      "Give a 3D NIfTI image in the space of the maps, or leave the key out: then slices lie over the shape of the brain mask."
    )
  }
}

/** Bytes of the image that are held at a time. */
const pieceBytes = 2 ** 18

/**
 * Reads the image once to its end, and keeps nothing of it but the number of its voxels, which it gives. Warns where its name says another space than those of the maps.
 *
 * Errors: `BackgroundUnusable` where it is missing, damaged, or no single volume.
 */
export const checkBackground = Effect.fn("checkBackground")(function* (file: string, spaces: ReadonlyArray<string>) {
  const { grid } = yield* readVolumeHeader(file).pipe(
    Effect.tap((header) => streamVolumes(header, new Uint8Array(pieceBytes), () => {})),
    Effect.mapError(({ message }) => new BackgroundUnusable({ problem: message.replace(/\.$/, "") }))
  )
  const named = spaceInName(file)
  const others = spaces.filter((space) => space !== named)
  if (named !== undefined && others.length > 0) {
    yield* warn({
      file,
      found: `by its name it is in the space ${named}, and ${spaces.length === others.length ? "the" : "some"} maps are in ${others.join(" and ")}`,
      taken: "The report shows slices over it all the same: outlines and maps may not fit it"
    })
  }
  return voxelsOf(grid)
})
