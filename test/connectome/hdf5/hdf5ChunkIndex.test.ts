import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { openHdf5Connectome } from "../../../src/connectome/hdf5/Hdf5Connectome.ts"
import type { Hdf5Block } from "../../../src/connectome/hdf5/hdf5Block.ts"
import { readSlab } from "../../../src/connectome/hdf5/hdf5Block.ts"
import {
  type Hdf5ChunkIndex,
  isReadable,
  locateValues,
  missingSubjects
} from "../../../src/connectome/hdf5/hdf5ChunkIndex.ts"
import { loadHdf5Library } from "../../../src/connectome/hdf5/hdf5Library.ts"
import { readDirectly } from "../../../src/connectome/hdf5/readDirectly.ts"
import { type Hdf5Fields, writeHdf5File } from "../../support/hdf5Files.ts"
import { temporaryFolder } from "../../support/niftiBytes.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const scratch = scratchFolder()

const locateFixture = (name: string, chunks?: readonly [number, number, number]): Hdf5ChunkIndex | undefined => {
  const path = join(import.meta.dirname, "fixtures", name)
  return locateValues({ path, name: "timeseries", shape: [3, 7, 5], bytesPerValue: 4, chunks })
}

/** The parts of a reading, each read past the library and through it. */
const bothWays = Effect.fnUntraced(function* (fields: Hdf5Fields, first: number, count: number) {
  const file = yield* writeHdf5File(yield* temporaryFolder, "a.h5", fields)
  const connectome = yield* openHdf5Connectome(file)
  const library = yield* Effect.promise(loadHdf5Library)
  const arrays = () =>
    Array.from({ length: count }, () => new Float32Array(fields.timePoints * fields.voxels).fill(Number.NaN))
  const [past, through] = [arrays(), arrays()]
  const source = library.open(file)
  for (const { block, into } of connectome.parts!(first, past)) readDirectly(block, placesOf(block), into)
  for (const { block, into } of connectome.parts!(first, through)) readSlab(source, block, into)
  source.close()
  return { past, through }
})

/** HDF5 refuses chunks larger than the dataset. */
const storageWithin = (
  shape: readonly [number, number, number],
  { chunks, gzip }: { readonly chunks: ReadonlyArray<number>; readonly gzip: boolean }
): Partial<Hdf5Fields> => ({
  chunks: shape.map((extent, axis) => Math.min(extent, chunks[axis]!)) as [number, number, number],
  ...(gzip ? { filter: "gzip" } : {})
})

const placesOf = ({ chunkIndex }: Hdf5Block) => chunkIndex ?? assert.fail("the values were not located")

describe("locateValues", () => {
  it("finds values in one piece, also behind a user block, and in chunks", () => {
    assert.deepInclude(locateFixture("user-block-f4.h5"), { kind: "contiguous" })
    const chunked = locateFixture("shuffled-f4.h5", [2, 3, 2])
    if (chunked?.kind !== "chunked") assert.fail("not located")
    assert.deepStrictEqual(chunked.grid, [2, 3, 3])
    assert.strictEqual(new Set(chunked.addresses).size, 18, "each chunk has a place of its own")
  })

  it("gives up a tree whose nodes lie within one another, instead of reading it thousands of times", async () => {
    const right = await readFile(join(import.meta.dirname, "fixtures/shuffled-f4.h5"))
    const at = right.lastIndexOf("TREE")
    const node = right.subarray(at, at + 24)
    assert.strictEqual(node[4], 1, "the tree of chunks")
    // The root leads to 20,000 nodes of 24 bytes, of which each says that it has 30,000 entries: the nodes behind it.
    const [children, used, entryBytes] = [20_000, 30_000, 48]
    const root = Buffer.alloc(24 + entryBytes * children)
    node.copy(root)
    root.writeUInt8(1, 5)
    root.writeUInt16LE(children, 6)
    const first = right.length + root.length
    const nodes = Buffer.alloc(24 * children + entryBytes * used)
    for (let n = 0; n < children; n++) {
      root.writeBigUInt64LE(BigInt(first + 24 * n), 24 + entryBytes * n + 40)
      node.copy(nodes, 24 * n)
      nodes.writeUInt8(0, 24 * n + 5)
      nodes.writeUInt16LE(used, 24 * n + 6)
    }
    const file = join(scratch, "nodes.h5")
    // Where the data set's layout says that its tree is: behind version, class and number of dimensions.
    const layout = Buffer.concat([Buffer.from([3, 2, 4]), Buffer.alloc(8)])
    layout.writeBigUInt64LE(BigInt(at), 3)
    const referring = Buffer.from(right)
    referring.writeBigUInt64LE(BigInt(right.length), right.indexOf(layout) + 3)
    await writeFile(file, Buffer.concat([referring, root, nodes]))
    const startedAt = performance.now()
    const dataset = { path: file, name: "timeseries", shape: [3, 7, 5], bytesPerValue: 4, chunks: [2, 3, 2] } as const
    assert.isAbove(right.indexOf(layout), 0)
    assert.isUndefined(locateValues(dataset))
    assert.isBelow(performance.now() - startedAt, 10_000)
  })

  it("leaves to the library what it does not know: the newest format", () => {
    assert.isUndefined(locateFixture("latest-f4.h5", [2, 3, 2]))
  })

  it("tells which subjects have never been written, in chunks and in one piece, and which not as a whole", () => {
    const missing = (name: string, chunks?: readonly [number, number, number]) => {
      const chunkIndex = locateFixture(name, chunks) ?? assert.fail("not located")
      return [missingSubjects(chunkIndex, 3, chunks), isReadable(chunkIndex)]
    }
    assert.deepStrictEqual(missing("unwritten-f4.h5", [1, 7, 5]), [{ unwritten: [2], incomplete: [] }, true])
    assert.deepStrictEqual(missing("never-written-f4.h5"), [{ unwritten: [0, 1, 2], incomplete: [] }, false])
    assert.deepStrictEqual(missing("partly-written-f4.h5", [1, 7, 2]), [{ unwritten: [], incomplete: [2] }, true])
    assert.deepStrictEqual(missing("shuffled-f4.h5", [2, 3, 2]), [{ unwritten: [], incomplete: [] }, true])
  })

  it("leaves to the library a file that does not agree with what was said of it, and not one that cannot be read", () => {
    assert.throws(() => locateFixture("no-such.h5"), /^ENOENT/)
    assert.isUndefined(locateFixture("shuffled-f4.h5", [2, 3, 5]))
    assert.isUndefined(locateFixture("shuffled-f4.h5"))
  })

  it.effect("never fails on a damaged file, and never names a place outside of it", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const whole = yield* Effect.promise(() => readFile(join(import.meta.dirname, "fixtures", "shuffled-f4.h5")))
      const damage = fc.record({ at: fc.nat(whole.length - 1), value: fc.nat(255), length: fc.nat(whole.length) })
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(damage, fc.boolean(), async ({ at, value, length }, cut) => {
            const bytes = Uint8Array.from(whole)
            bytes[at] = value
            const path = join(folder, "damaged.h5")
            await writeFile(path, cut ? bytes.subarray(0, length) : bytes)
            const chunkIndex = locateValues({
              path,
              name: "timeseries",
              shape: [3, 7, 5],
              bytesPerValue: 4,
              chunks: [2, 3, 2]
            })
            if (chunkIndex?.kind !== "chunked") return
            for (const [i, address] of chunkIndex.addresses.entries()) {
              assert.isAtMost(address + chunkIndex.sizes[i]!, cut ? length : whole.length)
            }
          }),
          { seed: 3, numRuns: 400 }
        )
      )
    })
  )
})

describe("readDirectly", () => {
  it.effect("gives what the library gives, for any storage and any range of subjects", () => {
    const extent = fc.integer({ min: 1, max: 6 })
    const cases = fc.record({
      subjects: extent,
      timePoints: fc.integer({ min: 5, max: 9 }),
      voxels: fc.integer({ min: 1, max: 17 }),
      storage: fc.option(fc.record({ chunks: fc.tuple(extent, extent, extent), gzip: fc.boolean() }), {
        nil: undefined
      }),
      from: fc.nat(5),
      to: fc.nat(5)
    })
    return Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(cases, async ({ subjects, timePoints, voxels, storage, from, to }) => {
          const first = Math.min(from, to, subjects - 1)
          const count = Math.min(Math.abs(to - from) + 1, subjects - first)
          const fields: Hdf5Fields = {
            subjects,
            timePoints,
            voxels,
            ...(storage === undefined ? {} : storageWithin([subjects, timePoints, voxels], storage))
          }
          const { past, through } = await Effect.runPromise(Effect.scoped(bothWays(fields, first, count)))
          assert.deepStrictEqual(past, through)
        }),
        { seed: 2, numRuns: 60 }
      )
    )
  })

  it.effect("gives what the library gives where a subject takes several blocks and chunks are large", () =>
    Effect.gen(function* () {
      const fields: Hdf5Fields = { subjects: 2, timePoints: 61, voxels: 23_001 }
      for (const storage of [{}, { chunks: [1, 61, 5003], filter: "gzip" }, { chunks: [2, 7, 9001] }] as const) {
        const { past, through } = yield* bothWays({ ...fields, ...storage }, 0, 2)
        assert.deepStrictEqual(past, through)
      }
    })
  )
})
