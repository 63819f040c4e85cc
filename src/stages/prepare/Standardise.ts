/**
 * Makes each voxel's time series mean 0 and variance 1, run by run, and puts them into voxel panels: the order in which
 * the engine computes.
 *
 * Between reading and quantising. In: scans. Out: a few panels at a time, in memory that the next ones use again, so that
 * they are still in the cache when they are quantised. A scan with a NaN or infinity in the brain mask, or without variance
 * anywhere, is bad.
 */
import { Effect, Stream } from "effect"
import type { RawSubject } from "../../connectome/RawConnectome.ts"
import { chunkGeometry, constantsOfStore, panelVoxels, type StoreExtent } from "../../connectome/store/storeGeometry.ts"
import { makeStandardisedPanels, type StandardisedPanels } from "../../kernels/standardisePanels.ts"
import { bytesPerFloat32 } from "../../runtime/ProblemShape.ts"
import type { Stage } from "../../runtime/Stage.ts"
import { BadSubject } from "./BadSubject.ts"
import type { Scan } from "./ReadScan.ts"

/** Some of a subject's panels, all of one chunk file. */
export interface PanelRange {
  /** Position of the chunk file among the subject's. */
  readonly chunk: number
  /** Position of the first panel in its chunk file. */
  readonly from: number
  readonly panels: number
}

/** Standardised time series. */
export interface StandardPanels extends PanelRange {
  readonly subject: RawSubject
  /** Shape: [panels][time points of the store][8]. */
  readonly values: Float32Array
  /** Shape: [panels][8]. Standard deviation of each voxel. */
  readonly sd: Float32Array
}

/** Bytes of the panels that are made at a time: they stay in a core's own cache. */
const targetBytes = 256 * 1024

const panelsAtATime = ({ timePoints }: StoreExtent): number =>
  Math.max(1, Math.floor(targetBytes / (timePoints * panelVoxels * bytesPerFloat32)))

/** All panels of a subject's chunk files, in order. */
const rangesOf = (extent: StoreExtent): ReadonlyArray<PanelRange> => {
  const { chunks, panelsPerChunk } = chunkGeometry(extent)
  const step = panelsAtATime(extent)
  return Array.from({ length: chunks }, (_, chunk) =>
    Array.from({ length: Math.ceil(panelsPerChunk / step) }, (_, n) => ({
      chunk,
      from: n * step,
      panels: Math.min(step, panelsPerChunk - n * step)
    }))
  ).flat()
}

export const standardise = (extent: StoreExtent) => {
  const most = panelsAtATime(extent)
  const ranges = rangesOf(extent)
  // Made once, when it is first needed: a stage runs one stream at a time.
  let memory: StandardisedPanels | undefined
  const stage: Stage<Scan, StandardPanels, BadSubject> = {
    name: "standardise",
    transform: (scans) =>
      Stream.suspend(() => {
        memory ??= makeStandardisedPanels(most, extent.timePoints, constantsOfStore)
        const into = memory
        return Stream.flatMap(scans, (scan) => {
          const invalid = { notFinite: 0, flat: 0 }
          return Stream.fromIterable(ranges).pipe(
            Stream.rechunk(1),
            Stream.mapEffect((range) => standardiseRange(scan, extent, range, into, invalid))
          )
        })
      }),
    // The series are held twice: as rows and as panels.
    footprintBytes: () => 2 * most * panelVoxels * extent.timePoints * bytesPerFloat32
  }
  return stage
}

/** Voxels of the panels so far that hold a NaN or infinity, or have no variance. */
interface InvalidVoxels {
  notFinite: number
  flat: number
}

const standardiseRange = Effect.fnUntraced(function* (
  { subject, raw }: Scan,
  extent: StoreExtent,
  range: PanelRange,
  memory: StandardisedPanels,
  invalid: InvalidVoxels
) {
  const { voxels, timePoints } = extent
  const { chunks, panelsPerChunk } = chunkGeometry(extent)
  const { chunk, from, panels } = range
  const firstPanel = chunk * panelsPerChunk + from
  const runs = subject.runs.map((run) => run.timePoints)
  memory.standardise({ raw, voxels, runs }, { firstPanel, panels })
  const values = memory.values.subarray(0, panels * timePoints * panelVoxels)
  const sd = memory.sd.subarray(0, panels * panelVoxels)
  const own = Math.min(sd.length, voxels - firstPanel * panelVoxels)
  for (let v = 0; v < own; v++) {
    if (Number.isNaN(sd[v])) invalid.notFinite++
    else if (sd[v] === 0) invalid.flat++
  }
  if (chunk === chunks - 1 && from + panels === panelsPerChunk) {
    const problem = problemOf(invalid, voxels)
    if (problem !== undefined) {
      return yield* new BadSubject({ subject: subject.id, file: subject.sources.join(", "), problem })
    }
  }
  const standard: StandardPanels = { subject, ...range, values, sd }
  return standard
})

const problemOf = ({ notFinite, flat }: InvalidVoxels, voxels: number): string | undefined => {
  if (notFinite > 0) return `${notFinite} of ${voxels} voxels of the brain mask hold a NaN or infinity`
  return flat === voxels ? "the signal is constant in every voxel of the brain mask" : undefined
}
