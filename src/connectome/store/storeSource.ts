/** A connectome store as a source; a store is not made from another. */
import { Effect } from "effect"
import { formatBytes } from "../../runtime/Plan.ts"
import { type Source, SourceDamaged } from "../Source.ts"
import { findDamagedChunks, isStore, openStoreConnectome } from "./StoreConnectome.ts"
import { readStoreContent, type StoreContent } from "./storeContent.ts"
import { chunkGeometry, filesOfSubject, subjectBytes } from "./storeGeometry.ts"

const storeFacts = ({ folder, attributes, extent, grid, timePoints }: StoreContent) => {
  const { chunks, chunkBytes } = chunkGeometry(extent)
  return {
    kind: "connectome store (Zarr v3)",
    path: folder,
    format_version: attributes.format_version,
    written_by: attributes.tool_version,
    subjects: extent.subjects,
    ...(attributes.subject_people === undefined ? {} : { people: new Set(attributes.subject_people).size }),
    scans: attributes.subject_sources.reduce((sum, sources) => sum + sources.length, 0),
    first_subject: attributes.subject_ids[0],
    last_subject: attributes.subject_ids.at(-1),
    ...(attributes.left_out === undefined ? {} : { left_out: attributes.left_out }),
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

/** Reads every chunk file. Fails where one is damaged, and names every such file. */
const check = Effect.fnUntraced(function* (path: string) {
  const content = yield* readStoreContent(path)
  const { folder, extent } = content
  const chunks = yield* findDamagedChunks(content)
  if (chunks.length > 0) {
    const lines = chunks.map(({ file, subject, problem }) => `  ${file}: subject ${subject}: ${problem}`)
    return yield* new SourceDamaged({
      path: folder,
      problem:
        `${chunks.length} chunk file(s) are damaged. ` +
        `Copy them again, or prepare the store again.\n${lines.join("\n")}`
    })
  }
  const files = extent.subjects * filesOfSubject(extent)
  return { checked: `${files} chunk files, all as they were written` }
})

export const source: Source = {
  isNamedBy: ({ path, mask }) => (mask === undefined ? isStore(path) : Effect.succeed(false)),
  open: ({ path, choose, runs }) => openStoreConnectome(path, { choose, runs }),
  inspect: (path) =>
    Effect.flatMap(isStore(path), (isHere) =>
      isHere ? Effect.map(readStoreContent(path), storeFacts) : Effect.undefined
    ),
  check
}
