import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { TestConsole } from "effect/testing"
import { vi } from "vitest"
import { inspect } from "../../src/cli/inspect.ts"
import { openConnectome } from "../../src/connectome/openConnectome.ts"
import { openRawConnectome } from "../../src/connectome/openRawConnectome.ts"
import type { RawConnectome } from "../../src/connectome/RawConnectome.ts"
import type { Source } from "../../src/connectome/Source.ts"
import { sourceOf } from "../../src/connectome/sourceOf.ts"
import { sources } from "../../src/connectome/sources.ts"
import { readScan } from "../../src/stages/prepare/ReadScan.ts"
import { memoryConnectome } from "../support/memoryConnectome.ts"
import { temporaryFolder, writeBytes } from "../support/niftiBytes.ts"

const voxels = 3

/** A source that the table does not have: files whose names end in .own, all of which hold the same. */
const makeSource = (): Source => {
  const isOwn = (path: string) => path.endsWith(".own")
  const connectome = { ...memoryConnectome({ subjects: 2, timePoints: 5, voxels }), kind: "own", space: "Own" }
  const { grid, gridIndex } = connectome
  const raw: RawConnectome = {
    ...{ kind: "own", path: "a.own", space: "Own", grid, gridIndex, bad: [], storage: "own", readingBytes: 0 },
    subjects: [
      {
        ...{ id: "one", sources: ["a.own"], timePoints: 5, fingerprint: "f", files: [], bytes: 1 },
        runs: [{ reader: "own", file: "a.own", place: { value: 7 }, timePoints: 5 }]
      }
    ]
  }
  return {
    isNamedBy: ({ path }) => Effect.succeed(isOwn(path)),
    open: () => Effect.succeed(connectome),
    raw: {
      open: () => Effect.succeed(raw),
      read: ({ place }, _, into) => Effect.sync(() => void into.fill((place as { value: number }).value))
    },
    inspect: (path) => Effect.succeed(isOwn(path) ? { kind: "own files" } : undefined),
    check: () => Effect.succeed({ checked: "all of it" })
  }
}

vi.mock("../../src/connectome/sources.ts", async (original) => {
  const table = await original<typeof import("../../src/connectome/sources.ts")>()
  return { sources: [{ name: "own", load: async () => ({ source: makeSource() }) }, ...table.sources] }
})

const told = (path: string, check = false) =>
  Effect.gen(function* () {
    yield* inspect({ path, json: true, check })
    return JSON.parse(String((yield* TestConsole.logLines).at(-1))) as unknown
  })

describe("a row added to the table of sources", () => {
  it.effect("is opened", () =>
    Effect.gen(function* () {
      const { kind, space } = yield* openConnectome({ path: "a.own" })
      assert.deepStrictEqual([kind, space], ["own", "Own"])
    })
  )

  it.effect("is prepared: its runs are read by the source that their reader names", () =>
    Effect.gen(function* () {
      const { subjects, grid, gridIndex } = yield* openRawConnectome({ path: "a.own" }, "concatenate")
      const stage = readScan({ grid, gridIndex, timePoints: 5, readingBytes: 0 })
      const scans = yield* Stream.runCollect(stage.transform(Stream.fromIterable(subjects)))
      assert.deepStrictEqual([...scans[0]!.raw], new Array(5 * voxels).fill(7))
    })
  )

  it.effect("is inspected and checked", () =>
    Effect.gen(function* () {
      const path = yield* writeBytes(join(yield* temporaryFolder, "a.own"), new Uint8Array(1))
      assert.deepStrictEqual(yield* told(path), { kind: "own files" })
      assert.deepStrictEqual(yield* told(path, true), { kind: "own files", checked: "all of it" })
    })
  )
})

describe("the table of sources", () => {
  it.effect("has a store by its name, NIfTI where a mask is given, and HDF5 for the rest", () =>
    Effect.gen(function* () {
      const named = Object.fromEntries(
        yield* Effect.promise(() =>
          Promise.all(sources.map(async ({ name, load }) => [name, (await load()).source] as const))
        )
      )
      const cases = [
        ["store", { path: "/nowhere/a.zarr" }],
        ["store", { path: "/nowhere/a.zarr.unfinished/" }],
        ["nifti", { path: "/nowhere", mask: "mask.nii" }],
        ["nifti", { path: "/nowhere/a.zarr", mask: "mask.nii" }],
        ["hdf5", { path: "/nowhere/a.h5" }],
        ["hdf5", { path: "/nowhere/a.nii" }]
      ] as const
      for (const [name, location] of cases) assert.strictEqual(yield* sourceOf(location), named[name], location.path)
    })
  )

  it("has a reader for workers wherever a source can be read in parts", async () => {
    const readers = sources.flatMap(({ name, loadReader }) => (loadReader === undefined ? [] : [{ name, loadReader }]))
    assert.deepStrictEqual(
      readers.map(({ name }) => name),
      ["hdf5"]
    )
    for (const { loadReader } of readers) assert.isFunction((await loadReader()).readBlock)
  })
})
