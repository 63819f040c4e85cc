/** Files of a connectome that are there twice, by a link, as a copy, or behind a virtual dataset. */
import { copyFile, link, symlink } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openConnectome } from "../../src/connectome/openConnectome.ts"
import { openRawConnectome } from "../../src/connectome/openRawConnectome.ts"
import { refuseOwnSources, refuseSameFiles } from "../../src/connectome/sameFiles.ts"
import { writeHdf5File } from "../support/hdf5Files.ts"
import { temporaryFolder, writeBytes } from "../support/niftiBytes.ts"

const fields = { subjects: 2, timePoints: 5, voxels: 6 }

/** Beginning, middle and end are the same for every `byte`. */
const large = (byte: number) => {
  const bytes = new Uint8Array(400_000)
  bytes[100_000] = byte
  return bytes
}

describe("refuseSameFiles", () => {
  it.effect("names a link and a copy with the file that they are", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = yield* writeBytes(join(folder, "a"), large(1))
      const [soft, hard, copy] = ["b", "c", "d"].map((name) => join(folder, name)) as [string, string, string]
      yield* Effect.promise(() => Promise.all([symlink(file, soft), link(file, hard), copyFile(file, copy)]))
      for (const other of [soft, hard]) {
        const { message } = yield* Effect.flip(refuseSameFiles([file, other]))
        assert.strictEqual(
          message,
          `${other}: it is another name of ${file}, so that its subjects would count twice. Remove one of the two.`
        )
      }
      assert.include((yield* Effect.flip(refuseSameFiles([file, copy]))).message, `${copy}: it is a copy of ${file}`)
    })
  )

  it.effect("takes files that differ in one byte, and one file named twice in the list, as they are", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const files = [yield* writeBytes(join(folder, "a"), large(1)), yield* writeBytes(join(folder, "b"), large(2))]
      yield* refuseSameFiles([...files, ...files, join(folder, "missing")])
    })
  )

  it.effect("is asked by everyone who opens a connectome: raw, or to make a store of it", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = yield* writeHdf5File(folder, "a.h5", fields)
      yield* Effect.promise(() => copyFile(file, join(folder, "a (copy).h5")))
      const told = [
        Effect.asVoid(openConnectome({ path: folder })),
        Effect.asVoid(openRawConnectome({ path: folder }, "concatenate"))
      ]
      for (const opened of told) assert.include((yield* Effect.flip(opened)).message, "would count twice")
    })
  )
})

describe("refuseOwnSources", () => {
  it.effect("names the file that a virtual dataset beside it takes subjects from", () =>
    Effect.gen(function* () {
      yield* refuseOwnSources("/c/all.h5", ["/c/all.h5", "/parts/a.h5"], ["/c/all.h5", "/c/b.h5"])
      const { message } = yield* Effect.flip(refuseOwnSources("/c/all.h5", ["/c/a.h5"], ["/c/a.h5", "/c/all.h5"]))
      assert.include(message, "/c/all.h5: its virtual dataset takes subjects from /c/a.h5, which is read as well")
    })
  )
})
