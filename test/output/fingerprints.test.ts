import { cpSync, existsSync, mkdirSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openHdf5Connectome } from "../../src/connectome/hdf5/Hdf5Connectome.ts"
import { noSums } from "../../src/elements/ConnectivitySums.ts"
import { mergeSums } from "../../src/elements/mergeSums.ts"
import { fingerprintStudy, fingerprintSums, type StudyMethod, subjectsOfFiles } from "../../src/output/fingerprints.ts"
import type { AnyStage } from "../../src/runtime/Stage.ts"
import { type MapTilesOptions, mapTiles } from "../../src/stages/MapTiles.ts"
import { writeAt } from "../support/damage.ts"
import { memoryConnectome } from "../support/memoryConnectome.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { storesIn } from "../support/storesIn.ts"
import { writeHdf5 } from "../support/tinyConnectome.ts"

const scratch = scratchFolder()
const stored = storesIn(scratch)

const method: StudyMethod = {
  method: { name: "boes" },
  invalid: "zero",
  stages: ["ingest", "seed", "correlate", "fisherZ", "reduce"].map((name) => ({ name })),
  arithmetic: "fast",
  fused: true,
  fractionBits: 40
}

const options = { subjects: 4, timePoints: [9, 9, 8, 9], voxels: 12 }

const ofMemory = (changed: Partial<Parameters<typeof memoryConnectome>[0]> = {}, how: StudyMethod = method) =>
  fingerprintStudy(memoryConnectome({ ...options, ...changed }), how)

const everyOneOther = (fingerprints: ReadonlyArray<string>) => {
  assert.strictEqual(new Set(fingerprints).size, fingerprints.length)
  for (const fingerprint of fingerprints) assert.match(fingerprint, /^[0-9a-f]{64}$/)
}

describe("fingerprintStudy", () => {
  it.effect("changes with every thing that decides the sums, and with nothing else", () =>
    Effect.gen(function* () {
      const gridIndex = Int32Array.from({ length: 12 }, (_, voxel) => voxel)
      everyOneOther([
        yield* ofMemory(),
        yield* ofMemory({ seed: 2 }),
        yield* ofMemory({ subjects: 3, timePoints: [9, 9, 8] }),
        yield* ofMemory({ timePoints: [9, 8, 9, 9] }),
        yield* ofMemory({ voxels: 13 }),
        yield* ofMemory({ shape: [2, 14, 1] }),
        yield* ofMemory({ gridIndex }),
        yield* ofMemory({ replaced: [{ subject: 3, timePoint: 8, voxel: 11, value: 1 }] }),
        yield* ofMemory({}, { ...method, method: { name: "pini", percentile: 20, scope: "connectome" } }),
        yield* ofMemory({}, { ...method, method: { name: "pini", percentile: 30, scope: "connectome" } }),
        yield* ofMemory({}, { ...method, invalid: "error" }),
        yield* ofMemory({}, { ...method, stages: [...method.stages.toSpliced(4, 0, { name: "own" })] }),
        yield* ofMemory({}, { ...method, arithmetic: "strict" }),
        yield* ofMemory({}, { ...method, fused: false }),
        yield* ofMemory({}, { ...method, fractionBits: 52 })
      ])
      const reordered = Object.fromEntries(Object.entries(method).toReversed()) as unknown as StudyMethod
      assert.strictEqual(yield* ofMemory({}, reordered), yield* ofMemory())
    })
  )

  it.effect("knows files by their content and order, wherever they lie and whatever they are called", () =>
    Effect.gen(function* () {
      // HDF5 keeps times of writing, so equal files are copies.
      const fileOf = Effect.fnUntraced(function* (firstSubject: number) {
        const file = join(scratch, `from-${firstSubject}.h5`)
        if (!existsSync(file)) yield* Effect.promise(() => writeHdf5(file, { firstSubject, subjects: 3 }))
        return file
      })
      const at = (folder: string, names: readonly [string, string], subjects = [0, 3]) =>
        Effect.gen(function* () {
          for (const [n, name] of names.entries()) {
            cpSync(yield* fileOf(subjects[n]!), join(scratch, folder, name))
          }
          const connectome = yield* openHdf5Connectome(join(scratch, folder))
          return yield* fingerprintStudy(connectome, method)
        }).pipe(Effect.scoped)
      const one = yield* at("here", ["a.h5", "b.h5"])
      assert.strictEqual(yield* at("elsewhere", ["first.h5", "second.h5"]), one)
      everyOneOther([one, yield* at("turned", ["b.h5", "a.h5"]), yield* at("other", ["a.h5", "b.h5"], [0, 4])])
    })
  )

  it.effect("knows a large file by its size and samples, whenever it was written", () =>
    Effect.gen(function* () {
      const of = (name: string, bytes: number, changedAt?: number) => {
        const file = join(scratch, name)
        writeFileSync(file, "head")
        truncateSync(file, bytes)
        if (changedAt !== undefined) writeAt(file, changedAt, "x")
        utimesSync(file, changedAt ?? 0, bytes)
        return fingerprintStudy({ ...memoryConnectome(options), files: [file] }, method)
      }
      const one = yield* of("large.h5", 40e6)
      assert.strictEqual(yield* of("renamed.h5", 40e6, 12e6), one)
      everyOneOther([one, yield* of("longer.h5", 40e6 + 1), yield* of("changed.h5", 40e6, 16 * 2 ** 20)])
    })
  )

  it.effect("tells apart stages of the user's over tiles by function and parameters, wherever their modules lie", () =>
    Effect.gen(function* () {
      const write = (file: string, code: string) => {
        mkdirSync(dirname(join(scratch, file)), { recursive: true })
        writeFileSync(join(scratch, file), code)
        return pathToFileURL(join(scratch, file))
      }
      const code = "export const own = () => {}; export const other = () => {}"
      const module = write("functions/own.js", code)
      const stage = (changed: Partial<MapTilesOptions> = {}) =>
        mapTiles({ name: "own", module, export: "own", parameters: { limit: 0.5, by: [1, 2] }, ...changed })
      const withStages = (...stages: ReadonlyArray<AnyStage>) =>
        ofMemory({}, { ...method, stages: method.stages.toSpliced(4, 0, ...stages) })
      const one = yield* withStages(stage())
      everyOneOther([
        one,
        yield* withStages(),
        yield* withStages({ ...stage(), operation: { _tag: "mine" } }),
        yield* withStages(stage(), stage()),
        yield* withStages(stage({ name: "renamed" })),
        yield* withStages(stage({ export: "other" })),
        yield* withStages(stage({ module: write("functions/changed.js", `${code};`) })),
        yield* withStages(stage({ module: new URL(`data:text/javascript,${code}`) })),
        yield* withStages(stage({ parameters: { limit: 0.6, by: [1, 2] } })),
        yield* withStages(stage({ parameters: { limit: 0.5, by: [2, 1] } })),
        yield* withStages(stage({ parameters: { limit: Number.POSITIVE_INFINITY, by: [1, 2] } })),
        yield* withStages(stage({ parameters: { limit: 0.5, by: Float32Array.of(1, 2) } })),
        yield* withStages(stage({ parameters: { limit: 0.5, by: Float64Array.of(1, 2) } })),
        yield* withStages(stage({ parameters: undefined }))
      ])
      assert.strictEqual(yield* withStages(stage({ parameters: { by: [1, 2], limit: 0.5 } })), one)
      assert.strictEqual(yield* withStages(stage({ module: write("moved/away.js", code) })), one)
      const sumsOf = (study: string) =>
        noSums({ lesions: 1, voxels: 12, fractionBits: 40, fingerprints: { study, sums: study } })
      const refused = yield* Effect.flip(mergeSums(sumsOf(one), sumsOf(yield* withStages())))
      assert.deepInclude(refused, { _tag: "SumsMismatch", difference: "study" })
      const missing = yield* Effect.flip(withStages(stage({ module: new URL("./gone.js", module) })))
      assert.strictEqual(missing._tag, "InputUnreadable")
    })
  )

  it.effect("knows a store by the checksums of its chunk files, and reads none of these", () =>
    Effect.gen(function* () {
      const source = memoryConnectome(options)
      const fingerprint = (connectome: Parameters<typeof fingerprintStudy>[0]) => fingerprintStudy(connectome, method)
      const store = yield* stored(source, "int16")
      const one = yield* fingerprint(store)
      writeFileSync(store.stored.filesOf(0)[0]!.path, "")
      assert.strictEqual(yield* fingerprint(store), one)
      assert.strictEqual(yield* fingerprint(yield* stored(source, "int16")), one)
      everyOneOther([
        one,
        yield* fingerprint(yield* stored(source, "float32")),
        yield* fingerprint(yield* stored(memoryConnectome({ ...options, seed: 2 }), "int16"))
      ])
    })
  )
})

describe("fingerprintSums", () => {
  it.effect("changes with the study, the lesions, their order, voxels and weights, and the paired lesions", () =>
    Effect.gen(function* () {
      const [a, b] = [{ voxels: Int32Array.of(1, 2) }, { voxels: Int32Array.of(3) }]
      const half = Float32Array.of(1, 0.5)
      everyOneOther([
        yield* fingerprintSums("study", [a, b]),
        yield* fingerprintSums("other", [a, b]),
        yield* fingerprintSums("study", [b, a]),
        yield* fingerprintSums("study", [a]),
        yield* fingerprintSums("study", []),
        yield* fingerprintSums("study", [{ voxels: Int32Array.of(1, 2, 3) }]),
        yield* fingerprintSums("study", [{ voxels: Int32Array.of(1) }, { voxels: Int32Array.of(2, 3) }]),
        yield* fingerprintSums("study", [{ ...a, weights: half }, b]),
        yield* fingerprintSums("study", [a, b], [a, b]),
        yield* fingerprintSums("study", [a], [a, b])
      ])
      // Equal weights of 1 are what no weights are.
      assert.strictEqual(
        yield* fingerprintSums("study", [{ ...a, weights: Float32Array.of(1, 1) }]),
        yield* fingerprintSums("study", [a])
      )
    })
  )
})

describe("subjectsOfFiles", () => {
  it("counts consecutive subjects of the same file", () => {
    const connectome = memoryConnectome({ subjects: 6, timePoints: 3, voxels: 1 })
    const files = ["a", "a", "b", "a", "c", "c"]
    const subjects = connectome.subjects.map((subject, index) => ({ ...subject, file: files[index]! }))
    assert.deepStrictEqual(subjectsOfFiles({ ...connectome, subjects }), [2, 1, 1, 2])
  })
})
