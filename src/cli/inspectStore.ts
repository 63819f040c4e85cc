/** What `lnm inspect` says of a connectome store, and `--check`: every chunk file read and held against its checksum. */
import { Effect, Schema } from "effect"
import { type DamagedChunk, findDamagedChunks } from "../connectome/store/StoreConnectome.ts"
import { readStoreContent, type StoreContent } from "../connectome/store/storeContent.ts"
import { chunkGeometry, subjectBytes, subjectFiles } from "../connectome/store/storeGeometry.ts"
import { formatBytes } from "../runtime/Plan.ts"
import { checking, running } from "./CommandFailed.ts"

/** Chunk files of a store are missing or not what was written. */
export class StoreDamaged extends Schema.TaggedError<StoreDamaged>()("StoreDamaged", {
  store: Schema.String,
  chunks: Schema.Array(Schema.Struct({ file: Schema.String, subject: Schema.String, problem: Schema.String }))
}) {
  override get message(): string {
    const lines = this.chunks.map(
      ({ file, subject, problem }: DamagedChunk) => `  ${file}: subject ${subject}: ${problem}`
    )
    return (
      `${this.store}: ${this.chunks.length} chunk file(s) are damaged. ` +
      `Copy them again, or prepare the store again.\n${lines.join("\n")}`
    )
  }
}

/** Facts of a store. With `check` all of it is read; fails where a chunk is damaged, and names every such chunk. */
export const inspectStore = Effect.fn("inspectStore")(function* (location: string, check: boolean) {
  const content = yield* checking(readStoreContent(location))
  const facts = storeFacts(content)
  if (!check) return facts
  const chunks = yield* findDamagedChunks(content)
  if (chunks.length > 0) return yield* running(Effect.fail(new StoreDamaged({ store: content.folder, chunks })))
  const files = content.extent.subjects * subjectFiles(content.extent, 0).length
  return { ...facts, checked: `${files} chunk files, all as they were written` }
})

const storeFacts = ({ folder, attributes, extent, grid, timePoints }: StoreContent) => {
  const { chunks, chunkBytes } = chunkGeometry(extent)
  return {
    kind: "connectome store (Zarr v3)",
    path: folder,
    format_version: attributes.format_version,
    written_by: attributes.tool_version,
    subjects: extent.subjects,
    first_subject: attributes.subject_ids[0],
    last_subject: attributes.subject_ids.at(-1),
    time_points: [...new Set(timePoints)].sort((a, b) => a - b),
    voxels: extent.voxels,
    precision: extent.precision,
    storage: `${chunks} chunk file(s) of ${formatBytes(chunkBytes)} a subject`,
    size: formatBytes(extent.subjects * subjectBytes(extent)),
    space: attributes.space,
    grid_shape: grid.shape,
    affine: grid.affine
  }
}
