/** Files of a few kilobytes that announce arrays of gigabytes: refused by what the file can hold, before memory is taken for them. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import h5wasm from "h5wasm/node"
import { openConnectome } from "../../src/connectome/openConnectome.ts"
import { attributesChecksum } from "../../src/connectome/store/storeFormat.ts"
import { memoryConnectome } from "../support/memoryConnectome.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeStore } from "../support/writeStore.ts"

const scratch = scratchFolder()

/** Memory of this process that is not the heap's, in bytes. */
const memoryTaken = () => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed

interface Announced {
  readonly subjects?: number
  readonly voxels: number
  /** Of `timeseries`. */
  readonly chunks: [number, number, number]
}

/** A file whose data sets have their shapes and no value. */
const writeEmptyHdf5 = async (name: string, { subjects = 4, voxels, chunks }: Announced): Promise<string> => {
  await h5wasm.ready
  const file = join(scratch, name)
  const root = new h5wasm.File(file, "w")
  const empty = { shape: [0, 5, voxels], maxshape: [subjects, 5, voxels], chunks }
  root.create_dataset({ name: "timeseries", data: new Float32Array(0), ...empty }).resize([subjects, 5, voxels])
  const none = { shape: [0, voxels], maxshape: [3, voxels], chunks: [1, Math.min(voxels, 2 ** 20)] }
  root.create_dataset({ name: "mask_indices", data: new Int32Array(0), ...none }).resize([3, voxels])
  root.create_dataset({
    name: "mask_affine",
    data: Float64Array.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1),
    shape: [4, 4]
  })
  root.create_attribute("mask_shape", Int32Array.of(1200, 1200, 1200))
  root.create_attribute("space", "X")
  root.close()
  return file
}

const refusalOf = (path: string) => Effect.flip(Effect.scoped(openConnectome({ path })))

describe("announced sizes", () => {
  it.live("of storage chunks are held against the HDF5 file", () =>
    Effect.gen(function* () {
      const file = yield* Effect.promise(() =>
        writeEmptyHdf5("chunks.h5", { subjects: 20_000, voxels: 40_000, chunks: [1, 1, 8] })
      )
      const before = memoryTaken()
      const { message } = yield* refusalOf(file)
      assert.match(
        message,
        /chunks\.h5: `timeseries` has 500000000 storage chunks of 1 × 1 × 8, of which a file of \d+ bytes/
      )
      assert.isBelow(memoryTaken() - before, 100e6)
    })
  )

  it.live("of a brain mask are held against the HDF5 file", () =>
    Effect.gen(function* () {
      const file = yield* Effect.promise(() =>
        writeEmptyHdf5("mask.h5", { voxels: 40_000_000, chunks: [1, 5, 2 ** 20] })
      )
      const { message } = yield* refusalOf(file)
      assert.match(message, /mask\.h5: `mask_indices` would have 480000000 bytes, which a file of \d+ cannot hold/)
    })
  )

  it.live("of chunk files of a store are held against its arrays", () =>
    Effect.gen(function* () {
      const store = join(scratch, "store.zarr")
      const source = memoryConnectome({ subjects: 2, timePoints: [11, 14], voxels: 21 })
      yield* Effect.promise(() => writeStore(store, { ...source, precision: "int16", panelsPerChunk: 1 }))
      const file = join(store, "zarr.json")
      const group = JSON.parse(readFileSync(file, "utf8"))
      Object.assign(group.attributes, { voxels: 1_900_000_000, mask_shape: [1290, 1290, 1290] })
      group.attributes.metadata_checksums.attributes = attributesChecksum(group.attributes)
      writeFileSync(file, JSON.stringify(group))
      const before = memoryTaken()
      const { message } = yield* refusalOf(store)
      assert.match(message, /timeseries\/zarr\.json: the array is int16 2 × 3 × 14 × 8/)
      assert.isBelow(memoryTaken() - before, 100e6)
    })
  )
})
