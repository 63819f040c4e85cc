/** The stage that writes a subject's chunk files: what lies on the disk, what it says of it, and a disk that takes no more. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { stagedFiles, subjectFolder } from "../../../src/connectome/store/making/storeProgress.ts"
import { checksumOf } from "../../../src/connectome/store/storeChecksum.ts"
import { quantise, type StoredChunk } from "../../../src/stages/prepare/Quantise.ts"
import type { Scan } from "../../../src/stages/prepare/ReadScan.ts"
import { standardise } from "../../../src/stages/prepare/Standardise.ts"
import { writeSubject } from "../../../src/stages/prepare/WriteSubject.ts"
import { extentOf, scanOf, subjectOf } from "../../support/rawSubjects.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const scratch = scratchFolder()

const chunksOf = (scans: ReadonlyArray<Scan>, extent: ReturnType<typeof extentOf>) =>
  quantise(extent).transform(standardise(extent).transform(Stream.fromIterable(scans)))

const written = (folder: string, scans: ReadonlyArray<Scan>, extent: ReturnType<typeof extentOf>) =>
  Stream.runCollect(writeSubject(folder, extent).transform(chunksOf(scans, extent)))

const copyOf = ({ values, sd, step }: StoredChunk) => ({
  values: values.slice(),
  sd: sd.slice(),
  step: step?.slice()
})

const bytesOf = ({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView) =>
  Buffer.from(buffer, byteOffset, byteLength)

describe("writeSubject", () => {
  it.effect("writes every chunk as it comes, then sd and step of the voxels, with the checksum of each file", () =>
    Effect.gen(function* () {
      for (const precision of ["int16", "float32"] as const) {
        for (const [voxels, panelsPerChunk] of [
          [1, 1],
          [45, 2],
          [48, 3]
        ] as const) {
          const extent = extentOf(voxels, 7, panelsPerChunk, precision)
          const folder = join(scratch, `${precision}-${voxels}`)
          const scans = [scanOf(subjectOf("part-1.h5[0]", 7), voxels), scanOf(subjectOf("a/b", 2, 3), voxels, 2)]
          const entries = yield* written(folder, scans, extent)
          assert.lengthOf(entries, 2)
          for (const [n, { subject }] of scans.entries()) {
            const chunks = yield* Stream.runCollect(Stream.map(chunksOf([scans[n]!], extent), copyOf))
            const ofVoxels = (kind: "sd" | "step") =>
              Float32Array.from(chunks.flatMap((chunk) => [...(chunk[kind] ?? [])]).slice(0, voxels))
            const expected = [
              ...chunks.map(({ values }) => values),
              ofVoxels("sd"),
              ...(precision === "int16" ? [ofVoxels("step")] : [])
            ]
            const files = stagedFiles(extent)
            assert.strictEqual(files.length, expected.length)
            for (const [position, file] of files.entries()) {
              const bytes = readFileSync(join(subjectFolder(folder, subject.id), file))
              assert.isTrue(bytes.equals(bytesOf(expected[position]!)), `${file} of ${subject.id}`)
              assert.strictEqual(entries[n]!.checksums[position], checksumOf(expected[position]!))
            }
            const { id, sources, fingerprint, timePoints } = subject
            assert.deepStrictEqual(
              { ...entries[n]!, checksums: [] },
              { id, sources, fingerprint, time_points: timePoints, flat_voxels: 0, checksums: [] }
            )
          }
        }
      }
    })
  )

  it.effect("counts the voxels without variance", () =>
    Effect.gen(function* () {
      const extent = extentOf(21, 5, 1)
      const scan = scanOf(subjectOf("sub-1", 5), 21)
      for (let t = 0; t < 5; t++) for (const voxel of [0, 7, 8, 20]) scan.raw[t * 21 + voxel] = voxel
      const [entry] = yield* written(join(scratch, "flat"), [scan], extent)
      assert.strictEqual(entry!.flat_voxels, 4)
    })
  )

  it.effect("begins a subject anew: nothing of an earlier attempt is left", () =>
    Effect.gen(function* () {
      const extent = extentOf(21, 5, 1)
      const folder = join(scratch, "anew")
      const old = join(subjectFolder(folder, "sub-1"), "old")
      mkdirSync(subjectFolder(folder, "sub-1"), { recursive: true })
      writeFileSync(old, "")
      yield* written(folder, [scanOf(subjectOf("sub-1", 5), 21)], extent)
      assert.isFalse(existsSync(old))
    })
  )

  it.effect("gives no entry of a scan that turns out to be bad at its end", () =>
    Effect.gen(function* () {
      const extent = extentOf(21, 5, 1)
      const scan = scanOf(subjectOf("sub-1", 5), 21)
      scan.raw[3] = Number.NaN
      const entries: Array<string> = []
      const stored = writeSubject(join(scratch, "bad"), extent)
        .transform(chunksOf([scan], extent))
        .pipe(Stream.runForEach(({ id }) => Effect.sync(() => entries.push(id))))
      assert.strictEqual((yield* Effect.flip(stored))._tag, "BadSubject")
      assert.deepStrictEqual(entries, [])
    })
  )

  it.effect("says which file could not be written", () =>
    Effect.gen(function* () {
      const extent = extentOf(21, 5, 1)
      const folder = join(scratch, "no-folder")
      writeFileSync(folder, "a file, where a folder should be")
      const error = yield* Effect.flip(written(folder, [scanOf(subjectOf("sub-1", 5), 21)], extent))
      assert.strictEqual(error._tag, "StoreNotWritten")
      assert.include(error.message, folder)
    })
  )
})
