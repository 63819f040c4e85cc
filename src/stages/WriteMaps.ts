/**
 * Write maps: puts each lesion's maps on the connectome's grid, or on the lesion's own, and writes them as NIfTI with their sidecars, named as
 * BIDS derivatives. The pipeline's last stage.
 *
 * Input: maps over the voxels of the brain mask, with tables of parcels where the lesion was parcellated. Output: one row
 * of the summary a lesion and those tables, once its files are on disk.
 */
import { Effect, Option, Stream } from "effect"
import type { LesionMaps } from "../elements/LesionMaps.ts"
import type { StageOperation } from "../elements/operations.ts"
import type { ParcellatedMaps, ParcelTable } from "../elements/ParcelTable.ts"
import type { WriteMapsOptions } from "../elements/WriteMapsOptions.ts"
import { sameGrid, voxelsOf } from "../imaging/Grid.ts"
import { gzipNifti } from "../imaging/nifti/gzipNifti.ts"
import { releaseMemory } from "../imaging/releaseMemory.ts"
import { outputNameOf, ownTemplate, spaceOfMaps } from "../lesions/Lesion.ts"
import type { LesionsNotWritten } from "../output/lesionFailures.ts"
import { type MapFile, mapFilesOf } from "../output/mapFiles.ts"
import { encodeMap, type MapImage } from "../output/mapImage.ts"
import { numbersOf } from "../output/mapNumbers.ts"
import { mappedLesionBytes, writeMappedLesion } from "../output/mappedLesion.ts"
import {
  type MapMemory,
  type MapSizes,
  type MapTarget,
  makeMapMemory,
  mapGridOf,
  mapMemoryBytes
} from "../output/mapVolume.ts"
import { OutputFolder } from "../output/OutputFolder.ts"
import type { OutputNotWritten } from "../output/OutputNotWritten.ts"
import { describeLongTable, formatLongTable } from "../output/parcelTables.ts"
import { type LesionSummary, type SummarisedMaps, summarise } from "../output/Summary.ts"
import { describeLesion, type MapSubject } from "../output/sidecar.ts"
import * as BufferPool from "../runtime/BufferPool.ts"
import { inSlices } from "../runtime/inSlices.ts"
import { bytesPerFloat32 } from "../runtime/ProblemShape.ts"
import { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"
import { Warnings } from "../runtime/Warnings.ts"
import { warpBytes } from "../warps/templateWarps.ts"

/** Maps, with or without tables of parcels. */
export type WritableMaps = LesionMaps & Partial<Pick<ParcellatedMaps, "parcels">>

/** What is left of a lesion when its files are on disk. */
export interface WrittenLesion {
  readonly summary: LesionSummary
  /** A table a parcellation. */
  readonly parcels: ReadonlyArray<ParcelTable>
}

/** Lesions, and files of each, that are written side by side: while one is compressed, the next is put on the grid. */
const lesionsAtOnce = 2
export const filesAtOnce = 2

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
  operation: { _tag: "writeMaps", options } satisfies StageOperation,
  transform: (lesions) =>
    Stream.unwrap(
      Effect.map(
        BufferPool.make(lesionsAtOnce * filesAtOnce, () => makeMapMemory(mapSizes(options))),
        (buffers) =>
          writeSideBySide(lesions, lesionsAtOnce, {
            nameOf: ({ lesion }) => options.lesions[lesion]!.name,
            write: (maps) => writePlainly(maps, options, buffers)
          })
      )
    ),
  footprintBytes: ({ lesions, mapsPerLesion }) => {
    const sizes = mapSizes(options)
    const atOnce = Math.min(lesions, lesionsAtOnce) * Math.min(mapsPerLesion, filesAtOnce)
    // At worst a compressed file is as long as the file.
    return (
      atOnce * (mapMemoryBytes(sizes) + sizes.mapGridVoxels * bytesPerFloat32) +
      backBytes(options) +
      atOnce * mappedLesionBytes(options)
    )
  }
})

/** Sizes of the largest map that is written. */
export const mapSizes = ({ grid, lesions, connectome, back }: WriteMapsOptions): MapSizes => ({
  brainGridVoxels: voxelsOf(connectome.grid),
  mapGridVoxels:
    grid === "connectome"
      ? voxelsOf(connectome.grid)
      : lesions.reduce((largest, lesion) => Math.max(largest, voxelsOf(lesion.grid)), 0),
  resamples: grid === "lesion",
  warps: back !== undefined
})

/** What reading warps leaves with the process: measured with fields of TemplateFlow's size. */
const leftOfReadingBytes = 32 * 2 ** 20

/** Bytes of what brings maps back, which is read before a run and stays. */
export const backBytes = ({ back }: Pick<WriteMapsOptions, "back">): number =>
  back === undefined ? 0 : warpBytes(back.warp) + leftOfReadingBytes

/** Writes so many lesions side by side, and fails after the others where some could not be written. */
export const writeSideBySide = <A, E, R, E2, R2>(
  lesions: Stream.Stream<A, E, R>,
  concurrency: number,
  each: {
    readonly nameOf: (one: A) => string
    readonly write: (one: A) => Effect.Effect<WrittenLesion, E2 | OutputNotWritten, R2>
  }
) =>
  Stream.unwrap(
    Effect.map(OutputFolder, (output) =>
      Stream.mapEffect(lesions, (one) => output.attempt(each.nameOf(one), each.write(one)), { concurrency }).pipe(
        Stream.flatMap(Option.match({ onNone: () => Stream.empty, onSome: (written) => Stream.make(written) })),
        Stream.concat(Stream.drain(Stream.fromEffect(output.checkLesions)))
      )
    )
  )

/** Writes a lesion whose images are made on this thread, and compressed beside it. */
const writePlainly = (
  maps: WritableMaps,
  options: WriteMapsOptions,
  buffers: BufferPool.BufferPool<MapMemory>
): Effect.Effect<WrittenLesion, OutputNotWritten, OutputFolder | Progress> => {
  const { lesion, subjects, invalidVoxels, invalidSeeds, shareLeft, parcels = [] } = maps
  const made = (["pfdrthreshold", "tthreshold"] as const).filter((mask) => maps.masks[mask] !== undefined)
  const compressed = Effect.fnUntraced(function* (image: MapImage) {
    const encoded = Effect.fnUntraced(function* (buffer: MapMemory) {
      const mapGrid = yield* inSlices(mapGridOf(mapTargetOf(lesion, options), options.connectome, buffer))
      return yield* inSlices(encodeMap(image, maps, options.connectome, mapGrid, buffer))
    })
    const file = yield* BufferPool.use(buffers, (buffer) =>
      Effect.flatMap(encoded(buffer), ({ bytes, hints }) => gzipNifti(bytes, hints))
    )
    return { bytes: file }
  })
  const summarised = { subjects, invalidVoxels, invalidSeeds, shareLeft, numbers: numbersOf(maps.maps, maps.masks) }
  const target = targetOf(lesion, subjects, options)
  const files = mapFilesOf(target, made)
  return writeLesion(target, files, ({ image }) => compressed(image), { ...summarised, parcels })
}

/** Where a lesion's maps lie. */
export const mapTargetOf = (lesion: number, { grid, lesions, connectome, back }: WriteMapsOptions): MapTarget => {
  if (grid === "connectome") return { grid: connectome.grid }
  const own = lesions[lesion]!
  return { grid: own.grid, warp: ownTemplate(own) === undefined ? undefined : back }
}

/** What the sidecars of a lesion's maps are told of. */
export const targetOf = (lesion: number, subjects: number, options: WriteMapsOptions): WritingTarget => {
  const { grid, warp } = mapTargetOf(lesion, options)
  const { [lesion]: target } = options.lesions
  return {
    lesion: target!,
    options,
    subjects,
    resampled: warp !== undefined || !sameGrid(grid, options.connectome.grid),
    broughtBack: warp === undefined ? undefined : { space: spaceOfMaps(target!, options), file: options.back!.file }
  }
}

export type WritingTarget = MapSubject & { readonly options: WriteMapsOptions }

/** A compressed file, which is written once, and its hash where that is known. */
export interface CompressedFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly sha256?: string
}

/**
 * Writes the files of a lesion, each with its sidecar, as they come; then its table of parcels.
 *
 * Memory: a compressed file is released when it is written.
 */
export const writeLesion = Effect.fnUntraced(function* <E, R>(
  target: WritingTarget,
  files: ReadonlyArray<MapFile>,
  compressed: (file: MapFile, index: number) => Effect.Effect<CompressedFile, E, R>,
  { parcels, ...maps }: SummarisedMaps & { readonly parcels: ReadonlyArray<ParcelTable> }
) {
  const output = yield* OutputFolder
  const { lesion, options } = target
  yield* Effect.forEach(
    files,
    Effect.fnUntraced(function* (file, index) {
      const { bytes, sha256 } = yield* compressed(file, index)
      yield* output.write(`${file.stem}.nii.gz`, bytes, sha256)
      releaseMemory(bytes)
      yield* output.write(`${file.stem}.json`, formatJson(file.sidecar))
    }),
    { concurrency: filesAtOnce, discard: true }
  )
  yield* writeMappedLesion(target)
  if (parcels.length > 0) {
    const name = outputNameOf(lesion, { space: options.space, description: options.method })
    const stem = `${name.directory}/${name.table("parcels")}`
    yield* output.write(`${stem}.tsv`, formatLongTable(parcels))
    yield* output.write(`${stem}.json`, formatJson({ ...describeLongTable(parcels), ...describeLesion(target) }))
  }
  yield* (yield* Progress).lesionDone
  const warnings = yield* (yield* Warnings).all
  const written: WrittenLesion = { summary: summarise(lesion, maps, warnings), parcels }
  return written
})

const formatJson = (content: object): string => `${JSON.stringify(content, null, 2)}\n`
