import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { repository } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { lesionName, writeTinyStudy } from "../support/tinyStudy.ts"

describe("the example with a stage of its own", () => {
  const folder = scratchFolder()

  it("bounds z by the limit of that stage, which the lesion's own voxels would exceed", async () => {
    const { folder: study } = await writeTinyStudy(folder, { subjects: 6 })
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(repository, "examples/winsorisedZ.ts"),
      join(study, "connectome"),
      join(study, "lesions", lesionName("001"))
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
    assert.isAbove(asItIs!.z, Math.atanh(0.5))
    assert.isAtMost(winsorised!.z, Number(Math.atanh(0.5).toFixed(3)))
    assert.isAbove(winsorised!.voxels, 0)
  })
})
