import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openHdf5Connectome } from "../../src/connectome/hdf5/Hdf5Connectome.ts"
import { Checksums } from "../../src/output/Checksums.ts"
import { fingerprintStudy, fingerprintSums, type StudyMethod, subjectsOfFiles } from "../../src/output/fingerprints.ts"
import { memoryConnectome } from "../support/memoryConnectome.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { storesIn } from "../support/storesIn.ts"
import { writeHdf5 } from "../support/tinyConnectome.ts"

const scratch = scratchFolder()
const stored = storesIn(scratch)

const method: StudyMethod = {
  method: { name: "boes" },
  invalid: "zero",
  stages: ["ingest", "seed", "correlate", "fisherZ", "reduce"],
  arithmetic: "fast",
  fused: true,
  fractionBits: 40
}

const options = { subjects: 4, timePoints: [9, 9, 8, 9], voxels: 12 }

const ofMemory = (changed: Partial<Parameters<typeof memoryConnectome>[0]> = {}, how: StudyMethod = method) =>
  fingerprintStudy(memoryConnectome({ ...options, ...changed }), how).pipe(Effect.provide(Checksums.layerUncached))

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
        yield* ofMemory({}, { ...method, stages: [...method.stages.toSpliced(4, 0, "winsorise")] }),
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
      const fingerprintOf = (folder: string) =>
        Effect.flatMap(openHdf5Connectome(join(scratch, folder)), (connectome) =>
          fingerprintStudy(connectome, method)
        ).pipe(Effect.scoped, Effect.provide(Checksums.layerUncached))
      const at = (folder: string, names: readonly [string, string], subjects = [0, 3]) =>
        Effect.gen(function* () {
          for (const [n, name] of names.entries()) {
            const file = join(scratch, folder, name)
            yield* Effect.promise(() => writeHdf5(file, { firstSubject: subjects[n]!, subjects: 3 }))
          }
          return yield* fingerprintOf(folder)
        })
      const one = yield* at("here", ["a.h5", "b.h5"])
      // Copies: HDF5 files that are written a second later hold another time.
      mkdirSync(join(scratch, "elsewhere"))
      copyFileSync(join(scratch, "here", "a.h5"), join(scratch, "elsewhere", "first.h5"))
      copyFileSync(join(scratch, "here", "b.h5"), join(scratch, "elsewhere", "second.h5"))
      assert.strictEqual(yield* fingerprintOf("elsewhere"), one)
      everyOneOther([one, yield* at("turned", ["b.h5", "a.h5"]), yield* at("other", ["a.h5", "b.h5"], [0, 4])])
    })
  )

  it.effect("knows a store by the checksums of its chunk files, and reads none of these", () =>
    Effect.gen(function* () {
      const source = memoryConnectome(options)
      const fingerprint = (connectome: Parameters<typeof fingerprintStudy>[0]) =>
        fingerprintStudy(connectome, method).pipe(Effect.provide(Checksums.layerUncached))
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
