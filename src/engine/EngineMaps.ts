/**
 * Statistics, parcellate and writeMaps as one step: a worker takes the sums of a lesion and gives back the compressed files of its maps
 * with their hashes, and what its tables say; this thread only writes.
 *
 * Input: the sums of a pass. Output: what writeMaps gives of each lesion, in their order.
 */
import { Effect, Stream } from "effect"
import { type ConnectivitySums, lesionSums } from "../elements/ConnectivitySums.ts"
import type { StatisticsOptions } from "../elements/LesionMaps.ts"
import type { ParcellateOptions } from "../elements/ParcelTable.ts"
import { meanShareLeft } from "../elements/SharesLeft.ts"
import type { WriteMapsOptions } from "../elements/WriteMapsOptions.ts"
import { voxelVolumeMm3 } from "../imaging/affine.ts"
import type { Grid } from "../imaging/Grid.ts"
import { likelyCompressedBytes } from "../imaging/nifti/compressNifti.ts"
import { scratchArrays } from "../kernels/lesionStatistics.ts"
import type { LesionsNotWritten } from "../output/lesionFailures.ts"
import type { MaskName } from "../output/lesionMasks.ts"
import { mapFilesOf } from "../output/mapFiles.ts"
import { mappedLesionBytes } from "../output/mappedLesion.ts"
import { mapMemoryBytes } from "../output/mapVolume.ts"
import type { OutputFolder } from "../output/OutputFolder.ts"
import type { OutputNotWritten } from "../output/OutputNotWritten.ts"
import { statisticNames } from "../output/statisticRows.ts"
import { parcellationBytes } from "../parcellations/Parcellation.ts"
import { bytesPerFloat32, bytesPerFloat64, type ProblemShape } from "../runtime/ProblemShape.ts"
import type { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import { parcelBytes, tablesOf } from "../stages/Parcellate.ts"
import {
  backBytes,
  mapSizes,
  mapTargetOf,
  targetOf,
  type WrittenLesion,
  writeLesion,
  writeSideBySide
} from "../stages/WriteMaps.ts"
import { Engine } from "./Engine.ts"
import { sumsForWorker } from "./EngineStatistics.ts"
import type { ImagesSite } from "./EngineTask.ts"

/** The options of the row's stages; without parcellate there are no parcellations. */
export interface MapsRow {
  readonly statistics: StatisticsOptions
  readonly parcellate: ParcellateOptions | undefined
  readonly writeMaps: WriteMapsOptions
}

/** Workers that make maps at once. More would wait for this thread, which takes a tenth of their time to write what they make. */
const mostWorkers = 12

/** Lesions that are written, or wait for that, while the workers make others. */
const writtenAtOnce = 2

export const engineMaps = (
  row: MapsRow,
  workers: number
): Stage<
  ConnectivitySums,
  WrittenLesion,
  OutputNotWritten | LesionsNotWritten | WorkerFailed,
  Engine | OutputFolder | Progress
> => ({
  name: `fused: statistics, ${row.parcellate === undefined ? "" : "parcellate, "}writeMaps`,
  transform: (input) =>
    Stream.flatMap(input, (sums) =>
      sums.lesions === 0
        ? Stream.empty
        : Stream.suspend(() => {
            const site = siteOf(row)
            return writeSideBySide(Stream.range(0, sums.lesions - 1), Math.min(workers, mostWorkers) + writtenAtOnce, {
              nameOf: (lesion) => row.writeMaps.lesions[lesion]!.name,
              write: (lesion) => mapLesion(sums, lesion, row, site)
            })
          })
    ),
  footprintBytes: (shape) => footprintBytes(shape, row, workers)
})

/** What all lesions have in common, with copies of the arrays in memory that all threads share. */
const siteOf = ({ parcellate, writeMaps }: MapsRow): ImagesSite => ({
  brain: { grid: plainGrid(writeMaps.connectome.grid), gridIndex: shared(writeMaps.connectome.gridIndex) },
  sizes: mapSizes(writeMaps),
  parcellations: (parcellate?.parcellations ?? []).map(({ starts, voxels, weights }) => ({
    starts: shared(starts),
    voxels: shared(voxels),
    weights: weights === undefined ? undefined : shared(weights)
  })),
  back: sharedWarp(writeMaps.back)
})

/** A warp as plain data; its fields are read into memory that all threads share, and are copied into such where they are not. */
const sharedWarp = (back: WriteMapsOptions["back"]): ImagesSite["back"] =>
  back && {
    sha256: back.sha256,
    warp: back.warp.map((step) =>
      step.kind === "affine" || step.displacements.buffer instanceof SharedArrayBuffer
        ? step
        : { ...step, displacements: shared(step.displacements) }
    )
  }

/** Grid and thresholds without what else their objects may have, which may be no plain data. */
const plainGrid = ({ shape, affine }: Grid): Grid => ({ shape, affine })

const plainThresholds = ({ fdrAlpha, tThreshold }: StatisticsOptions): StatisticsOptions => ({ fdrAlpha, tThreshold })

const shared = <A extends Int32Array | Float32Array | Float64Array>(values: A): A => {
  const Values = values.constructor as new (buffer: SharedArrayBuffer) => A
  const copy = new Values(new SharedArrayBuffer(values.byteLength))
  copy.set(values)
  return copy
}

const mapLesion = Effect.fnUntraced(function* (sums: ConnectivitySums, lesion: number, row: MapsRow, site: ImagesSite) {
  const engine = yield* Engine
  const { statistics, parcellate, writeMaps: options } = row
  const { subjects, invalidVoxels, invalidSeeds } = sums
  const target = targetOf(lesion, subjects, options)
  const { grid, warp } = mapTargetOf(lesion, options)
  const files = mapFilesOf(target, masksOf(statistics))
  const done = yield* engine.run({
    kind: "images",
    writesNothing: true,
    ...sumsForWorker(lesionSums(sums, lesion), engine),
    site,
    thresholds: plainThresholds(statistics),
    images: files.map(({ image }) => image),
    grid: plainGrid(grid),
    warped: warp !== undefined,
    lesion: site.parcellations.length === 0 ? new Int32Array() : parcellate!.lesions[lesion]!.voxels
  })
  const { files: compressed, numbers, parcels } = done.images!
  return yield* writeLesion(target, files, (_, index) => Effect.succeed(compressed[index]!), {
    subjects,
    invalidVoxels,
    invalidSeeds: invalidSeeds[lesion]!,
    shareLeft: meanShareLeft(sums, lesion),
    numbers,
    parcels: parcellate === undefined ? [] : tablesOf(parcels, parcellate)
  })
})

const masksOf = ({ tThreshold }: StatisticsOptions): ReadonlyArray<MaskName> =>
  tThreshold === null ? ["pfdrthreshold"] : ["pfdrthreshold", "tthreshold"]

/** Bytes of a voxel in the two masks, and in that of the lesion. */
const maskBytes = 3

/** Bytes that zlib holds while it compresses: 2¹⁷⁺¹ for the window and hashes, and 2¹⁴⁺² for what it gathers. */
const deflateBytes = 2 ** 18 + 2 ** 16

const footprintBytes = (
  shape: ProblemShape,
  { statistics, parcellate, writeMaps }: MapsRow,
  workers: number
): number => {
  const { lesions, voxels, mapsPerLesion } = shape
  const sizes = mapSizes(writeMaps)
  const atWork = Math.min(lesions, workers, mostWorkers)
  const ofWorker =
    ((statisticNames.length + scratchArrays) * bytesPerFloat64 + maskBytes) * voxels +
    mapMemoryBytes(sizes) +
    deflateBytes
  const written = Math.min(lesions, atWork + writtenAtOnce)
  const filesOfLesion = mapsPerLesion + masksOf(statistics).length
  const ofLesion =
    filesOfLesion * likelyCompressedBytes(sizes.mapGridVoxels * bytesPerFloat32, mappedVoxels(shape, writeMaps))
  const parcels =
    parcellate === undefined
      ? 0
      : parcellate.parcellations.reduce((sum, one) => sum + parcellationBytes(one), parcelBytes(shape, parcellate))
  return (
    atWork * ofWorker +
    written * ofLesion +
    voxels * bytesPerFloat32 +
    parcels +
    backBytes(writeMaps) +
    written * mappedLesionBytes(writeMaps)
  )
}

/** Voxels of a map that the brain reaches, on the finest grid. */
const mappedVoxels = ({ voxels }: ProblemShape, { grid, lesions, connectome }: WriteMapsOptions): number => {
  if (grid === "connectome") return voxels
  const finest = lesions.reduce((least, lesion) => Math.min(least, voxelVolumeMm3(lesion.grid.affine)), Infinity)
  return Math.ceil((voxels * voxelVolumeMm3(connectome.grid.affine)) / finest)
}
