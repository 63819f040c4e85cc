import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeManifest, manifestName, readManifest } from "../../src/output/Manifest.ts"
import { temporaryFolder, writeBytes } from "../support/niftiBytes.ts"

const { format_version, backend, ...common } = makeManifest({
  config_files: [],
  left_out: { lesions: [], subjects: [] },
  lesions_of_other_runs: 0,
  config: {},
  plan: { subjects: 24, lesions: 6, passes: 1, predicted_peak_bytes: 3e8 },
  backend: { name: "WebAssembly", arithmetic: "fast", workers: 2, steps: [{ name: "ingest" }] },
  warnings: [],
  wall_seconds: 12.5,
  inputs: [{ path: "/data/a.h5", bytes: 2, method: "sha256", sha256: "11" }],
  outputs: [{ path: "a.nii.gz", bytes: 1, sha256: "00" }],
  lesions: []
})

/** Before version 3 no method was named. */
const inputs = common.inputs.map(({ method, ...input }) => input)

const reading = (manifest: unknown) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    yield* writeBytes(join(folder, manifestName), JSON.stringify(manifest))
    return yield* readManifest(folder)
  })

describe("manifests of other versions", () => {
  for (const [kernels, name] of [
    ["WebAssembly", "WebAssembly"],
    ["TypeScript", "plain"]
  ]) {
    it.effect(`the first version is read, its engine as a backend: ${kernels}`, () =>
      Effect.gen(function* () {
        const read = yield* reading({ ...common, inputs, engine: { kernels, arithmetic: "strict", workers: 3 } })
        const expected = { name, arithmetic: "strict", workers: 3, steps: [] }
        assert.deepStrictEqual(read, { ...common, format_version, backend: expected } as typeof read)
      })
    )
  }

  it.effect("the second version is read, its inputs as hashed whole", () =>
    Effect.gen(function* () {
      const read = yield* reading({ ...common, inputs, backend, format_version: 2 })
      assert.deepStrictEqual(read, { ...common, format_version, backend } as typeof read)
      for (const wrong of [{ inputs: 7 }, { inputs: [7] }, { inputs: [{ path: "/data/a.h5" }] }]) {
        const refused = yield* Effect.flip(reading({ ...common, ...wrong, backend, format_version: 2 }))
        assert.match(refused.message, /damaged: .*inputs/)
      }
    })
  )

  it.effect("a later version is refused as one, and not called damaged", () =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(reading({ ...common, format_version: format_version + 1, stages: [] }))
      assert.include(message, `its manifest.json is of version ${format_version + 1}, and this lnm`)
      assert.notInclude(message, "damaged")
    })
  )

  it.effect("one of before subjects that were left out were told has none", () =>
    Effect.gen(function* () {
      for (const left_out of [{ lesions: [] }, undefined]) {
        const read = yield* reading({ ...common, backend, format_version, left_out })
        assert.deepStrictEqual(read.left_out, { lesions: [], subjects: [] })
      }
    })
  )

  it.effect("one without a version that is not like the first is damaged", () =>
    Effect.gen(function* () {
      for (const wrong of [{ ...common, backend }, common, { ...common, engine: "fast" }, null, 7]) {
        assert.include((yield* Effect.flip(reading(wrong))).message, "damaged")
      }
    })
  )
})
