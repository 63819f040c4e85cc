import { createHash } from "node:crypto"
import { rm, truncate } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { verify } from "../../src/cli/verify.ts"
import { makeManifest, manifestName, readManifest, recordFile } from "../../src/output/Manifest.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { packageVersion } from "../../src/runtime/version.ts"
import { temporaryFile, temporaryFolder, writeBytes } from "../support/niftiBytes.ts"

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex")

/** An output folder with two files and the manifest of them. */
const finishedRun = Effect.gen(function* () {
  const folder = yield* temporaryFolder
  const manifest = yield* Effect.gen(function* () {
    const output = yield* OutputFolder
    yield* output.write(
      "sub-1/map.nii.gz",
      Uint8Array.from({ length: 500 }, (_, i) => i % 251)
    )
    yield* output.write("summary.tsv", "lesion\tsubjects\n")
    const manifest = makeManifest({
      config: { pipeline: "functional-network-mapping" },
      plan: { subjects: 24, lesions: 6, passes: 1, predicted_peak_bytes: 3e8 },
      backend: { name: "plain", arithmetic: "float64", workers: 0, steps: [{ name: "ingest" }] },
      warnings: [{ file: "/lesions/a.nii", found: "its values are fractions", taken: "Every voxel above 0 is lesion" }],
      wall_seconds: 12.5,
      inputs: [{ path: "/data/part1.h5", bytes: 10, sha256: sha256("input") }],
      outputs: yield* output.written
    })
    yield* output.write(manifestName, JSON.stringify(manifest))
    return manifest
  }).pipe(Effect.provide(OutputFolder.layer(folder)))
  return { folder, manifest }
})

describe("manifest", () => {
  it.effect("comes back as it was written, with version, platform and memory", () =>
    Effect.gen(function* () {
      const { folder, manifest } = yield* finishedRun
      const read = yield* readManifest(folder)
      assert.deepStrictEqual(read, manifest)
      assert.deepStrictEqual(read.software, { name: "lesion-network-mapping", version: packageVersion })
      assert.strictEqual(read.platform.node, process.version)
      // Bytes, not kilobytes: no Node fits into 20 MB, and this one takes no terabyte.
      assert.isAbove(read.peak_memory_bytes, 20e6)
      assert.isBelow(read.peak_memory_bytes, 1e12)
      assert.deepStrictEqual(
        read.outputs.map(({ path, bytes }) => [path, bytes]),
        [
          ["sub-1/map.nii.gz", 500],
          ["summary.tsv", 16]
        ]
      )
    })
  )

  it.effect("is reported as missing, or as damaged with the key that is wrong", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const none = yield* Effect.flip(readManifest(folder))
      assert.strictEqual(none._tag, "NoManifest")
      assert.include(none.message, "no run has finished here")
      yield* writeBytes(join(folder, manifestName), "{ half")
      assert.include((yield* Effect.flip(readManifest(folder))).message, "its manifest.json is damaged")
      const { manifest } = yield* finishedRun
      yield* writeBytes(join(folder, manifestName), JSON.stringify({ ...manifest, outputs: "none" }))
      assert.match((yield* Effect.flip(readManifest(folder))).message, /damaged: [\s\S]*outputs/)
    })
  )
})

describe("recordFile", () => {
  it.effect("gives the size and SHA-256 of a file larger than one reading block", () =>
    Effect.gen(function* () {
      const bytes = Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * i) % 256)
      const file = yield* temporaryFile("large.bin", bytes)
      assert.deepStrictEqual(yield* recordFile(file), { path: file, bytes: bytes.length, sha256: sha256(bytes) })
    })
  )

  it.effect("says which file cannot be read", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(recordFile("/nowhere/at-all.h5"))
      assert.strictEqual(error._tag, "InputUnreadable")
      assert.include(error.message, "/nowhere/at-all.h5 could not be read for its checksum: ENOENT")
    })
  )
})

describe("verify", () => {
  const damage: ReadonlyArray<readonly [what: string, says: string, (file: string) => Promise<void>]> = [
    ["gone", "sub-1/map.nii.gz: missing", (file) => rm(file)],
    ["cut short", "sub-1/map.nii.gz: 499 bytes instead of 500", (file) => truncate(file, 499)],
    [
      "changed in one byte",
      "sub-1/map.nii.gz: its content has changed",
      (file) =>
        Effect.runPromise(
          Effect.asVoid(
            writeBytes(
              file,
              Uint8Array.from({ length: 500 }, (_, i) => (i === 499 ? 0 : i % 251))
            )
          )
        )
    ]
  ]

  it.effect("passes the folder of a finished run", () =>
    Effect.gen(function* () {
      const { folder } = yield* finishedRun
      yield* verify({ folder })
    })
  )

  for (const [what, says, harm] of damage) {
    it.effect(`names a file that is ${what}, and no other`, () =>
      Effect.gen(function* () {
        const { folder } = yield* finishedRun
        yield* Effect.promise(() => harm(join(folder, "sub-1/map.nii.gz")))
        const error = yield* Effect.flip(verify({ folder }))
        assert.include(error.message, "1 file(s) differ")
        assert.include(error.message, says)
      })
    )
  }
})
