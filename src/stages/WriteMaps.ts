/**
 * Write maps: puts each lesion's maps on the connectome's grid and writes them as NIfTI with their sidecars, named as
 * BIDS derivatives. The pipeline's last stage.
 *
 * Input: maps over the voxels of the brain mask. Output: one row of the summary a lesion, once its files are on disk.
 */
import { Effect, Stream } from "effect"
import type { Connectome } from "../connectome/Connectome.ts"
import { outputName } from "../imaging/BidsName.ts"
import { voxelsOf } from "../imaging/Grid.ts"
import type { Lesion } from "../imaging/Lesion.ts"
import { encodeNifti, gzipNifti } from "../imaging/writeNifti.ts"
import { background, type Statistic } from "../kernels/numericPolicy.ts"
import { OutputFolder, type OutputNotWritten } from "../runtime/OutputFolder.ts"
import { bytesPerFloat32 } from "../runtime/ProblemShape.ts"
import { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"
import { type LesionSummary, summarise } from "../runtime/Summary.ts"
import { describeMap, describeMask, type MapProvenance } from "../runtime/sidecar.ts"
import type { LesionMaps } from "./Statistics.ts"

export interface WriteMapsOptions {
  /** The lesions of the pass, in its order. */
  readonly lesions: ReadonlyArray<Lesion>
  readonly connectome: Connectome
  readonly space: string
  readonly method: string
  readonly maps: ReadonlyArray<Statistic>
  readonly provenance: MapProvenance
}

/** A volume, its encoding and its compressed form are alive at once. */
const copiesOfVolume = 3

/** Lesions, and maps of each, that are written side by side: while one is compressed, the next is put on the grid. */
const lesionsAtOnce = 2
const mapsAtOnce = 2

export const writeMaps = (
  options: WriteMapsOptions
): Stage<LesionMaps, LesionSummary, OutputNotWritten, OutputFolder | Progress> => ({
  name: "writeMaps",
  transform: Stream.mapEffect((maps) => writeLesion(maps, options), { concurrency: lesionsAtOnce }),
  footprintBytes: ({ gridVoxels, mapsPerLesion }) =>
    lesionsAtOnce * Math.min(mapsAtOnce, mapsPerLesion) * copiesOfVolume * gridVoxels * bytesPerFloat32
})

const writeLesion = Effect.fnUntraced(function* (maps: LesionMaps, options: WriteMapsOptions) {
  const lesion = options.lesions[maps.lesion]!
  const progress = yield* Progress
  const name = outputName(lesion.name, { space: options.space, description: options.method })
  const target = { lesion, directory: name.directory, options, subjects: maps.subjects }
  yield* Effect.forEach(
    options.maps,
    (statistic) => {
      const values = new Float32Array(voxelsOf(options.connectome.grid)).fill(background[statistic])
      scatter(maps.maps[statistic], options.connectome.gridIndex, values)
      return writeVolume(target, name.stem(statistic, "statmap"), values, describeMap(statistic, target))
    },
    { concurrency: mapsAtOnce, discard: true }
  )
  for (const mask of ["pfdrthreshold", "tthreshold"] as const) {
    const values = maps.masks[mask]
    if (values === undefined || (mask === "pfdrthreshold" && !options.maps.includes("pfdr"))) continue
    const volume = new Uint8Array(voxelsOf(options.connectome.grid))
    scatter(values, options.connectome.gridIndex, volume)
    yield* writeVolume(target, name.stem(mask, "mask"), volume, describeMask(mask, target))
  }
  yield* progress.lesionDone
  return summarise(lesion, maps)
})

const scatter = (values: Float64Array | Uint8Array, gridIndex: Int32Array, volume: Float32Array | Uint8Array): void => {
  for (let v = 0; v < gridIndex.length; v++) volume[gridIndex[v]!] = values[v]!
}

const writeVolume = Effect.fnUntraced(function* (
  { directory, options }: { readonly directory: string; readonly options: WriteMapsOptions },
  stem: string,
  values: Float32Array | Uint8Array,
  sidecar: object
) {
  const output = yield* OutputFolder
  const bytes = yield* gzipNifti(encodeNifti({ grid: options.connectome.grid, values, description: stem.slice(0, 79) }))
  yield* output.write(`${directory}/${stem}.nii.gz`, bytes)
  yield* output.write(`${directory}/${stem}.json`, `${JSON.stringify(sidecar, null, 2)}\n`)
})
