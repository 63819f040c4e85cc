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
      const stored = Array.from({ length: 20 }, (_, i) => (i * i) % 17)
      const scan = niftiBytes({ dims: [2, 2, 1, 5], sform, stored })
      yield* writeBytes(join(folder, "mask.nii"), mask)
      for (const name of ["a.nii", "b.nii"]) yield* writeBytes(join(folder, name), scan)
      const location = { path: folder, mask: join(folder, "mask.nii"), pattern: "?.nii", space: "MNI152NLin6Asym" }
      const connectome = yield* openConnectome(location)
      assert.deepStrictEqual([connectome.kind, connectome.subjects.length, connectome.voxels], ["nifti", 2, 3])
      assert.strictEqual(connectome.space, "MNI152NLin6Asym")
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
