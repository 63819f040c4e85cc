import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, statSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { afterEach, assert, describe, it } from "@effect/vitest"
import { userCacheFolder } from "../../src/runtime/cacheFolder.js"
import { scratchFolder } from "../support/scratchFolder.ts"

const scratch = scratchFolder()
const before = { HOME: process.env.HOME, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME }

const setEnvironment = (values: Readonly<Record<string, string | undefined>>): void => {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
}

afterEach(() => setEnvironment(before))

/** What is taken with these variables. */
const folderWith = (values: { readonly HOME?: string; readonly XDG_CACHE_HOME?: string }): string | undefined => {
  setEnvironment({ HOME: undefined, XDG_CACHE_HOME: undefined, ...values })
  return userCacheFolder("compiled")
}

const newFolder = (): string => mkdtempSync(join(scratch, "home-"))
const isUnix = process.platform !== "win32"
const isRoot = process.geteuid?.() === 0

describe.skipIf(!isUnix)("userCacheFolder", () => {
  it("is made below XDG_CACHE_HOME, or else in .cache of the home folder, for the user alone", () => {
    const [cache, home] = [newFolder(), newFolder()]
    assert.strictEqual(
      folderWith({ HOME: home, XDG_CACHE_HOME: cache }),
      join(cache, "lesion-network-mapping/compiled")
    )
    const folder = folderWith({ HOME: home })
    assert.strictEqual(folder, join(home, ".cache/lesion-network-mapping/compiled"))
    for (const made of [folder!, join(folder!, ".."), join(folder!, "../..")]) {
      assert.strictEqual(statSync(made).mode & 0o777, 0o700)
    }
    assert.strictEqual(folderWith({ HOME: home }), folder)
  })

  it("ignores an XDG_CACHE_HOME that is empty or relative", () => {
    const home = newFolder()
    for (const XDG_CACHE_HOME of ["", "cache", "./cache", "~/.cache"]) {
      assert.strictEqual(
        folderWith({ HOME: home, XDG_CACHE_HOME }),
        join(home, ".cache/lesion-network-mapping/compiled")
      )
    }
  })

  it("is none where there is no home, or nothing can be made in it", () => {
    const places = ["/nonexistent/home", "/dev/null", "/proc", "/proc/gone", "relative", "", join(newFolder(), "gone")]
    for (const HOME of places) assert.isUndefined(folderWith({ HOME }), HOME)
    const dangling = newFolder()
    symlinkSync(join(scratch, "nowhere"), join(dangling, ".cache"))
    assert.isUndefined(folderWith({ HOME: dangling }))
  })

  it("is none where others may write, or have put a link", () => {
    for (const mode of [0o777, 0o770, 0o1777, 0o702]) {
      const cache = newFolder()
      mkdirSync(join(cache, "lesion-network-mapping"))
      chmodSync(join(cache, "lesion-network-mapping"), mode)
      assert.isUndefined(folderWith({ XDG_CACHE_HOME: cache }), mode.toString(8))
    }
    const cache = newFolder()
    symlinkSync(newFolder(), join(cache, "lesion-network-mapping"))
    assert.isUndefined(folderWith({ XDG_CACHE_HOME: cache }))
    chmodSync(cache, 0o777)
    assert.isUndefined(folderWith({ XDG_CACHE_HOME: cache }))
  })

  it("follows a link of the user's from .cache to another disk", () => {
    const [home, disk] = [newFolder(), newFolder()]
    symlinkSync(disk, join(home, ".cache"))
    assert.strictEqual(folderWith({ HOME: home }), join(home, ".cache/lesion-network-mapping/compiled"))
  })

  it.skipIf(!isRoot)("is none in another user's folder, and nothing is left there", () => {
    const [home, cache] = [newFolder(), newFolder()]
    for (const folder of [home, cache]) chownSync(folder, 65534, 65534)
    assert.isUndefined(folderWith({ HOME: home }))
    assert.isFalse(existsSync(join(home, ".cache")))
    assert.isUndefined(folderWith({ XDG_CACHE_HOME: cache }))
    const shared = newFolder()
    mkdirSync(join(shared, "lesion-network-mapping/compiled"), { recursive: true, mode: 0o755 })
    chownSync(join(shared, "lesion-network-mapping/compiled"), 65534, 65534)
    assert.isUndefined(folderWith({ XDG_CACHE_HOME: shared }))
  })
})
