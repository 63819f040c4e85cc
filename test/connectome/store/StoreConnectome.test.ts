import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openConnectome } from "../../../src/connectome/openConnectome.ts"
import { findDamagedChunks, openStoreConnectome } from "../../../src/connectome/store/StoreConnectome.ts"
import { readStoreContent } from "../../../src/connectome/store/storeContent.ts"
import { attributesChecksum } from "../../../src/connectome/store/storeFormat.ts"
import type { Precision } from "../../../src/connectome/store/storeGeometry.ts"
import { flipByte, truncate } from "../../support/damage.ts"
import { memoryConnectome } from "../../support/memoryConnectome.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"
import { writeStore } from "../../support/writeStore.ts"

const scratch = scratchFolder()
let stores = 0

const source = memoryConnectome({
  subjects: 3,
  timePoints: [21, 30, 17],
  voxels: 43,
  deadVoxels: [5],
  replaced: [{ subject: 1, timePoint: 4, voxel: 9, value: Number.NaN }]
})

const written = (precision: Precision = "int16", panelsPerChunk = 2) =>
  Effect.promise(() => writeStore(join(scratch, `store-${stores++}.zarr`), { ...source, precision, panelsPerChunk }))

/** What a store of the given precision must give back of a raw value, at most this far off. */
const toleranceOf = (precision: Precision, spread: number): number =>
  // Half a step of 1/32767 of the largest deviation; float32 of a number of that size.
  precision === "int16" ? (0.51 * spread) / 32767 + 1e-4 : 1e-4

const readAll = Effect.fnUntraced(function* (folder: string) {
  const connectome = yield* openStoreConnectome(folder)
  const into = connectome.subjects.map(({ timePoints }) => new Float32Array(timePoints * connectome.voxels).fill(7))
  yield* connectome.read(0, into)
  return { connectome, into }
})

/** Largest difference between series and a raw one, both without their means, of the voxels that are valid. */
const holdAgainstSource = (series: ReadonlyArray<Float32Array>, precision: Precision) => {
  for (const [subject, raw] of source.timeSeries.entries()) {
    const times = raw.length / source.voxels
    for (let v = 0; v < source.voxels; v++) {
      const of = (values: Float32Array) =>
        Float64Array.from({ length: times }, (_, t) => values[t * source.voxels + v]!)
      const [found, expected] = [of(series[subject]!), of(raw)]
      if (!expected.every(Number.isFinite)) {
        assert.isTrue(found.every(Number.isNaN))
        continue
      }
      const mean = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0) / times
      const [foundMean, expectedMean] = [mean(found), mean(expected)]
      const spread = expected.reduce((most, x) => Math.max(most, Math.abs(x - expectedMean)), 0)
      for (let t = 0; t < times; t++) {
        // The quantised series has its variance restored, which moves each value by a few steps' share at most.
        const tolerance = 2 * toleranceOf(precision, spread)
        assert.approximately(found[t]! - foundMean, expected[t]! - expectedMean, tolerance)
      }
    }
  }
}

const filesBelow = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .sort()

describe("store connectome", () => {
  for (const precision of ["int16", "float32"] as const) {
    it.effect(`gives the raw signal without its mean, within the precision of ${precision}`, () =>
      Effect.gen(function* () {
        const { connectome, into } = yield* readAll(yield* written(precision))
        holdAgainstSource(into, precision)
        assert.deepStrictEqual(
          connectome.subjects.map(({ id, timePoints }) => [id, timePoints]),
          [
            ["sub-1", 21],
            ["sub-2", 30],
            ["sub-3", 17]
          ]
        )
        assert.deepStrictEqual(connectome.gridIndex, source.gridIndex)
        assert.deepStrictEqual(connectome.grid, source.grid)
        assert.strictEqual(connectome.space, "MNI152NLin6Asym")
      })
    )

    it.effect(`is read by Python with numpy alone: ${precision}`, () =>
      Effect.gen(function* () {
        const store = yield* written(precision)
        const script = join(import.meta.dirname, "readStore.py")
        const text = execFileSync("/usr/bin/python3", ["-B", script, store], { maxBuffer: 2 ** 26, encoding: "utf8" })
        const found = JSON.parse(text.replaceAll("NaN", "null"))
        assert.isTrue(found.checksums_agree)
        assert.deepStrictEqual(found.dimensions, ["subject", "panel", "time_point", "voxel_of_panel"])
        assert.deepStrictEqual(found.mask_affine.flat(), source.grid.affine)
        const [nx, ny] = source.grid.shape
        assert.deepStrictEqual(
          found.mask_indices.map(([i, j, k]: [number, number, number]) => i + nx * (j + ny * k)),
          [...source.gridIndex]
        )
        const series = found.subjects.map((subject: { series: Array<Array<number | null>> }) =>
          Float32Array.from(subject.series.flat(), (value) => value ?? Number.NaN)
        )
        holdAgainstSource(series, precision)
        for (const { variance } of found.subjects) {
          for (const [v, value] of variance.entries()) if (value !== 0) assert.approximately(value, 1, 2e-7, `${v}`)
        }
      })
    )
  }

  it.effect("is read by Python as the documentation shows", () =>
    Effect.gen(function* () {
      const document = readFileSync(join(import.meta.dirname, "../../../docs/connectome-store.md"), "utf8")
      const lines = document.split("test of this project does")[1]!.split("\n")
      const example = lines.filter((line) => line.startsWith("    ")).map((line) => line.slice(4))
      assert.isAbove(example.length, 10)
      for (const precision of ["int16", "float32"] as const) {
        const store = yield* written(precision)
        const script = `${example.join("\n").replaceAll("NAME.zarr", store)}
print(json.dumps([subject(s).astype("f8").ravel().tolist() for s in range(3)]))`
        const text = execFileSync("/usr/bin/python3", ["-B", "-c", script], { maxBuffer: 2 ** 26, encoding: "utf8" })
        const series = (JSON.parse(text.replaceAll("NaN", "null")) as Array<Array<number | null>>).map((values) =>
          Float32Array.from(values, (value) => value ?? Number.NaN)
        )
        holdAgainstSource(series, precision)
      }
    })
  )

  it.effect("reads any range of subjects, and the same however its chunks are cut", () =>
    Effect.gen(function* () {
      const { into } = yield* readAll(yield* written("int16", 2))
      for (const panelsPerChunk of [1, 5, 6]) {
        const connectome = yield* openStoreConnectome(yield* written("int16", panelsPerChunk))
        const last = new Float32Array(into[2]!.length)
        yield* connectome.read(2, [last])
        assert.deepStrictEqual(last, into[2])
      }
    })
  )

  it.effect("is what openConnectome opens where the path is a store", () =>
    Effect.gen(function* () {
      const connectome = yield* openConnectome({ path: yield* written() })
      assert.deepStrictEqual([connectome.kind, connectome.voxels], ["store", 43])
    })
  )
})

const refused = (location: string) => Effect.map(Effect.flip(openConnectome({ path: location })), String)

describe("store connectome, refused", () => {
  it.effect("a store that is not finished, by its own name and by the one that it will have", () =>
    Effect.gen(function* () {
      const store = yield* written()
      renameSync(store, `${store}.unfinished`)
      for (const location of [store, `${store}.unfinished`, `${store}/`]) {
        const message = yield* refused(location)
        assert.include(message, `${store}.unfinished: the store is not finished`)
        assert.include(message, "Run its prepare-connectome again")
      }
    })
  )

  it.effect("a store that is not there, a folder that is none, and another group", () =>
    Effect.gen(function* () {
      assert.include(yield* refused(join(scratch, "nowhere.zarr")), "there is no such file or folder")
      const store = yield* written()
      rmSync(join(store, "zarr.json"))
      assert.include(yield* refused(store), "it is not a Zarr v3 group")
      writeFileSync(join(store, "zarr.json"), '{"zarr_format": 3, "node_type": "group", "attributes": {}}')
      assert.include(yield* refused(store), "this Zarr group is not a connectome store")
    })
  )

  it.effect("a store of a later format, naming the version that wrote it", () =>
    Effect.gen(function* () {
      const store = yield* written()
      const file = join(store, "zarr.json")
      const group = JSON.parse(readFileSync(file, "utf8"))
      group.attributes.format_version = 2
      group.attributes.tool_version = "9.1.0"
      writeFileSync(file, JSON.stringify(group))
      const message = yield* refused(store)
      assert.include(message, "the store has format version 2")
      assert.include(message, "9.1.0")
      group.attributes.format_version = { a: 2 }
      group.attributes.tool_version = {}
      writeFileSync(file, JSON.stringify(group))
      assert.include(yield* refused(store), 'the store has format version {"a":2}, and this version')
    })
  )

  it.effect("metadata that cannot be read, in one line of characters that can be printed", () =>
    Effect.gen(function* () {
      const store = yield* written()
      const file = join(store, "sd", "zarr.json")
      const text = readFileSync(file, "utf8")
      const spoilt = [
        text.replace('"data_type": ', '"data_type": \n,\n\n'),
        text.replace('"float32"', '"\\u001b[31mred"')
      ]
      for (const broken of spoilt) {
        assert.notStrictEqual(broken, text)
        writeFileSync(file, broken)
        const { message } = yield* Effect.flip(openConnectome({ path: store }))
        assert.notMatch(message, /\p{Cc}/u)
        assert.include(message, `${file}: the array `)
      }
    })
  )

  it.effect("attributes that were changed: a digit of the affine would move every map", () =>
    Effect.gen(function* () {
      const store = yield* written()
      const file = join(store, "zarr.json")
      const text = readFileSync(file, "utf8")
      assert.include(text, "-20")
      writeFileSync(file, text.replace("-20", "-21"))
      assert.include(yield* refused(store), "its attributes have changed since they were written")
    })
  )

  it.effect("metadata of wrong types, missing keys or no JSON, with the file and the key", () =>
    Effect.gen(function* () {
      const store = yield* written()
      const changes: ReadonlyArray<readonly [key: string, value: unknown]> = [
        ["shape", "x"],
        ["shape", [3, -43]],
        ["shape", [3, 1e300]],
        ["shape", [3, 4.5]],
        ["shape", null],
        ["data_type", 7],
        ["chunk_grid", {}],
        ["chunk_grid", { name: "regular", configuration: { chunk_shape: "x" } }],
        ["chunk_key_encoding", { name: "v2" }],
        ["codecs", [{ name: "zstd", configuration: {} }]],
        ["codecs", [{ name: "bytes", configuration: { endian: "big" } }]],
        ["node_type", "group"],
        ["zarr_format", 2]
      ]
      for (const array of ["sd", "timeseries", "mask_indices"]) {
        const file = join(store, array, "zarr.json")
        const text = readFileSync(file, "utf8")
        const sound = JSON.parse(text)
        for (const [key, value] of changes) {
          for (const changed of [
            { ...sound, [key]: value },
            { ...sound, [key]: undefined }
          ]) {
            writeFileSync(file, JSON.stringify(changed))
            const message = yield* refused(store)
            assert.match(message, /InvalidConnectome/)
            assert.include(message, file)
            assert.include(message, `\`${key}`)
          }
        }
        for (const broken of ["", "{", '"x"', "[]", "null", '{"shape": NaN}']) {
          writeFileSync(file, broken)
          assert.include(yield* refused(store), `${file}: the array cannot be opened: `)
        }
        writeFileSync(file, text)
      }
      assert.strictEqual((yield* readAll(store)).into.length, 3)
    })
  )

  it.effect("attributes that make no sense, although their checksum is right", () =>
    Effect.gen(function* () {
      const store = yield* written()
      const file = join(store, "zarr.json")
      const group = JSON.parse(readFileSync(file, "utf8"))
      const { metadata_checksums, ...sound } = group.attributes
      const flat = [
        [2, 0, 0, 0],
        [0, 2, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 1]
      ]
      for (const [changed, said] of [
        [{ subjects: "x" }, "`subjects`: Expected"],
        [{ voxels: -1 }, "`voxels`: Expected"],
        [{ voxels: 1e9 }, "`voxels` is 1000000000, more than the grid"],
        [{ space: "x/../../evil" }, "`space`: Expected"],
        [{ mask_shape: [2, 44] }, "`mask_shape"],
        [{ mask_shape: [40_000, 44, 1] }, "`mask_shape` is 40000 × 44 × 1, not three whole numbers"],
        [{ mask_affine: flat }, "`mask_affine` [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0] cannot be inverted"]
      ] as const) {
        const attributes = { ...sound, ...changed }
        const checksums = { ...metadata_checksums, attributes: attributesChecksum(attributes) }
        writeFileSync(file, JSON.stringify({ ...group, attributes: { ...attributes, metadata_checksums: checksums } }))
        const message = yield* refused(store)
        assert.include(message, file)
        assert.include(message, said)
      }
    })
  )

  it.effect("a subject of fewer than five time points", () =>
    Effect.gen(function* () {
      const short = memoryConnectome({ subjects: 2, timePoints: [9, 4], voxels: 20 })
      const folder = join(scratch, "short.zarr")
      yield* Effect.promise(() => writeStore(folder, { ...short, precision: "float32" }))
      assert.include(yield* refused(folder), "subject 1 has 4 time points; 5 are needed")
    })
  )

  it.effect("a chunk that is missing or cut short, before anything is computed", () =>
    Effect.gen(function* () {
      const store = yield* written()
      const chunk = join(store, "timeseries", "c", "1", "2", "0", "0")
      truncate(chunk, 0.5)
      const truncated = yield* refused(store)
      assert.include(truncated, `${chunk}: the chunk has 480 bytes instead of 960`)
      rmSync(chunk)
      assert.include(yield* refused(store), `${chunk}: the chunk is missing`)
    })
  )
})

describe("store connectome, damaged", () => {
  it.effect("a byte flipped in any file of a store is found: when it is opened, or when the subject is read", () =>
    Effect.gen(function* () {
      const store = yield* written()
      const sound = yield* readAll(store)
      for (const file of filesBelow(store)) {
        const content = readFileSync(file)
        for (const offset of [0, Math.floor(content.length / 2), content.length - 1]) {
          flipByte(file, offset)
          const result = yield* Effect.result(readAll(store))
          writeFileSync(file, content)
          if (result._tag === "Failure") {
            if (!file.endsWith(".json")) assert.include(String(result.failure), file)
          } else {
            // A byte of an array's JSON that says nothing about the numbers, such as a dimension's name.
            assert.match(file, /\/zarr\.json$/)
            assert.deepStrictEqual(result.success.into, sound.into)
          }
        }
      }
    })
  )

  it.effect("names the chunk and the subject, and what to do", () =>
    Effect.gen(function* () {
      const store = yield* written()
      const chunk = join(store, "timeseries", "c", "1", "2", "0", "0")
      flipByte(chunk, 100)
      const error = yield* Effect.flip(readAll(store))
      assert.strictEqual(error._tag, "ConnectomeUnreadable")
      assert.include(error.message, `${chunk}: subject sub-2: `)
      assert.include(error.message, "bytes have changed")
      assert.include(error.message, "prepare it again")
    })
  )

  it.effect("lists every damaged chunk in one go", () =>
    Effect.gen(function* () {
      const store = yield* written()
      const chunks = [
        join(store, "sd", "c", "2", "0"),
        join(store, "timeseries", "c", "0", "0", "0", "0"),
        join(store, "step", "c", "1", "0")
      ]
      assert.deepStrictEqual(yield* findDamagedChunks(yield* readStoreContent(store)), [])
      flipByte(chunks[0]!, 3)
      truncate(chunks[1]!, 0.9)
      rmSync(chunks[2]!)
      const damaged = yield* findDamagedChunks(yield* readStoreContent(store))
      assert.sameMembers(
        damaged.map(({ file }) => file),
        chunks
      )
      assert.isFalse(existsSync(chunks[2]!))
    })
  )
})
