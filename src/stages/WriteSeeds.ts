/**
 * Write seeds: for each lesion an image of the voxels that its refined seed is made of, on the connectome's grid. Hands the seeds on.
 *
 * With one seed for all subjects the image is a mask, `…_desc-piniseed_mask.nii.gz`. With one for each input file it holds at each
 * voxel the share of subjects whose seed has it, `…_desc-piniseed_probseg.nii.gz`.
 */
import { Effect, Stream } from "effect"
import type { Connectome } from "../connectome/Connectome.ts"
import type { RefinedSeeds } from "../elements/RefinedSeeds.ts"
import { voxelsOf } from "../imaging/Grid.ts"
import { gzipNifti } from "../imaging/nifti/gzipNifti.ts"
import { encodeNifti, voxOffset } from "../imaging/nifti/writeNifti.ts"
import { type Lesion, outputNameOf } from "../lesions/Lesion.ts"
import { OutputFolder } from "../output/OutputFolder.ts"
import type { OutputNotWritten } from "../output/OutputNotWritten.ts"
import { describeLesion, type MapProvenance } from "../output/sidecar.ts"
import { bytesPerFloat32 } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"

/** Options of `writeSeeds`. */
export interface WriteSeedsOptions {
  /** The lesions of the batch, in its order. */
  readonly lesions: ReadonlyArray<Lesion>
  readonly connectome: Connectome
  readonly space: string
  readonly method: string
  readonly provenance: MapProvenance
}

/** The stage that writes the images of refined seeds. Errors: `OutputNotWritten` where the disk takes no file. */
export const writeSeeds = (
  options: WriteSeedsOptions
): Stage<RefinedSeeds, RefinedSeeds, OutputNotWritten, OutputFolder> => ({
  name: "writeSeeds",
  transform: (seeds) =>
    Stream.tap(seeds, (refined) =>
      Effect.flatMap(OutputFolder, (output) =>
        // A lesion that fails here fails with its maps, after the others.
        Effect.forEach(
          options.lesions,
          ({ name }, lesion) => output.attempt(name, writeSeed(refined, lesion, options)),
          {
            discard: true
          }
        )
      )
    ),
  // The values, the file, and at worst as much again for its compressed form.
  footprintBytes: ({ gridVoxels }) => 3 * (voxOffset + gridVoxels * bytesPerFloat32)
})

/** Voxels of a lesion's refined seed: of one for each file, their mean number. */
export const seedVoxelsOf = ({ kept }: RefinedSeeds, lesion: number): number =>
  kept.reduce((sum, ofGroup) => sum + ofGroup[lesion]!.reduce((count, flag) => count + flag, 0), 0) / kept.length

const writeSeed = Effect.fnUntraced(function* (refined: RefinedSeeds, lesion: number, options: WriteSeedsOptions) {
  const output = yield* OutputFolder
  const { connectome, lesions, space, method } = options
  const target = lesions[lesion]!
  const name = outputNameOf(target, { space, description: `${method}seed` })
  const subjects = connectome.subjects.length
  const isMask = refined.groups.length === 1
  const stem = name.table(isMask ? "mask" : "probseg")
  const file = encodeNifti({
    grid: connectome.grid,
    space,
    values: shareOfSubjects(refined, lesion, options, isMask ? Uint8Array : Float32Array),
    description: stem.slice(0, 79)
  })
  const sidecar = {
    Description: isMask
      ? "Voxels of the lesion that the seed is the mean of"
      : "Share of the subjects in whose seed each voxel of the lesion is; each input file has a seed of its own",
    Type: "ROI",
    ...describeLesion({ lesion: { ...target, seedVoxels: seedVoxelsOf(refined, lesion) }, subjects, options })
  }
  yield* output.write(`${name.directory}/${stem}.nii.gz`, yield* gzipNifti(file))
  yield* output.write(`${name.directory}/${stem}.json`, `${JSON.stringify(sidecar, null, 2)}\n`)
})

/** Shape: the grid's volume. */
const shareOfSubjects = (
  { groups, kept }: RefinedSeeds,
  lesion: number,
  { connectome, lesions }: WriteSeedsOptions,
  Volume: typeof Float32Array | typeof Uint8Array
): Float32Array | Uint8Array => {
  const volume = new Volume(voxelsOf(connectome.grid))
  for (const [i, voxel] of lesions[lesion]!.voxels.entries()) {
    const counted = groups.reduce((sum, { count }, group) => sum + count * kept[group]![lesion]![i]!, 0)
    volume[connectome.gridIndex[voxel]!] = counted / connectome.subjects.length
  }
  return volume
}
