/** A run that is killed, and then one that is interrupted, are gone on with: from the tiles that they had, to the same files. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { assert, describe, it } from "@effect/vitest"
import { Xoshiro128 } from "../../../src/demo/Xoshiro128.ts"
import { encodeNifti } from "../../../src/imaging/nifti/writeNifti.ts"
import { lnmHereSucceeds } from "../../support/lnmHere.ts"
import { groupConfig } from "../../support/madeUpCohort.ts"
import { startLnm } from "../../support/runLnm.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const folder = scratchFolder()

/** Seven tiles, and few enough patients for float64, so that a tile takes a while. */
const grid = { shape: [30, 30, 30], affine: [4, 0, 0, -60, 0, 4, 0, -60, 0, 0, 4, -60, 0, 0, 0, 1] } as const
const [patients, tiles] = [16, 7]

const writeCohort = (here: string): string => {
  mkdirSync(here)
  const random = new Xoshiro128(5, 0)
  const [maps, people] = [["participant_id\tmap"], ["participant_id\taphasia"]]
  for (let n = 0; n < patients; n++) {
    const values = new Float32Array(30 ** 3)
    random.fillGaussian(values)
    const name = `sub-${n}_space-MNI152NLin6Asym_stat-z_statmap.nii`
    writeFileSync(join(here, name), encodeNifti({ grid, space: "MNI152NLin6Asym", values }))
    maps.push(`sub-${n}\t${name}`)
    people.push(`sub-${n}\t${n % 2}`)
  }
  writeFileSync(join(here, "maps.tsv"), `${maps.join("\n")}\n`)
  writeFileSync(join(here, "participants.tsv"), `${people.join("\n")}\n`)
  const config = `${groupConfig("{ name: aphasia, of: aphasia, permutations: 1000 }")}checkpoint: { every: 0s }\n`
  writeFileSync(join(here, "group.yaml"), config)
  return join(here, "group.yaml")
}

/** Manifest and report say how long the run took. */
const resultsIn = (out: string) =>
  readdirSync(out)
    .filter((name) => !["manifest.json", "report.html"].includes(name))
    .map((name) => [name, readFileSync(join(out, name), "base64")])

describe("lnm run of group-network-mapping, interrupted", () => {
  it("goes on with the tiles that were finished, and gives the same files", { timeout: 120_000 }, async () => {
    const config = writeCohort(join(folder, "cohort"))
    const [whole, stopped] = [join(folder, "whole"), join(folder, "stopped")]
    await lnmHereSucceeds(["run", config, "--output", whole, "--progress", "off"])
    const pieces = join(stopped, ".lnm/pieces")
    const written = () =>
      existsSync(pieces)
        ? readdirSync(pieces, { recursive: true }).filter((name) => String(name).endsWith(".piece"))
        : []

    let before = 0
    for (const signal of ["SIGKILL", "SIGINT"] as const) {
      const run = startLnm(["run", config, "--output", stopped, "--set", "compute.workers=1", "--progress", "plain"])
      let hasEnded = false
      const ended = run.ended.finally(() => {
        hasEnded = true
      })
      while (written().length === before && !hasEnded) await sleep(5)
      run.child.kill(signal)
      const { code, stderr } = await ended
      assert.strictEqual(code, signal === "SIGINT" ? 130 : null, stderr)
      assert.include(stderr, `contrast aphasia: 0/${tiles} tiles`)
      if (signal === "SIGINT") assert.include(stderr, "run the same command again to go on from there")
      assert.isAbove(written().length, before)
      assert.isBelow(written().length, tiles)
      assert.isFalse(existsSync(join(stopped, "manifest.json")))
      before = written().length
    }
    await lnmHereSucceeds(["run", config, "--output", stopped, "--progress", "off"])
    assert.deepStrictEqual(resultsIn(stopped), resultsIn(whole))
    assert.strictEqual(JSON.parse(readFileSync(join(stopped, "manifest.json"), "utf8")).resumes, 2)
    assert.notProperty(JSON.parse(readFileSync(join(whole, "manifest.json"), "utf8")), "resumes")
    assert.isFalse(existsSync(join(stopped, ".lnm")))
  })
})
