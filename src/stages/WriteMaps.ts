/**
 * Write maps: puts each lesion's maps on the connectome's grid, or on the lesion's own, and writes them as NIfTI with their sidecars, named as
 * BIDS derivatives. The pipeline's last stage.
 *
 * Input: maps over the voxels of the brain mask, with tables of parcels where the lesion was parcellated. Output: one row
 * of the summary a lesion and those tables, once its files are on disk.
 */
import { Effect, Option, Stream } from "effect"
import type { Connectome } from "../connectome/Connectome.ts"
import type { LesionMaps } from "../elements/LesionMaps.ts"
import type { ParcellatedMaps, ParcelTable } from "../elements/ParcelTable.ts"
import { voxelsOf } from "../imaging/Grid.ts"
import { encodeNifti, gzipNifti, type NiftiIntent, voxOffset } from "../imaging/nifti/writeNifti.ts"
import { type Lesion, outputNameOf } from "../lesions/Lesion.ts"
import type { LesionsNotWritten } from "../output/lesionFailures.ts"
import { fillVolume, type MapContent, type MapGrid, mapGridOf, resamplingBytes } from "../output/mapVolume.ts"
import { OutputFolder } from "../output/OutputFolder.ts"
import type { OutputNotWritten } from "../output/OutputNotWritten.ts"
import { describeLongTable, formatLongTable } from "../output/parcelTables.ts"
import { type LesionSummary, summarise } from "../output/Summary.ts"
import { describeLesion, describeMap, describeMask, type MapProvenance } from "../output/sidecar.ts"
import { type Statistic, statisticMap } from "../output/statisticRows.ts"
import * as BufferPool from "../runtime/BufferPool.ts"
import { bytesPerFloat32 } from "../runtime/ProblemShape.ts"
import { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"
import { Warnings } from "../runtime/Warnings.ts"

/** Options of `writeMaps`. */
export interface WriteMapsOptions {
  /** The lesions of the pass, in its order. */
  readonly lesions: ReadonlyArray<Lesion>
  readonly connectome: Connectome
  readonly space: string
  readonly method: string
  readonly maps: ReadonlyArray<Statistic>
  /** The grid that the maps are written on: the connectome's, or each lesion's own. */
  readonly grid: "connectome" | "lesion"
  readonly provenance: MapProvenance
}

/** Maps, with or without tables of parcels. */
export type WritableMaps = LesionMaps & Partial<Pick<ParcellatedMaps, "parcels">>

/** What is left of a lesion when its files are on disk. */
export interface WrittenLesion {
  readonly summary: LesionSummary
  /** A table a parcellation. */
  readonly parcels: ReadonlyArray<ParcelTable>
}

/** Lesions, and maps of each, that are written side by side: while one is compressed, the next is put on the grid. */
const lesionsAtOnce = 2
const mapsAtOnce = 2

/** Bytes of the buffer that a map's file is made in. */
const fileBytes = (gridVoxels: number): number => voxOffset + gridVoxels * bytesPerFloat32

/** A file, and at worst as much again for its compressed form. */
const copiesOfFile = 2

/**
 * The stage that writes the maps of each lesion.
 *
 * Errors: `OutputNotWritten` where the disk takes no file; `LesionsNotWritten` after all others where those of some lesions could not be
 * written.
 */
export const writeMaps = (
  options: WriteMapsOptions
): Stage<WritableMaps, WrittenLesion, OutputNotWritten | LesionsNotWritten, OutputFolder | Progress> => ({
  name: "writeMaps",
  transform: (lesions) =>
    Stream.unwrap(
      Effect.map(
        BufferPool.make(lesionsAtOnce * mapsAtOnce, () => new ArrayBuffer(fileBytes(largestGridVoxels(options)))),
        (files) => writeEach(lesions, options, (maps) => writeLesion(maps, options, files))
      )
    ),
  footprintBytes: ({ lesions, mapsPerLesion, gridVoxels }) => {
    const largest = largestGridVoxels(options)
    const resampling = options.grid === "lesion" ? resamplingBytes(gridVoxels, largest) : 0
    const filesAtOnce = Math.min(lesions, lesionsAtOnce) * Math.min(mapsPerLesion, mapsAtOnce)
    return filesAtOnce * (copiesOfFile * fileBytes(largest) + resampling)
  }
})

/** Voxels of the largest grid that a map is written on. */
const largestGridVoxels = ({ grid, lesions, connectome }: WriteMapsOptions): number =>
  grid === "connectome"
    ? voxelsOf(connectome.grid)
    : lesions.reduce((largest, lesion) => Math.max(largest, voxelsOf(lesion.grid)), 0)

/** Writes lesions side by side, and fails after the others where some could not be written. */
export const writeEach = <A extends { readonly lesion: number }, E, R>(
  lesions: Stream.Stream<A, E, R>,
  options: WriteMapsOptions,
  write: (one: A) => Effect.Effect<WrittenLesion, OutputNotWritten, R | OutputFolder | Progress>
) =>
  Stream.unwrap(
    Effect.map(OutputFolder, (output) =>
      Stream.mapEffect(lesions, (one) => output.attempt(options.lesions[one.lesion]!.name, write(one)), {
        concurrency: lesionsAtOnce
      }).pipe(
        Stream.flatMap(Option.match({ onNone: () => Stream.empty, onSome: (written) => Stream.make(written) })),
        Stream.concat(Stream.drain(Stream.fromEffect(output.checkLesions)))
      )
    )
  )

type FileBuffers = BufferPool.BufferPool<ArrayBuffer>

const writeLesion = Effect.fnUntraced(function* (maps: WritableMaps, options: WriteMapsOptions, files: FileBuffers) {
  const lesion = options.lesions[maps.lesion]!
  const progress = yield* Progress
  const name = outputNameOf(lesion, { space: options.space, description: options.method })
  const { connectome, grid } = options
  const mapGrid = mapGridOf(grid === "lesion" ? lesion.grid : connectome.grid, connectome)
  const resampled = mapGrid.reached !== undefined
  const target = { lesion, directory: name.directory, options, subjects: maps.subjects, mapGrid, resampled }
  yield* Effect.forEach(
    options.maps,
    (statistic) => {
      const row = statisticMap(statistic)
      return writeVolume(target, files, {
        stem: name.stem(statistic, "statmap"),
        values: maps.maps[statistic],
        background: row.background,
        Volume: Float32Array,
        intent: row.intent?.(maps.subjects),
        sidecar: describeMap(row, target)
      })
    },
    { concurrency: mapsAtOnce, discard: true }
  )
  for (const mask of ["pfdrthreshold", "tthreshold"] as const) {
    const values = maps.masks[mask]
    if (values === undefined || (mask === "pfdrthreshold" && !options.maps.includes("pfdr"))) continue
    const sidecar = describeMask(mask, target)
    yield* writeVolume(target, files, {
      stem: name.stem(mask, "mask"),
      values,
      background: 0,
      Volume: Uint8Array,
      sidecar
    })
  }
  const { parcels = [] } = maps
  if (parcels.length > 0) {
    const output = yield* OutputFolder
    const stem = `${name.directory}/${name.table("parcels")}`
    yield* output.write(`${stem}.tsv`, formatLongTable(parcels))
    yield* output.write(`${stem}.json`, formatJson({ ...describeLongTable(parcels), ...describeLesion(target) }))
  }
  yield* progress.lesionDone
  const warnings = yield* (yield* Warnings).all
  const written: WrittenLesion = { summary: summarise(lesion, maps, warnings), parcels }
  return written
})

interface VolumeFile extends MapContent {
  readonly stem: string
  readonly Volume: typeof Float32Array | typeof Uint8Array
  readonly intent?: NiftiIntent | undefined
  readonly sidecar: object
}

interface VolumeTarget {
  readonly directory: string
  readonly options: WriteMapsOptions
  readonly mapGrid: MapGrid
}

const writeVolume = Effect.fnUntraced(function* (
  { directory, options, mapGrid }: VolumeTarget,
  files: FileBuffers,
  { stem, Volume, intent, sidecar, ...content }: VolumeFile
) {
  const output = yield* OutputFolder
  const { grid } = mapGrid
  const { buffer, release } = yield* files.take
  const volume = new Volume(buffer, voxOffset, voxelsOf(grid))
  yield* fillVolume(content, options.connectome, mapGrid, volume)
  const { space } = options
  const file = encodeNifti({ grid, space, values: volume, intent, description: stem.slice(0, 79) }, buffer)
  const compressed = yield* gzipNifti(file)
  yield* release
  yield* output.write(`${directory}/${stem}.nii.gz`, compressed)
  yield* output.write(`${directory}/${stem}.json`, formatJson(sidecar))
})

const formatJson = (content: object): string => `${JSON.stringify(content, null, 2)}\n`
