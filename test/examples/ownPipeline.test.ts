import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { effectSizeEntry } from "../../examples/ownPipeline.ts"
import { registry } from "../../pipelines/registry.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { repository } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { lesionCentres, type TinyStudy, writeConfig, writeTinyStudy } from "../support/tinyStudy.ts"

const subjects = 6

const rowsOf = (file: string): ReadonlyArray<Readonly<Record<string, string>>> => {
  const [header, ...rows] = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"))
  return rows.map((cells) => Object.fromEntries(cells.map((cell, n) => [header![n]!, cell])))
}

describe("the example with a pipeline and a statistic of its own", () => {
  const folder = scratchFolder()
  const pipelines = [...registry, effectSizeEntry]
  let study: TinyStudy
  let config: string

  beforeAll(async () => {
    study = await writeTinyStudy(folder, { subjects })
    const output = { path: "effects" }
    config = writeConfig(join(folder, "effects.yaml"), { pipeline: "effect-size", ...study.keys, large: 0.8, output })
    await lnmHereSucceeds(["run", study.config, "--progress", "off"])
  })

  /** d is t/√n: the largest |t| of each lesion is in the summary of its maps. */
  const assertEffectSizes = (output: string) => {
    const [found, expected] = [rowsOf(join(output, "effect-sizes.tsv")), rowsOf(join(study.output, "summary.tsv"))]
    assert.strictEqual(found.length, lesionCentres.length)
    for (const [n, { lesion, t_min, t_max }] of expected.entries()) {
      const largest = Math.max(Math.abs(Number(t_min)), Math.abs(Number(t_max))) / Math.sqrt(subjects)
      assert.strictEqual(found[n]!.lesion, lesion)
      assert.closeTo(Number(found[n]!.d_max), largest, 1e-3 * largest + 5e-4)
      assert.isAbove(Number(found[n]!.large_voxels), 0)
    }
  }

  it("plans and runs what its own config asks for", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(repository, "examples/ownPipeline.ts"),
      config
    ])
    assert.match(stdout, /^4 lesions × 6 subjects × \d+ voxels\neffect sizes of 4 lesions over 6 subjects: /)
    assertEffectSizes(join(folder, "effects"))
  })

  it("still runs the pipelines of the package", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(repository, "examples/ownPipeline.ts"),
      study.config
    ])
    assert.match(stdout, /^connectome {2}/)
    assert.include(stdout, `maps: ${study.output}`)
  })

  it("is run, planned, checked and described by the command that is given it", async () => {
    const output = join(folder, "by-command")
    await lnmHereSucceeds(["run", config, "--output", output, "--progress", "off"], { pipelines })
    assertEffectSizes(output)
    const { stdout } = await lnmHereSucceeds(["plan", config, "--json"], { pipelines })
    assert.deepInclude(JSON.parse(stdout), { lesions: 4, subjects })
    const wrong = await lnmHere(["plan", config, "--set", "larg=1"], { pipelines })
    assert.strictEqual(wrong.code, 2)
    assert.match(wrong.stderr, /larg is no known key; did you mean large/)
    assert.include((await lnmHereSucceeds(["schema"], { pipelines })).stdout, "|d| from which a voxel counts")
  })

  it("is not known to a command that is not given it, which names those it knows", async () => {
    const { code, stderr } = await lnmHere(["plan", config])
    assert.strictEqual(code, 2)
    assert.match(
      stderr,
      /expected functional-network-mapping or prepare-connectome or group-network-mapping, got "effect-size"/
    )
  })
})
