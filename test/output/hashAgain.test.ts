import { createHash } from "node:crypto"
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Checksums, type InputCheck } from "../../src/output/Checksums.ts"
import { hashAgain, hashWholly } from "../../src/output/hashAgain.ts"
import { hashOf } from "../../src/output/InputRecord.ts"
import { flipByte, writeAt } from "../support/damage.ts"
import { memoryConnectome } from "../support/memoryConnectome.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { storesIn } from "../support/storesIn.ts"

const scratch = scratchFolder()
const stored = storesIn(scratch)

const large = (name: string): string => {
  const file = join(scratch, name)
  writeFileSync(file, "head")
  truncateSync(file, 20e6)
  return file
}

const recorded = (connectome: Parameters<(typeof Checksums)["Service"]["ofConnectome"]>[0], check?: InputCheck) =>
  Effect.flatMap(Checksums, ({ ofConnectome }) => ofConnectome(connectome)).pipe(Effect.provide(Checksums.layer(check)))

const memory = memoryConnectome({ subjects: 3, timePoints: 6, voxels: 9 })

describe("the records of a connectome's files", () => {
  it.effect("are of samples, or of all where that is asked for; again the same until they change", () =>
    Effect.gen(function* () {
      const files = [large("a.h5"), join(scratch, "mask.nii")]
      writeFileSync(files[1]!, "small")
      const connectome = { ...memory, files }
      const [sampled, full] = [yield* recorded(connectome), yield* recorded(connectome, "full")]
      assert.deepStrictEqual(
        [sampled, full].map((records) => records.map(({ path, method }) => [path, method])),
        [
          [
            [files[0], "sha256-sampled"],
            [files[1], "sha256"]
          ],
          files.map((file) => [file, "sha256"])
        ]
      )
      for (const record of [...sampled, ...full]) assert.deepStrictEqual(yield* hashAgain(record), record)
      assert.deepStrictEqual(yield* Effect.forEach(sampled, hashWholly), full)
      writeAt(files[0]!, 12_000_000, "between the samples")
      assert.deepStrictEqual(yield* hashAgain(sampled[0]!), sampled[0])
      assert.notStrictEqual(hashOf(yield* hashAgain(full[0]!)), hashOf(full[0]!))
      writeAt(files[0]!, 2 ** 23, "in a sample")
      assert.notStrictEqual(hashOf(yield* hashAgain(sampled[0]!)), hashOf(sampled[0]!))
    })
  )

  it.effect("of a memory there are none", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* recorded(memory), [])
    })
  )
})

describe("the records of a store", () => {
  it.effect("are of its metadata, and of the checksums of its chunk files, or of all of these", () =>
    Effect.gen(function* () {
      const store = yield* stored(memory, "int16")
      const chunkFiles = [0, 1, 2].flatMap((subject) => store.stored.filesOf(subject))
      const [records, full] = [yield* recorded(store), yield* recorded(store, "full")]
      const metadata = store.files.map((path) => {
        const content = readFileSync(path)
        return {
          path,
          bytes: content.length,
          method: "sha256",
          sha256: createHash("sha256").update(content).digest("hex")
        }
      })
      assert.deepStrictEqual(records.slice(0, -1), metadata as typeof records)
      assert.deepStrictEqual(full.slice(0, -1), metadata as typeof full)
      const common = { path: store.path, bytes: chunkFiles.reduce((sum, { bytes }) => sum + bytes, 0), files: 9 }
      assert.strictEqual(chunkFiles.length, 9)
      assert.deepInclude(records.at(-1), { ...common, method: "store" })
      const all = Buffer.concat(chunkFiles.map(({ path }) => readFileSync(path)))
      const sha256 = createHash("sha256").update(all).digest("hex")
      assert.deepStrictEqual(full.at(-1), { ...common, method: "sha256", sha256 })
      for (const record of [...records, ...full]) assert.deepStrictEqual(yield* hashAgain(record), record)
      assert.deepStrictEqual(yield* hashWholly(records.at(-1)!), full.at(-1))
    })
  )

  it.effect("are the same for a copy elsewhere, and others for other content", () =>
    Effect.gen(function* () {
      const store = yield* stored(memory, "int16")
      const record = (yield* recorded(store)).at(-1)!
      const copy = join(scratch, "copy.zarr")
      cpSync(store.path, copy, { recursive: true })
      assert.deepStrictEqual(yield* hashAgain({ ...record, path: copy }), { ...record, path: copy })
      const full = yield* hashWholly({ ...record, path: copy })
      flipByte(join(copy, "timeseries/c/1/0/0/0"), 3)
      // The store still says what it said; whether its files have these checksums is looked at when they are read.
      assert.strictEqual(hashOf(yield* hashAgain({ ...record, path: copy })), hashOf(record))
      assert.notStrictEqual(hashOf(yield* hashAgain(full)), hashOf(full))
      const other = yield* stored(memoryConnectome({ subjects: 3, timePoints: 6, voxels: 9, seed: 2 }), "int16")
      assert.notStrictEqual(hashOf((yield* recorded(other)).at(-1)!), hashOf(record))
      rmSync(copy, { recursive: true })
      const gone = yield* Effect.flip(hashAgain({ ...record, path: copy }))
      assert.deepInclude(gone, { _tag: "InputUnreadable", file: copy })
    })
  )
})
