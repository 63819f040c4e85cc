/** What reaches the disk, and when: the steps of a write as the system sees them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import type { FileHandle } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { Effect } from "effect"
import { afterAll, assert, beforeEach, describe, it, vi } from "vitest"

/** Steps so far, and what flushing a folder says, if it fails. */
const disk = vi.hoisted(() => ({ steps: [] as Array<string>, says: undefined as string | undefined }))

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>()
  const open = async (file: string, flags: string): Promise<FileHandle> => {
    const handle = await real.open(file, flags)
    const { datasync, sync } = handle
    handle.datasync = () => {
      disk.steps.push(`flush ${basename(file)}`)
      return datasync.call(handle)
    }
    handle.sync = () => {
      disk.steps.push(`flush folder ${basename(file)}`)
      return disk.says === undefined
        ? sync.call(handle)
        : Promise.reject(Object.assign(new Error(disk.says), { code: disk.says }))
    }
    return handle
  }
  const rename = (from: string, to: string) => {
    disk.steps.push(`rename ${basename(from)} ${basename(to)}`)
    return real.rename(from, to)
  }
  return { ...real, open, rename }
})

const { flushFolders, openFolder, writeBelow } = await import("../../src/files/writeInFolder.ts")
const { writeWhole, writeWholeBy } = await import("../../src/files/writeWhole.ts")

const folder = mkdtempSync(join(tmpdir(), "lnm-sync-"))
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(() => {
  disk.steps = []
  disk.says = undefined
})

describe("a file that is written whole", () => {
  const file = join(folder, "file")
  const aside = `${file}.partial`
  const steps = ["flush file.partial", "rename file.partial file", `flush folder ${basename(folder)}`]

  it("is flushed before it gets its name, and its folder after it", async () => {
    await Effect.runPromise(writeWhole(file, "text", { aside }))
    assert.deepStrictEqual(disk.steps, steps)
    disk.steps = []
    const write = (given: string) => Effect.sync(() => writeFileSync(given, "of a library"))
    await Effect.runPromise(writeWholeBy(file, write, { aside }))
    assert.deepStrictEqual(disk.steps, steps)
  })

  it("is written where folders cannot be flushed, and fails where the disk does", async () => {
    for (const code of ["EINVAL", "EPERM", "ENOTSUP"]) {
      disk.says = code
      await Effect.runPromise(writeWhole(file, code, { aside }))
      assert.strictEqual(readFileSync(file, "utf8"), code)
    }
    disk.says = "EIO"
    const error = await Effect.runPromise(Effect.flip(writeWhole(file, "text", { aside })))
    assert.include(error.message, "input/output error")
    assert.deepStrictEqual(readdirSync(folder), ["file"])
  })
})

describe("files that are written in a folder", () => {
  it("have their folders flushed once, when it is asked for", async () => {
    const top = mkdtempSync(join(folder, "top-"))
    const opened = await openFolder(top)
    for (const name of ["a", "b", "c"]) await Effect.runPromise(writeBelow(opened, `below/${name}`, name))
    assert.lengthOf(disk.steps, 6)
    assert.isFalse(disk.steps.some((step) => step.startsWith("flush folder")))
    disk.steps = []
    await Effect.runPromise(flushFolders(opened))
    await Effect.runPromise(flushFolders(opened))
    assert.deepStrictEqual(disk.steps, [`flush folder ${basename(top)}`, "flush folder below"])
    disk.says = "EIO"
    await Effect.runPromise(writeBelow(opened, "below/d", "d"))
    for (const _ of ["it stays to be done", "where it failed"]) {
      assert.strictEqual(
        await Effect.runPromise(Effect.flip(Effect.mapError(flushFolders(opened), String))),
        "Error: EIO"
      )
    }
  })
})
