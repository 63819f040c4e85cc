/** Stores made from connectomes that are in memory, and opened. */
import { join } from "node:path"
import { Effect } from "effect"
import { openStoreConnectome } from "../../src/connectome/store/StoreConnectome.ts"
import type { Precision } from "../../src/connectome/store/storeGeometry.ts"
import type { MemoryConnectome } from "./memoryConnectome.ts"
import { writeStore } from "./writeStore.ts"

/** Writes each connectome that it is given into a new store in the folder. */
export const storesIn = (folder: string) => {
  let stores = 0
  return (source: MemoryConnectome, precision: Precision, panelsPerChunk = 3) =>
    Effect.gen(function* () {
      const store = join(folder, `store-${stores++}.zarr`)
      yield* Effect.promise(() => writeStore(store, { ...source, precision, panelsPerChunk }))
      return yield* openStoreConnectome(store)
    })
}
