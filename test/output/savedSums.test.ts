import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { crc32 } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as fc from "fast-check"
import { type ConnectivitySums, noSums } from "../../src/elements/ConnectivitySums.ts"
import { fractionBits, fractionBitsOfFew } from "../../src/kernels/fixedPoint.ts"
import { arrayFileVersion, type InvalidArrayFile } from "../../src/output/arrayFileFormat.ts"
import { loadCorrelations } from "../../src/output/savedCorrelations.ts"
import { type FingerprintedSums, loadSums, openSums, saveSums } from "../../src/output/savedSums.ts"
import { flipByte } from "../support/damage.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const scratch = scratchFolder()

const fingerprints = { study: "0123456789abcdef".repeat(4), sums: "f".repeat(64) }

const any64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

/** Sums of any values, in panels of any width with room for some more lesions, as an engine has them. */
const sums = fc
  .record({
    lesions: fc.integer({ min: 1, max: 5 }),
    voxels: fc.integer({ min: 1, max: 20 }),
    width: fc.integer({ min: 1, max: 9 }),
    spare: fc.nat(3),
    seeds: fc.option(fc.integer({ min: 1, max: 4 })),
    hasDegree: fc.boolean(),
    hasShares: fc.boolean(),
    few: fc.boolean(),
    covered: fc.constantFrom(
      [],
      [{ first: 3, count: 4 }],
      [
        { first: 0, count: 1 },
        { first: 99_000, count: 12 }
      ]
    ),
    invalidVoxels: fc.nat(),
    random: fc.infiniteStream(any64),
    shared: fc.boolean()
  })
  .map(
    ({
      lesions,
      voxels,
      width,
      spare,
      seeds,
      hasDegree,
      hasShares,
      few,
      covered,
      invalidVoxels,
      random,
      shared
    }): FingerprintedSums => {
      const rows = lesions + spare
      const length = Math.ceil(voxels / width) * rows * 2 * width
      const values = new BigInt64Array(shared ? new SharedArrayBuffer(8 * length) : new ArrayBuffer(8 * length))
      for (let i = 0; i < length; i++) values[i] = random.next().value!
      const numbers = (count: number) => BigInt64Array.from({ length: count }, () => random.next().value!)
      return {
        lesions,
        voxels,
        covered,
        subjects: covered.reduce((sum, { count }) => sum + count, 0),
        fractionBits: few ? fractionBitsOfFew : fractionBits,
        values,
        rows,
        width,
        pairs: seeds === null ? undefined : { seeds, sumZ: numbers(seeds ** 2) },
        degree: hasDegree ? numbers(voxels) : undefined,
        shares: hasShares ? numbers(lesions) : undefined,
        invalidVoxels,
        invalidSubjects: covered.map(({ first }) => ({
          subject: first,
          voxels: invalidVoxels,
          seeds: [0, lesions - 1]
        })),
        invalidSeeds: Uint32Array.from({ length: lesions }, (_, lesion) => lesion * 1_000_000_007),
        fingerprints
      }
    }
  )

/** In rows of all voxels, by the definition of the shape. */
const naiveRows = (given: ConnectivitySums): BigInt64Array => {
  const { lesions, voxels, width, rows, values } = given
  const found = new BigInt64Array(2 * lesions * voxels)
  for (let lesion = 0; lesion < lesions; lesion++) {
    for (const moment of [0, 1]) {
      for (let voxel = 0; voxel < voxels; voxel++) {
        const panel = Math.floor(voxel / width)
        found[(2 * lesion + moment) * voxels + voxel] =
          values[((panel * rows + lesion) * 2 + moment) * width + (voxel % width)]!
      }
    }
  }
  return found
}

const saved = Effect.fnUntraced(function* (given: FingerprintedSums, name = "some.sums") {
  const file = join(scratch, name)
  yield* saveSums(file, given)
  return file
})

const small: FingerprintedSums = {
  ...noSums({ lesions: 3, voxels: 50, fractionBits }),
  values: BigInt64Array.from({ length: 300 }, (_, i) => BigInt(i) ** 7n),
  subjects: 4,
  covered: [{ first: 2, count: 4 }],
  fingerprints
}

/** The fault of a file, which its message must name with the file and what to do. */
const faultOf = (file: string, load: (file: string) => Effect.Effect<unknown, InvalidArrayFile> = loadSums) =>
  Effect.map(Effect.flip(load(file)), (error) => {
    assert.strictEqual(error._tag, "InvalidArrayFile")
    assert.isTrue(error.message.startsWith(`${file}: `), error.message)
    assert.match(error.message, /(again|Check|Give).*\.$/)
    return error.fault
  })

/** A file with this header and so many bytes of arrays, whose checksums are right. */
const forged = (name: string, header: object | string, bytes: number, version = arrayFileVersion): string => {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header))
  const preamble = Buffer.alloc(24)
  preamble.write("lnm sums")
  preamble.writeUInt32LE(version, 8)
  preamble.writeUInt32LE(text.length, 12)
  preamble.writeUInt32LE(crc32(text), 16)
  const all = Buffer.concat([preamble, text, Buffer.alloc(bytes)])
  const file = join(scratch, name)
  writeFileSync(file, Buffer.concat([all, createHash("sha256").update(all).digest()]))
  return file
}

const header = {
  kind: "connectivity sums",
  lesions: 1,
  voxels: 1,
  covered: [[0, 1]],
  fraction_bits: 40,
  paired_seeds: null,
  degree: false,
  invalid_voxels: 0,
  invalid_subjects: [],
  fingerprints
}

describe("saveSums and loadSums", () => {
  it("give back what was saved, in rows, wherever it lay", () =>
    fc.assert(
      fc.asyncProperty(sums, (given) =>
        Effect.gen(function* () {
          const loaded = yield* loadSums(yield* saved(given))
          const expected = { ...given, values: naiveRows(given), rows: given.lesions, width: given.voxels }
          assert.deepStrictEqual(loaded, expected)
        }).pipe(Effect.runPromise)
      ),
      { seed: 5, numRuns: 60 }
    ))

  it("add to others where they lie on disk as they would in memory, pairs and degree too, and say the same of themselves", () =>
    fc.assert(
      fc.asyncProperty(sums, (given) =>
        Effect.gen(function* () {
          const file = yield* saved(given)
          const { addTo, pairs, degree, ...said } = yield* openSums(file)
          const {
            values,
            rows: _,
            width: __,
            pairs: loadedPairs,
            degree: loadedDegree,
            ...expected
          } = yield* loadSums(file)
          assert.deepStrictEqual(said, expected)
          assert.strictEqual(pairs?.seeds, loadedPairs?.seeds)
          assert.strictEqual(degree, loadedDegree === undefined ? undefined : true)
          // Sums in panels of three voxels, of which each already is 1.
          const panels = Math.ceil(given.voxels / 3)
          const into: ConnectivitySums = {
            ...noSums(given),
            values: new BigInt64Array(panels * given.lesions * 6).fill(1n),
            rows: given.lesions,
            width: 3
          }
          yield* addTo(into)
          const summed = BigInt64Array.from(values, (value) => value + 1n)
          assert.deepStrictEqual(naiveRows(into), summed)
          assert.deepStrictEqual(into.pairs?.sumZ, loadedPairs?.sumZ)
          assert.deepStrictEqual(into.degree, loadedDegree)
        }).pipe(Effect.runPromise)
      ),
      { seed: 6, numRuns: 60 }
    ))

  it.effect("are refused before anything is added where they are damaged on disk", () =>
    Effect.gen(function* () {
      const file = yield* saved(small)
      flipByte(file, 500)
      assert.strictEqual((yield* Effect.flip(openSums(file))).fault, "damaged")
    })
  )

  it.effect("write the same bytes for the same sums, however they lie", () =>
    Effect.gen(function* () {
      const one = readFileSync(yield* saved(small))
      const panels = { ...small, width: 1, values: new BigInt64Array(300) }
      for (let lesion = 0; lesion < 3; lesion++) {
        for (let voxel = 0; voxel < 50; voxel++) {
          for (const moment of [0, 1]) {
            panels.values[(voxel * 3 + lesion) * 2 + moment] = small.values[(2 * lesion + moment) * 50 + voxel]!
          }
        }
      }
      assert.deepStrictEqual(readFileSync(yield* saved(panels)), one)
    })
  )

  it.effect("have the arrays little-endian behind the header, and a SHA-256 at the end", () =>
    Effect.gen(function* () {
      const bytes = readFileSync(yield* saved(small))
      assert.strictEqual(bytes.toString("latin1", 0, 8), "lnm sums")
      const beginning = 24 + bytes.readUInt32LE(12)
      assert.deepInclude(JSON.parse(bytes.toString("utf8", 24, beginning)), {
        lesions: 3,
        covered: [[2, 4]],
        fingerprints
      })
      for (const [i, value] of small.values.entries())
        assert.strictEqual(bytes.readBigInt64LE(beginning + 8 * i), value)
      assert.strictEqual(bytes.length, beginning + 8 * 300 + 4 * 3 + 32)
      assert.deepStrictEqual(createHash("sha256").update(bytes.subarray(0, -32)).digest(), bytes.subarray(-32))
    })
  )

  it.effect("find every byte that has changed, and every length at which a file was cut off", () =>
    Effect.gen(function* () {
      const { length } = readFileSync(yield* saved(small))
      for (let offset = 0; offset < length; offset += offset < 500 ? 1 : 97) {
        const file = yield* saved(small)
        flipByte(file, offset)
        const fault = yield* faultOf(file)
        const expected = offset < 8 ? ["other kind"] : offset < 12 ? ["other version"] : ["damaged", "truncated"]
        assert.include(expected, fault, `byte ${offset}`)
      }
      for (let kept = 1; kept < length; kept += kept < 500 ? 1 : 97) {
        const file = yield* saved(small)
        writeFileSync(file, readFileSync(file).subarray(0, kept))
        assert.strictEqual(yield* faultOf(file), "truncated", `${kept} bytes`)
      }
      const longer = yield* saved(small)
      writeFileSync(longer, Buffer.concat([readFileSync(longer), Buffer.alloc(8)]))
      assert.strictEqual(yield* faultOf(longer), "damaged")
    })
  )

  it.effect("tell what is no sums, of another version, of another kind, or not there", () =>
    Effect.gen(function* () {
      const file = join(scratch, "notes.txt")
      for (const content of ["", "notes", "a longer text that is not of sums"]) {
        writeFileSync(file, content)
        assert.strictEqual(yield* faultOf(file), "other kind")
      }
      mkdirSync(join(scratch, "folder.sums"))
      assert.strictEqual(yield* faultOf(join(scratch, "folder.sums")), "other kind")
      assert.strictEqual(yield* faultOf(join(scratch, "nowhere.sums")), "unreadable")
      assert.strictEqual(yield* faultOf(forged("newer.sums", header, 20, arrayFileVersion + 1)), "other version")
      assert.strictEqual(yield* faultOf(forged("kind.sums", { ...header, kind: "of mice" }, 20)), "other kind")
      assert.strictEqual(yield* faultOf(yield* saved(small), loadCorrelations), "other kind")
      assert.strictEqual((yield* loadSums(forged("right.sums", header, 20))).subjects, 1)
    })
  )

  it.effect("believe no header that the size of the file, or sense, contradicts", () =>
    Effect.gen(function* () {
      for (const [changed, fault] of [
        [{ lesions: 1e12, voxels: 1e12 }, "truncated"],
        [{ voxels: 2 ** 52 }, "truncated"],
        [{ paired_seeds: 1e8 }, "truncated"],
        [{ lesions: 0 }, "damaged"],
        [{ lesions: -1 }, "damaged"],
        [{ voxels: 1.5 }, "damaged"],
        [{ fraction_bits: 41 }, "damaged"],
        [
          {
            covered: [
              [5, 2],
              [6, 1]
            ]
          },
          "damaged"
        ],
        [{ fingerprints: { study: "x", sums: "y" } }, "damaged"]
      ] as const) {
        assert.strictEqual(yield* faultOf(forged("forged.sums", { ...header, ...changed }, 20)), fault)
      }
      assert.strictEqual(yield* faultOf(forged("text.sums", "{ not JSON", 20)), "damaged")
    })
  )

  it.effect("leave the file that was there, and nothing beside it, where writing fails", () =>
    Effect.gen(function* () {
      const file = yield* saved(small, "kept/some.sums")
      const before = readFileSync(file)
      const broken = {
        ...small,
        get invalidSeeds(): Uint32Array {
          throw new Error("a broken invariant")
        }
      }
      assert.isTrue((yield* Effect.exit(saveSums(file, broken)))._tag === "Failure")
      assert.deepStrictEqual(readFileSync(file), before)
      assert.deepStrictEqual(readdirSync(dirname(file)), ["some.sums"])
      const error = yield* Effect.flip(saveSums(join(file, "below.sums"), small))
      assert.strictEqual(error._tag, "OutputNotWritten")
      assert.include(error.message, "below.sums")
      assert.isFalse(existsSync(join(file, "below.sums")))
    })
  )

  it.live("leave nothing where writing is interrupted", () =>
    Effect.gen(function* () {
      const folder = join(scratch, "interrupted")
      const voxels = 1_000_000
      const large = { ...noSums({ lesions: 20, voxels, fractionBits }), fingerprints }
      const fiber = yield* Effect.forkChild(saveSums(join(folder, "some.sums"), large))
      while (!existsSync(folder) || readdirSync(folder).length === 0) yield* Effect.sleep(1)
      assert.match(readdirSync(folder)[0]!, /^\.some\.sums\.partial/)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(readdirSync(folder), [])
    })
  )

  it.effect("take sums that are larger than what is read or written in one go", () =>
    Effect.gen(function* () {
      const voxels = 300_001
      const large: FingerprintedSums = {
        ...noSums({ lesions: 3, voxels, fractionBits }),
        values: BigInt64Array.from({ length: 6 * voxels }, (_, i) => BigInt(i) * 0x9e3779b97f4a7n),
        fingerprints
      }
      const file = yield* saved(large, "large.sums")
      assert.isAbove(statSync(file).size, 6 * voxels * 8)
      const loaded = yield* loadSums(file)
      assert.isTrue(Buffer.from(loaded.values.buffer).equals(Buffer.from(large.values.buffer)))
    })
  )
})
