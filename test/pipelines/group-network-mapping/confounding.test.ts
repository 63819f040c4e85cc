/** A symptom that has nothing to do with the maps but goes with something that does: found without the covariate, not found with it. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readVolume } from "../../../src/imaging/nifti/readVolume.ts"
import { lnmHereSucceeds } from "../../support/lnmHere.ts"
import { groupConfig, planted, writeCohort } from "../../support/madeUpCohort.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const patients = 64

/** What moves the maps: the kind of the stroke. */
const kind = (n: number) => n % 2

/** The symptom, of seven in eight patients as the kind of the stroke would have it, and of the others the other way round. */
const symptom = (n: number) => ((n >> 1) % 8 === 0 ? 1 - kind(n) : kind(n))

const significant = async (folder: string, contrast: string): Promise<ReadonlyArray<number>> => {
  const file = join(folder, `out/space-MNI152NLin6Asym_desc-${contrast}_stat-pfwe_statmap.nii.gz`)
  const { values } = await Effect.runPromise(readVolume(file))
  return [...values.keys()].filter((v) => values[v]! < 0.05)
}

describe("a confounded design", () => {
  const folder = scratchFolder()

  it("finds what the confounder does where it is left out, and nothing where it is a covariate", {
    timeout: 60_000
  }, async () => {
    writeCohort(folder, { patients })
    const rows = Array.from(
      { length: patients },
      (_, n) => `sub-${n}\t${symptom(n)}\t${["ischaemia", "bleeding"][kind(n)]}`
    )
    writeFileSync(join(folder, "participants.tsv"), ["participant_id\tsymptom\tstroke", ...rows, ""].join("\n"))
    const config = join(folder, "group.yaml")
    writeFileSync(
      config,
      groupConfig(`{ name: plain, of: symptom, permutations: 999 }
  - { name: adjusted, of: symptom, covariates: [stroke], permutations: 999 }`)
    )
    await lnmHereSucceeds(["run", config])
    const found = await significant(folder, "plain")
    assert.isAtLeast(found.filter((v) => planted.includes(v)).length, planted.length / 2)
    assert.deepStrictEqual(await significant(folder, "adjusted"), [])
    assert.match(readFileSync(join(folder, "out/contrasts.tsv"), "utf8"), /^adjusted\tsymptom\t64\t/m)
  })
})
