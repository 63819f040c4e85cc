/**
 * The end of making a store: each subject's chunk files get their position, then come the arrays' metadata, what holds
 * something of all subjects, the group's metadata, and last the store's name.
 */
import { rename } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { makeFolder } from "../../../files/makeFolder.ts"
import { syncFolder } from "../../../files/syncFolder.ts"
import type { Grid } from "../../../imaging/Grid.ts"
import type { LeftOutSubject } from "../../Connectome.ts"
import { checksumOf } from "../storeChecksum.ts"
import { makeAttributes, type StoreDescription } from "../storeFormat.ts"
import { arraysOf, type StoreExtent, sharedFiles } from "../storeGeometry.ts"
import { orderFile, type SubjectEntry, subjectArrays, subjectFolder } from "./storeProgress.ts"
import { groupFile, placeOf, removeProgress } from "./UnfinishedStore.ts"
import { onFile, renameIfThere, writeStoreFile } from "./writeStoreFile.ts"

/** What the writer knows of a store beside its subjects. */
export interface StoreBase {
  readonly toolVersion: string
  readonly space: string
  readonly grid: Grid
  readonly gridIndex: Int32Array
  /** Subjects whose scans could not be used. Default: none. */
  readonly leftOut?: ReadonlyArray<LeftOutSubject>
}

/**
 * Puts the store together.
 *
 * @param entries the subjects in the order of the store
 * @param extent with their number
 */
export const assembleStore = Effect.fn("assembleStore")(function* (
  folder: string,
  base: StoreBase,
  extent: StoreExtent,
  entries: ReadonlyArray<SubjectEntry>
) {
  yield* placeSubjects(folder, extent, entries)
  const put = Effect.fnUntraced(function* (name: keyof typeof sharedFiles, content: NodeJS.ArrayBufferView) {
    yield* writeStoreFile(path.join(folder, sharedFiles[name]), content)
    return checksumOf(content)
  })
  const description: StoreDescription = {
    ...extent,
    ...base,
    subjectIds: entries.map(({ id }) => id),
    ...(entries.some(({ person }) => person !== undefined)
      ? { subjectPeople: entries.map(({ id, person }) => person ?? id) }
      : {}),
    subjectSources: entries.map(({ sources }) => sources),
    checksums: {
      mask_indices: yield* put("mask_indices", maskIndices(base)),
      time_points: yield* put(
        "time_points",
        Int32Array.from(entries, (entry) => entry.time_points)
      ),
      checksums: yield* put("checksums", Uint32Array.from(entries.flatMap((entry) => entry.checksums)))
    }
  }
  const metadata = yield* Effect.promise(() => zarrMetadata(description))
  for (const [name, content] of metadata) {
    if (name !== groupName) yield* writeStoreFile(path.join(folder, name), content)
  }
  yield* writeStoreFile(groupFile(folder), metadata.get(groupName)!)
})

/** Gives a store that is all there its name. */
export const nameStore = Effect.fn("nameStore")(function* (folder: string, store: string) {
  yield* removeProgress(folder)
  yield* onFile(store, async () => {
    await rename(folder, store)
    await syncFolder(path.dirname(store))
  })
})

/** Moves each subject's chunk files to its position. Where that is interrupted, `openUnfinished` takes them back. */
const placeSubjects = Effect.fnUntraced(function* (
  folder: string,
  extent: StoreExtent,
  entries: ReadonlyArray<SubjectEntry>
) {
  yield* writeStoreFile(orderFile(folder), JSON.stringify(entries.map(({ id }) => id)))
  for (const array of subjectArrays(extent)) {
    const chunks = path.join(folder, array, "c")
    yield* onFile(chunks, () => makeFolder(chunks))
    for (const [index, { id }] of entries.entries()) {
      const staged = path.join(subjectFolder(folder, id), array)
      yield* renameIfThere(staged, placeOf(folder, array, index))
    }
    yield* onFile(chunks, () => syncFolder(chunks))
  }
})

/** Shape: (3, voxels): i, j and k of each voxel. */
const maskIndices = ({ grid, gridIndex }: StoreBase): Int32Array => {
  const [nx, ny] = grid.shape
  const voxels = gridIndex.length
  const indices = new Int32Array(3 * voxels)
  for (let v = 0; v < voxels; v++) {
    const element = gridIndex[v]!
    indices[v] = element % nx
    indices[voxels + v] = Math.floor(element / nx) % ny
    indices[2 * voxels + v] = Math.floor(element / (nx * ny))
  }
  return indices
}

const groupName = "/zarr.json"

/** The metadata files of the group and its arrays, as zarrita writes them, by name. */
const zarrMetadata = async (description: StoreDescription): Promise<Map<string, Uint8Array>> => {
  const zarr = await import("zarrita")
  const files = new Map<string, Uint8Array>()
  const root = zarr.root(files)
  for (const [name, array] of Object.entries(arraysOf(description))) await zarr.create(root.resolve(name), array)
  await zarr.create(root, { attributes: makeAttributes(description) })
  return files
}
