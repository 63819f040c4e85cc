/**
 * Writes the chunk files of a subject into the unfinished store, flushed and checksummed.
 *
 * The last stage of `prepare-connectome`. In: the chunks of each subject in order. Out: what the journal keeps of a subject,
 * once all of its files are whole.
 */
import { Effect, Option, Stream } from "effect"
import { type StagedSubject, stageSubject } from "../../connectome/store/making/StagedSubject.ts"
import type { StoreNotWritten } from "../../connectome/store/making/StoreNotWritten.ts"
import type { SubjectEntry } from "../../connectome/store/making/storeProgress.ts"
import { chunkGeometry, panelVoxels, type StoreExtent } from "../../connectome/store/storeGeometry.ts"
import { bytesPerFloat32 } from "../../runtime/ProblemShape.ts"
import type { Stage } from "../../runtime/Stage.ts"
import type { StoredChunk } from "./Quantise.ts"

/** What is gathered of a subject until its last chunk. */
interface Gathered {
  readonly staged: StagedSubject
  readonly sd: Float32Array
  readonly step: Float32Array | undefined
}

export const writeSubject = (unfinished: string, extent: StoreExtent) => {
  // Made once, when it is first needed: a stage runs one stream at a time.
  let memory: Pick<Gathered, "sd" | "step"> | undefined
  const stage: Stage<StoredChunk, SubjectEntry, StoreNotWritten> = {
    name: "writeSubject",
    transform: (chunks) =>
      Stream.suspend(() => {
        let current: Gathered | undefined
        return chunks.pipe(
          Stream.mapEffect((chunk) =>
            Effect.gen(function* () {
              memory ??= {
                sd: new Float32Array(extent.voxels),
                step: extent.precision === "int16" ? new Float32Array(extent.voxels) : undefined
              }
              current ??= { staged: yield* stageSubject(unfinished, extent, chunk.subject.id), ...memory }
              yield* writeChunk(current, extent, chunk)
              if (chunk.chunk < chunkGeometry(extent).chunks - 1) return Option.none<SubjectEntry>()
              const entry = yield* finish(current, extent, chunk)
              current = undefined
              return Option.some(entry)
            })
          ),
          Stream.filter(Option.isSome),
          Stream.map(({ value }) => value)
        )
      }),
    footprintBytes: (shape) => 2 * shape.voxels * bytesPerFloat32
  }
  return stage
}

const writeChunk = ({ staged, sd, step }: Gathered, extent: StoreExtent, chunk: StoredChunk) => {
  const first = chunk.chunk * chunkGeometry(extent).panelsPerChunk * panelVoxels
  const own = Math.min(chunk.sd.length, extent.voxels - first)
  sd.set(chunk.sd.subarray(0, own), first)
  if (step !== undefined && chunk.step !== undefined) step.set(chunk.step.subarray(0, own), first)
  return staged.write(chunk.chunk, chunk.values)
}

const finish = Effect.fnUntraced(function* (
  { staged, sd, step }: Gathered,
  extent: StoreExtent,
  { subject }: StoredChunk
) {
  const { chunks } = chunkGeometry(extent)
  yield* staged.write(chunks, sd)
  if (step !== undefined) yield* staged.write(chunks + 1, step)
  const { id, person, sources, fingerprint, timePoints } = subject
  const entry: SubjectEntry = {
    id,
    ...(person === undefined ? {} : { person }),
    sources,
    fingerprint,
    time_points: timePoints,
    checksums: yield* staged.finish,
    flat_voxels: sd.reduce((count, value) => count + (value === 0 ? 1 : 0), 0)
  }
  return entry
})
