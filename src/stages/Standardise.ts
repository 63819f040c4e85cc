/**
 * Makes each voxel's time series mean 0 and variance 1, run by run, and puts them into voxel panels: the order in which
 * the engine computes.
 *
 * Between reading and quantising. In: scans. Out: the panels of one chunk file after the other, in memory that the next
 * chunk uses again. A scan with a NaN or infinity in the brain mask, or without variance anywhere, is bad.
 */
import { Effect, Stream } from "effect"
import type { RawSubject } from "../connectome/RawConnectome.ts"
import { chunkGeometry, type StoreExtent } from "../connectome/storeGeometry.ts"
import { standardisePanels } from "../kernels/standardisePanels.ts"
import { PANEL_VOXELS } from "../kernels/WasmKernels.ts"
import { bytesPerFloat32 } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"
import { BadSubject } from "./BadSubject.ts"
import type { Scan } from "./ReadScan.ts"

/** The standardised time series of one chunk file. */
export interface StandardChunk {
  readonly subject: RawSubject
  /** Position of the chunk file among the subject's. */
  readonly chunk: number
  /** Shape: [panels of a chunk][time points of the store][8]. */
  readonly values: Float32Array
  /** Standard deviation of each voxel of the chunk's panels, whole panels. */
  readonly sd: Float32Array
}

export const standardise = (extent: StoreExtent) => {
  const { chunks, panelsPerChunk } = chunkGeometry(extent)
  const valuesOfChunk = panelsPerChunk * extent.timePoints * PANEL_VOXELS
  // Made once, when it is first needed: a stage runs one stream at a time.
  let memory: Pick<StandardChunk, "values" | "sd"> | undefined
  const stage: Stage<Scan, StandardChunk, BadSubject> = {
    name: "standardise",
    transform: (scans) =>
      Stream.suspend(() => {
        memory ??= {
          values: new Float32Array(valuesOfChunk),
          sd: new Float32Array(panelsPerChunk * PANEL_VOXELS)
        }
        const into = memory
        return Stream.flatMap(scans, (scan) => {
          const invalid = { notFinite: 0, flat: 0 }
          return Stream.range(0, chunks - 1).pipe(
            Stream.rechunk(1),
            Stream.mapEffect((chunk) => standardiseChunk(scan, extent, chunk, into, invalid))
          )
        })
      }),
    footprintBytes: () => valuesOfChunk * bytesPerFloat32
  }
  return stage
}

/** Voxels of the chunks so far that hold a NaN or infinity, or have no variance. */
interface InvalidVoxels {
  notFinite: number
  flat: number
}

const standardiseChunk = Effect.fnUntraced(function* (
  { subject, raw }: Scan,
  extent: StoreExtent,
  chunk: number,
  { values, sd }: Pick<StandardChunk, "values" | "sd">,
  invalid: InvalidVoxels
) {
  const { voxels, timePoints } = extent
  const { chunks, panelsPerChunk } = chunkGeometry(extent)
  const firstPanel = chunk * panelsPerChunk
  const runs = subject.runs.map((run) => run.timePoints)
  standardisePanels({ raw, voxels, runs }, { firstPanel, panels: panelsPerChunk, timePoints }, values, sd)
  const own = Math.min(sd.length, voxels - firstPanel * PANEL_VOXELS)
  for (let v = 0; v < own; v++) {
    if (Number.isNaN(sd[v])) invalid.notFinite++
    else if (sd[v] === 0) invalid.flat++
  }
  if (chunk === chunks - 1) {
    const problem = problemOf(invalid, voxels)
    if (problem !== undefined) {
      return yield* new BadSubject({ subject: subject.id, file: subject.sources.join(", "), problem })
    }
  }
  yield* Effect.yieldNow
  const standard: StandardChunk = { subject, chunk, values, sd }
  return standard
})

const problemOf = ({ notFinite, flat }: InvalidVoxels, voxels: number): string | undefined => {
  if (notFinite > 0) return `${notFinite} of ${voxels} voxels of the brain mask hold a NaN or infinity`
  return flat === voxels ? "the signal is constant in every voxel of the brain mask" : undefined
}
