import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { checkComparison, readCompared } from "../../../pipelines/group-network-mapping/planComparison.ts"
import { makeManifest } from "../../../src/output/Manifest.ts"
import { cohortGrid } from "../../support/madeUpCohort.ts"

const folder = mkdtempSync(join(tmpdir(), "lnm-compared-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const planned = (names: ReadonlyArray<string>, grid = cohortGrid, space = "MNI152NLin6Asym") => ({
  cohort: { patients: [], maps: [], grid, space },
  contrasts: names.map((name) => ({ config: { name } }))
})

const messageOf = <A, E extends { readonly message: string }>(effect: Effect.Effect<A, E>) =>
  Effect.runPromise(Effect.flip(effect)).then(({ message }) => message)

describe("the plan of a comparison", () => {
  it("refuses another grid and another space", async () => {
    const moved = { shape: cohortGrid.shape, affine: cohortGrid.affine.map((value, k) => value + (k === 3 ? 1 : 0)) }
    const other = planned(["a"], moved as unknown as typeof cohortGrid)
    assert.include(
      await messageOf(checkComparison("there", planned(["a"]), other)),
      "compare: there: its maps lie on another grid"
    )
    const elsewhere = planned(["a"], cohortGrid, "MNI152NLin2009cAsym")
    assert.include(
      await messageOf(checkComparison("there", planned(["a"]), elsewhere)),
      "its maps are in MNI152NLin2009cAsym, and those of this analysis in MNI152NLin6Asym"
    )
  })

  it("refuses the folder of another pipeline", async () => {
    const config = { pipeline: "functional-network-mapping" }
    const manifest = makeManifest({
      config,
      config_files: [],
      plan: { subjects: 0, lesions: 0, passes: 0, predicted_peak_bytes: 0 },
      backend: { name: "group", arithmetic: "fast", workers: 1, steps: [] },
      warnings: [],
      left_out: { lesions: [], subjects: [] },
      lesions_of_other_runs: 0,
      wall_seconds: 0,
      inputs: [],
      outputs: [{ path: "x", bytes: 0, sha256: "" }],
      lesions: []
    })
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest))
    const message = await messageOf(readCompared(folder, join(folder, "out")))
    assert.include(message, "its manifest is not of group-network-mapping")
  })
})
