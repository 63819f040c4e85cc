import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openConnectome } from "../../src/connectome/openConnectome.ts"
import type { ConnectomeLocation } from "../../src/connectome/Source.ts"
import { type Hdf5Fields, writeHdf5File } from "../support/hdf5Files.ts"
import { niftiBytes, temporaryFolder, writeBytes } from "../support/niftiBytes.ts"

const fields: Hdf5Fields = { subjects: 2, timePoints: 5, voxels: 6 }

const opened = (changed: Partial<Hdf5Fields>, location: Partial<ConnectomeLocation> = {}) =>
  Effect.gen(function* () {
    const path = yield* writeHdf5File(yield* temporaryFolder, "connectome.h5", { ...fields, ...changed })
    return yield* openConnectome({ path, ...location })
  })

describe("openConnectome", () => {
  it.effect("opens HDF5 where no mask is given, and 4D NIfTI where one is", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* opened({})).kind, "hdf5")
      const folder = yield* temporaryFolder
      const sform = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]
      const mask = niftiBytes({ dims: [2, 2, 1], datatype: "uint8", sform, stored: [1, 0, 1, 1] })
      const scan = (n: number) =>
        niftiBytes({ dims: [2, 2, 1, 5], sform, stored: Array.from({ length: 20 }, (_, i) => (i * i + n) % 17) })
      yield* writeBytes(join(folder, "mask.nii"), mask)
      for (const [n, name] of ["a.nii", "b.nii"].entries()) yield* writeBytes(join(folder, name), scan(n))
      const location = { path: folder, mask: join(folder, "mask.nii"), pattern: "?.nii", space: "MNI152NLin6Asym" }
      const connectome = yield* openConnectome(location)
      assert.deepStrictEqual([connectome.kind, connectome.subjects.length, connectome.voxels], ["nifti", 2, 3])
      assert.strictEqual(connectome.space, "MNI152NLin6Asym")
    })
  )

  it.effect("refuses to average over runs of HDF5, which does not say which runs a subject has", () =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(opened({}, { runs: "average" }))
      assert.include(message, "HDF5 does not say which runs a subject has")
      assert.include(message, "Give the folder of the scans themselves")
    })
  )

  it.effect(
    "refuses a pattern of scans where no mask makes it one of NIfTI, and a file where scans are looked for",
    () =>
      Effect.gen(function* () {
        const { message } = yield* Effect.flip(opened({}, { pattern: "*_batch1.h5" }))
        assert.include(
          message,
          "`connectome.pattern` says which NIfTI files are scans, but there is no `connectome.mask`"
        )
        const folder = yield* temporaryFolder
        const mask = niftiBytes({
          dims: [1, 1, 1],
          datatype: "uint8",
          sform: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0],
          stored: [1]
        })
        const file = yield* writeBytes(join(folder, "mask.nii"), mask)
        const single = yield* Effect.flip(openConnectome({ path: file, mask: file }))
        assert.include(single.message, `${file}: it is a file, and scans are looked for in a folder.`)
      })
  )

  it.effect("takes the space from the source, or else from the config", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* opened({})).space, "MNI152NLin6Asym")
      assert.strictEqual((yield* opened({ space: null }, { space: "Other" })).space, "Other")
      assert.strictEqual((yield* opened({}, { space: "MNI152NLin6Asym" })).space, "MNI152NLin6Asym")
    })
  )

  it.effect("fails where nobody says the space, or the config another than the source", () =>
    Effect.gen(function* () {
      const unknown = yield* Effect.flip(opened({ space: null }))
      assert.strictEqual(unknown._tag, "UnknownSpace")
      assert.include(unknown.message, "connectome.space: ")
      assert.include(unknown.message, "space: MNI152NLin6Asym")
      const other = yield* Effect.flip(opened({}, { space: "MNI152NLin2009cAsym" }))
      assert.strictEqual(other._tag, "ContradictorySpace")
      assert.include(other.message, "the config says MNI152NLin2009cAsym, but ")
      assert.include(other.message, " says MNI152NLin6Asym")
    })
  )

  it.effect("fails where there is a single subject: there is no statistic over one", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(opened({ subjects: 1 }))
      assert.strictEqual(error._tag, "InvalidConnectome")
      assert.include(error.message, "it has 1 subject(s). A statistic over subjects needs at least 2.")
    })
  )

  it.effect("fails where there are more subjects than the sums are exact for", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(opened({ subjects: 100_001, timePoints: 3, voxels: 1 }))
      assert.strictEqual(error._tag, "InvalidConnectome")
      assert.include(error.message, "100001 subjects, more than 100000")
    })
  )
})
