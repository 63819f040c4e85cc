import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { makeStoreIn } from "../support/preparedStores.ts"
import { repository } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { lesionName, type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

describe("the example with a stage of its own", () => {
  const folder = scratchFolder()
  let study: TinyStudy

  beforeAll(async () => {
    study = await writeTinyStudy(folder, { subjects: 6 })
  })

  const connectomes = {
    "HDF5 files": async () => join(study.folder, "connectome"),
    "a store": () =>
      makeStoreIn(study.folder, "store", {
        source: { path: join(study.folder, "connectome") },
        space: "MNI152NLin6Asym"
      })
  }

  for (const [name, connectomeIn] of Object.entries(connectomes)) {
    it(`bounds z by the limit of that stage, on the workers and without them: ${name}`, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        join(repository, "examples/winsorisedZ.ts"),
        await connectomeIn(),
        join(study.folder, "lesions", lesionName("001"))
      ])
      const rows = stdout
        .trim()
        .split("\n")
        .map((line) => /^(.+): largest \|z\| ([\d.]+), (\d+) significant voxels$/.exec(line))
      const [asItIs, winsorised, plain] = rows.map((row) => ({
        name: row![1],
        z: Number(row![2]),
        voxels: Number(row![3])
      }))
      assert.deepStrictEqual([asItIs!.name, winsorised!.name], ["as it is", "Winsorised"])
      assert.deepStrictEqual(plain, { ...winsorised!, name: "Winsorised, without workers" })
      // The lesion's own voxels exceed the limit.
      assert.isAbove(asItIs!.z, Math.atanh(0.5))
      assert.isAtMost(winsorised!.z, Number(Math.atanh(0.5).toFixed(3)))
      assert.isAbove(winsorised!.voxels, 0)
    })
  }
})
