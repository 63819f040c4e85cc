import { createHash } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { encodeBeginning } from "../../src/output/arrayFileFormat.ts"
import { loadSeeds, saveSeeds } from "../../src/output/savedSeeds.ts"
import { temporaryFolder } from "../support/niftiBytes.ts"

const fingerprints = { study: "0123456789abcdef".repeat(4), sums: "f".repeat(64) }

describe("refined seeds on disk", () => {
  it.effect("are read as they were written", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "a.seeds")
      const kept = [
        [Uint8Array.of(1, 0, 1), Uint8Array.of(0)],
        [Uint8Array.of(0, 0, 1), Uint8Array.of(1)]
      ]
      yield* saveSeeds(file, { kept, fingerprints })
      assert.deepStrictEqual(yield* loadSeeds(file), { kept, fingerprints })
    }).pipe(Effect.scoped)
  )

  it.effect("that announce more groups than the file has bytes are refused, before memory is taken", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "a.seeds")
      for (const lesion_voxels of [[], [0], [0, 0]]) {
        const content = Buffer.from(
          encodeBeginning({ kind: "refined seeds", groups: 2 ** 40, lesion_voxels, fingerprints })
        )
        writeFileSync(file, Buffer.concat([content, createHash("sha256").update(content).digest()]))
        assert.include((yield* Effect.flip(loadSeeds(file))).problem, "its header is wrong")
      }
    }).pipe(Effect.scoped)
  )
})
