import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdir, rename, rm, symlink, truncate } from "node:fs/promises"
import { dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type OutputChanged, verifyOutputs } from "../../src/cli/verify.ts"
import { numericsVersion } from "../../src/kernels/numericPolicy.ts"
import type { FileRecord } from "../../src/output/FileRecord.ts"
import { makeManifest, manifestName, mostManifestBytes, readManifest, recordFile } from "../../src/output/Manifest.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { packageVersion } from "../../src/runtime/version.ts"
import { temporaryFile, temporaryFolder, writeBytes } from "../support/niftiBytes.ts"
import { writeFile } from "../support/tinyStudy.ts"

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
      config_files: [],
      left_out: { lesions: [], subjects: [] },
      lesions_of_other_runs: 0,
      config: { pipeline: "functional-network-mapping" },
      plan: { subjects: 24, lesions: 6, passes: 1, predicted_peak_bytes: 3e8 },
      backend: { name: "plain", arithmetic: "float64", workers: 0, steps: [{ name: "ingest" }] },
      warnings: [{ file: "/lesions/a.nii", found: "its values are fractions", taken: "Every voxel above 0 is lesion" }],
      wall_seconds: 12.5,
      inputs: [{ path: "/data/part1.h5", bytes: 10, method: "sha256", sha256: sha256("input") }],
      outputs: yield* output.written,
      lesions: []
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
      assert.deepStrictEqual(read.software, {
        name: "lesion-network-mapping",
        version: packageVersion,
        numerics: numericsVersion
      })
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
      assert.match((yield* Effect.flip(readManifest(folder))).message, /damaged: .*outputs.*$/)
      yield* writeBytes(join(folder, manifestName), JSON.stringify({ ...manifest, outputs: [] }))
      assert.include((yield* Effect.flip(readManifest(folder))).message, "it lists no outputs")
    })
  )

  it.effect("is not read where it is too large, nested without end, or no regular file", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = yield* writeBytes(join(folder, manifestName), "")
      const message = () => Effect.map(Effect.flip(readManifest(folder)), (error) => error.message)
      yield* Effect.promise(() => truncate(file, mostManifestBytes + 1))
      assert.include(yield* message(), "larger than 256 MiB")
      yield* writeBytes(file, "[".repeat(2_000_000))
      assert.match(yield* message(), /damaged: .{1,310}$/)
      yield* writeBytes(file, `{"a":${"[".repeat(500_000)}${"]".repeat(500_000)}}`)
      assert.match(yield* message(), /damaged: .{1,310}$/)
      for (const place of [() => mkdir(file), () => symlink("/dev/zero", file)]) {
        yield* Effect.promise(() => rm(file, { recursive: true }).then(place))
        assert.include(yield* message(), "cannot be read: it is a ")
      }
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

  it.effect("reads no pipe and no device", () =>
    Effect.gen(function* () {
      const pipe = join(yield* temporaryFolder, "pipe")
      execFileSync("mkfifo", [pipe])
      for (const file of [pipe, "/dev/zero"]) assert.include((yield* Effect.flip(recordFile(file))).message, "it is a ")
    })
  )

  it.effect("says which file cannot be read", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(recordFile("/nowhere/at-all.h5"))
      assert.strictEqual(error._tag, "InputUnreadable")
      assert.include(error.message, "/nowhere/at-all.h5 could not be read for its checksum: there is no such file")
    })
  )
})

/** Puts other records in place of those of a finished run's outputs. */
const listing = (outputs: ReadonlyArray<FileRecord>) =>
  Effect.gen(function* () {
    const { folder, manifest } = yield* finishedRun
    yield* writeBytes(join(folder, manifestName), JSON.stringify({ ...manifest, outputs }))
    return folder
  })

describe("verify", () => {
  it.effect("reads nothing outside of its folder, whatever the manifest says", () =>
    Effect.gen(function* () {
      const secret = yield* temporaryFile("secret", "known")
      const record = { bytes: 5, sha256: sha256("known") }
      const up = "../".repeat(20)
      const outside = [secret, `${up}${secret}`, `sub-1/../..${up}${secret}`, "a\0b", `${up}dev/zero`, ""]
      const folder = yield* listing(outside.map((path) => ({ path, ...record })))
      const error = yield* Effect.flip(verifyOutputs(folder))
      assert.strictEqual(error.message.match(/: not read, since its path /g)?.length, outside.length, error.message)
    })
  )

  it.effect("follows no link out of its folder, and waits for no pipe or device", () =>
    Effect.gen(function* () {
      const secret = yield* temporaryFile("secret", "known")
      const record = { bytes: 5, sha256: sha256("known") }
      const names = ["link", "linked/secret", "zero", "pipe", "folder"]
      const folder = yield* listing(names.map((path) => ({ path, ...record })))
      yield* Effect.promise(async () => {
        await symlink(secret, join(folder, "link"))
        await symlink(dirname(secret), join(folder, "linked"))
        await symlink("/dev/zero", join(folder, "zero"))
        await mkdir(join(folder, "folder"))
      })
      execFileSync("mkfifo", [join(folder, "pipe")])
      const { message } = yield* Effect.flip(verifyOutputs(folder))
      assert.match(message, /5 file\(s\) differ/)
      for (const [name, why] of [
        ["link", "a symbolic link that leads out"],
        ["linked/secret", "a symbolic link that leads out"],
        ["zero", "a symbolic link that leads out"],
        ["pipe", "it is a pipe"],
        ["folder", "it is a folder"]
      ] as const) {
        assert.match(message, new RegExp(`${name}: not read, since .*${why}`))
      }
    })
  )

  it.effect("follows links that stay in its folder", () =>
    Effect.gen(function* () {
      const { folder } = yield* finishedRun
      const file = join(folder, "sub-1/map.nii.gz")
      yield* Effect.promise(() => rename(file, join(folder, ".object")))
      yield* Effect.promise(() => symlink("../.object", file))
      yield* verifyOutputs(folder)
    })
  )

  it.effect("names files of an earlier or unfinished run, and leaves those of the user's alone", () =>
    Effect.gen(function* () {
      const { folder } = yield* finishedRun
      for (const own of ["notes.txt", "figures/fig1.png", ".DS_Store", "._x", ".git/config", "sub-1/Thumbs.db"]) {
        writeFile(join(folder, own), "mine")
      }
      // Another run's output, with a manifest of its own.
      writeFile(join(folder, "older/manifest.json"), "{}")
      writeFile(join(folder, "older/sub-2_desc-boes_stat-t_statmap.nii.gz"), "")
      yield* verifyOutputs(folder)
      const leftOver = [
        "sub-2/sub-2_space-X_desc-boes_stat-t_statmap.nii.gz",
        "sub-2/sub-2_space-X_desc-piniseed_mask.json",
        "sub-2/sub-2_desc-pini_parcels.tsv",
        "seg-A_desc-boes_stat-r_parcels.tsv",
        "desc-boes_stat-z_relmat.tsv",
        "sub-1/.map.nii.gz.partial-4242"
      ]
      for (const file of leftOver) writeFile(join(folder, file), "")
      const error = yield* Effect.flip(verifyOutputs(folder))
      assert.deepStrictEqual((error.cause as OutputChanged).leftOver, leftOver.toSorted())
      assert.include(error.message, "6 file(s) are unknown to the manifest")
      assert.notInclude(error.message, "notes.txt")
    })
  )

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
      yield* verifyOutputs(folder)
    })
  )

  for (const [what, says, harm] of damage) {
    it.effect(`names a file that is ${what}, and no other`, () =>
      Effect.gen(function* () {
        const { folder } = yield* finishedRun
        yield* Effect.promise(() => harm(join(folder, "sub-1/map.nii.gz")))
        const error = yield* Effect.flip(verifyOutputs(folder))
        assert.include(error.message, "1 file(s) differ")
        assert.include(error.message, says)
      })
    )
  }
})
