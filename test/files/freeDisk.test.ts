import { statfsSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { freeDiskBytes } from "../../src/files/freeDisk.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeFile } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

describe("freeDiskBytes", () => {
  it.effect("is that of the nearest folder above that is there, also through a file", () =>
    Effect.gen(function* () {
      const { blocks, bsize } = statfsSync(scratch)
      const file = writeFile(join(scratch, "file"), "")
      for (const place of [scratch, join(scratch, "not/there/yet"), join(file, "below")]) {
        const free = yield* freeDiskBytes(place)
        assert.isAbove(free!, 0)
        assert.isAtMost(free!, blocks * bsize)
      }
    })
  )

  it.effect.skipIf(process.platform !== "linux")("is not known of a file system that has no blocks", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* freeDiskBytes("/sys/nowhere"))
    })
  )
})
