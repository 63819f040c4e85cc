/**
 * The making of a store, killed before every single change that it makes to the disk: what is there can be gone on from,
 * and comes out to the byte as if nothing had happened.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Exit } from "effect"
import { afterAll, assert, beforeEach, describe, it, vi } from "vitest"

/** Changes to the disk that still happen; each fails from then on, as nothing happens any more after a kill. */
const disk = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY, done: 0 }))

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>()
  const counted =
    <A extends ReadonlyArray<unknown>, R>(change: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (disk.left-- <= 0) throw new Error("killed")
      disk.done++
      return change(...args)
    }
  return {
    ...real,
    mkdir: counted(real.mkdir as (path: string) => Promise<undefined>),
    rename: counted(real.rename),
    rm: counted(real.rm),
    open: counted(real.open)
  }
})

const { openUnfinished, checkStorePath, recordSubject } = await import(
  "../../../../src/connectome/store/making/UnfinishedStore.ts"
)
const { assembleStore, nameStore } = await import("../../../../src/connectome/store/making/finishStore.ts")
const { stageSubject } = await import("../../../../src/connectome/store/making/StagedSubject.ts")
const { contentOf } = await import("../../../support/folderContent.ts")
const { tinyBrain } = await import("../../../support/tinyConnectome.ts")
const { stagedFiles } = await import("../../../../src/connectome/store/making/storeProgress.ts")
const { chunkGeometry } = await import("../../../../src/connectome/store/storeGeometry.ts")

const scratch = mkdtempSync(join(tmpdir(), "lnm-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
beforeEach(() => {
  disk.left = Number.POSITIVE_INFINITY
})

const voxels = tinyBrain.gridIndex.length
const ids = ["sub-01", "part-1.h5[1]", "a/sub-03"]
const extent = { subjects: ids.length, voxels, timePoints: 4, precision: "int16" as const }
const job = {
  tool_version: "1.2.3",
  format_version: 1,
  space: "X",
  precision: "int16" as const,
  runs: "separate" as const,
  voxels,
  time_points: 4,
  mask: 99
}

/** What a preparation does, with chunk files that say whose they are. */
const make = Effect.fnUntraced(function* (store: string, fresh = false) {
  yield* checkStorePath(store, job, fresh)
  const unfinished = yield* openUnfinished(store, job, extent, fresh)
  if (!unfinished.complete) {
    const entries = new Map(unfinished.entries)
    for (const [index, id] of ids.entries()) {
      if (entries.has(id)) continue
      const staged = yield* stageSubject(unfinished.folder, extent, id)
      const { chunks, chunkBytes } = chunkGeometry(extent)
      for (const position of stagedFiles(extent).keys()) {
        yield* staged.write(
          position,
          new Uint8Array(position < chunks ? chunkBytes : 4 * voxels).fill(16 * index + position)
        )
      }
      const kept = { sources: [id], fingerprint: "f", time_points: 4, checksums: yield* staged.finish, flat_voxels: 0 }
      entries.set(id, { id, ...kept })
      yield* recordSubject(unfinished.folder, { id, ...kept })
    }
    const base = { toolVersion: "1.2.3", space: "X", ...tinyBrain }
    yield* assembleStore(
      unfinished.folder,
      base,
      extent,
      ids.map((id) => entries.get(id)!)
    )
  }
  yield* nameStore(unfinished.folder, store)
})

describe("a store that is being made", () => {
  it("survives being killed before each of its changes to the disk, once and twice in a row", async () => {
    const reference = join(scratch, "reference.zarr")
    disk.done = 0
    await Effect.runPromise(make(reference))
    const changes = disk.done
    const expected = contentOf(reference)
    assert.isAbove(changes, 40)
    for (let killed = 0; killed < changes; killed++) {
      const store = join(scratch, `killed-${killed}.zarr`)
      for (const left of [killed, 3 + (killed % 11)]) {
        disk.left = left
        const exit = await Effect.runPromiseExit(make(store))
        disk.left = Number.POSITIVE_INFINITY
        // Killed after it was named, before the name was flushed, it is whole.
        if (Exit.isSuccess(exit) || existsSync(store)) break
      }
      if (!existsSync(store)) await Effect.runPromise(make(store))
      assert.deepStrictEqual(contentOf(store), expected, `killed before change ${killed}`)
      assert.isFalse(existsSync(`${store}.unfinished`))
    }
  })

  it("survives that when it is begun anew over a finished store too", async () => {
    const store = join(scratch, "anew.zarr")
    await Effect.runPromise(make(store))
    const expected = contentOf(store)
    disk.done = 0
    await Effect.runPromise(make(store, true))
    for (let killed = 0; killed < Math.min(disk.done, 12); killed++) {
      disk.left = killed
      assert.isTrue(Exit.isFailure(await Effect.runPromiseExit(make(store, true))))
      disk.left = Number.POSITIVE_INFINITY
      await Effect.runPromise(make(store, true))
      assert.deepStrictEqual(contentOf(store), expected)
    }
  })

  it("leaves alone what is not a store, finished or not", async () => {
    for (const name of ["foreign.zarr", "other.zarr.unfinished"]) {
      const folder = join(scratch, name)
      mkdirSync(folder)
      writeFileSync(join(folder, "thesis.txt"), "years of work")
      for (const fresh of [false, true]) {
        const error = await Effect.runPromise(
          Effect.flip(checkStorePath(folder.replace(".unfinished", ""), job, fresh))
        )
        assert.match(error.message, /output\.path: .+ something else than an? .*store is there/)
      }
    }
  })

  it("is not gone on with for another job, and says in what it differs", async () => {
    const store = join(scratch, "job.zarr")
    disk.left = 12
    await Effect.runPromiseExit(make(store))
    disk.left = Number.POSITIVE_INFINITY
    const error = await Effect.runPromise(Effect.flip(checkStorePath(store, { ...job, mask: 1 }, false)))
    assert.match(error.message, /begun with another mask \(99, now 1\)\. Give --fresh/)
    await Effect.runPromise(checkStorePath(store, { ...job, mask: 1 }, true))
  })

  it("does not take a subject for whole whose files are gone or short", async () => {
    const store = join(scratch, "short.zarr")
    disk.left = 28
    await Effect.runPromiseExit(make(store))
    disk.left = Number.POSITIVE_INFINITY
    const before = await Effect.runPromise(openUnfinished(store, job, extent, false))
    assert.isTrue(before.entries.has("sub-01"))
    writeFileSync(join(before.folder, "progress/subjects/sub-01", stagedFiles(extent)[0]!), "short")
    assert.isFalse((await Effect.runPromise(openUnfinished(store, job, extent, false))).entries.has("sub-01"))
  })

  it("does not take what cannot be looked at for nothing", async () => {
    const store = join(scratch, "circle.zarr")
    symlinkSync("circle.zarr", store)
    for (const fresh of [false, true]) {
      const error = await Effect.runPromise(Effect.flip(checkStorePath(store, job, fresh)))
      assert.match(error.message, /circle\.zarr: it cannot be looked at \(symbolic links on its path go in a circle\)/)
    }
    const other = join(scratch, "order.zarr")
    mkdirSync(`${other}.unfinished/progress`, { recursive: true })
    writeFileSync(`${other}.unfinished/progress/job.json`, JSON.stringify(job))
    symlinkSync("order.json", `${other}.unfinished/progress/order.json`)
    const error = await Effect.runPromise(Effect.flip(openUnfinished(other, job, extent, false)))
    assert.match(error.message, /order\.json could not be written: symbolic links on its path go in a circle/)
  })
})
