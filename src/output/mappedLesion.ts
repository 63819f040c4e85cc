/**
 * The image of a lesion as it was mapped, on the connectome's grid: written of each that was brought over from another template, since its
 * own file shows it elsewhere. Reports, the viewer and analyses of groups take the lesion from there.
 *
 * `sub-01_space-MNI152NLin6Asym_label-lesion_desc-boeslesion_mask.nii.gz`, with its sidecar.
 */
import { Effect } from "effect"
import { voxelsOf } from "../imaging/Grid.ts"
import { gzipNifti } from "../imaging/nifti/gzipNifti.ts"
import { encodeNifti, voxOffset } from "../imaging/nifti/writeNifti.ts"
import { type Lesion, outputNameOf, ownTemplate } from "../lesions/Lesion.ts"
import { OutputFolder } from "./OutputFolder.ts"
import { describeLesion, type MapSubject } from "./sidecar.ts"

/** Its path in the output folder, without extension; undefined of a lesion whose own file shows it as it was mapped. */
export const mappedLesionStem = (
  lesion: Lesion,
  { space, method }: { readonly space: string; readonly method: string }
): string | undefined => {
  if (ownTemplate(lesion) === undefined) return undefined
  const { directory, table } = outputNameOf(lesion, { space, description: `${method}lesion` })
  return `${directory}/${table("mask")}`
}

/** Bytes that writing one takes: the file, and at worst as much again for its compressed form. */
export const mappedLesionBytes = ({
  connectome,
  lesions
}: Pick<MapSubject["options"], "connectome"> & { readonly lesions: ReadonlyArray<Lesion> }): number =>
  lesions.some((lesion) => ownTemplate(lesion) !== undefined) ? 2 * (voxOffset + voxelsOf(connectome.grid)) : 0

/** Writes the image of a lesion that was brought over; nothing of others. Errors: `OutputNotWritten`. */
export const writeMappedLesion = Effect.fnUntraced(function* (target: Omit<MapSubject, "resampled" | "broughtBack">) {
  const { lesion, options } = target
  const stem = mappedLesionStem(lesion, options)
  if (stem === undefined || lesion.warped === undefined) return
  const output = yield* OutputFolder
  const { grid } = options.connectome
  const values = new Uint8Array(voxelsOf(grid))
  for (const element of lesion.warped.elements) values[element] = 1
  const description = stem.slice(stem.lastIndexOf("/") + 1).slice(0, 79)
  const file = encodeNifti({ grid, space: options.space, values, description })
  const sidecar = {
    Description: `The lesion as it was mapped, brought over from ${lesion.warped.from} to the connectome's grid, inside of the brain mask or not`,
    Type: "ROI",
    Grid: "connectome",
    ...describeLesion(target)
  }
  yield* output.write(`${stem}.nii.gz`, yield* gzipNifti(file))
  yield* output.write(`${stem}.json`, `${JSON.stringify(sidecar, null, 2)}\n`)
})
