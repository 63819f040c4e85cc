/** Which lesions a run takes, by its config and `--set`. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { filesIn } from "../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { lnmSucceeds } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { ballBytes, type TinyStudy, writeConfig, writeFile, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
let study: TinyStudy

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 4 })
  const rows = ["001\tleft", "002\tright", "003\tleft", "004\tright"].map((row) => `sub-${row}\n`)
  writeFile(join(study.folder, "lesions/participants.tsv"), `participant_id\tside\n${rows.join("")}`)
})

const plannedLesions = async (config: string, ...set: ReadonlyArray<string>): Promise<number> => {
  const { stdout } = await lnmHereSucceeds(["plan", config, "--json", ...set.flatMap((value) => ["--set", value])])
  return JSON.parse(stdout).lesions
}

describe("the lesions of a run", () => {
  it("are those that the config selects, and the manifest lists the table that decided", async () => {
    const config = writeConfig(join(study.folder, "left.yaml"), {
      pipeline: "functional-network-mapping",
      ...study.keys,
      lesions: { ...study.keys.lesions, participant: "00[1-3]", where: { side: "left" } },
      output: { path: "left" }
    })
    await lnmSucceeds(["run", config])
    const output = join(study.folder, "left")
    const participants = new Set(filesIn(output).flatMap((file) => /^sub-\w+/.exec(file)?.[0] ?? []))
    assert.deepStrictEqual([...participants], ["sub-001", "sub-003"])
    const { inputs } = JSON.parse(readFileSync(join(output, "manifest.json"), "utf8"))
    assert.include(
      inputs.map(({ path }: { readonly path: string }) => path),
      join(study.folder, "lesions/participants.tsv")
    )
  })

  it("come from several paths where the config lists them, a file in two of them once", async () => {
    const more = join(study.folder, "more/sub-900_label-lesion_mask.nii.gz")
    writeFile(more, ballBytes([4, 4, 4], 1))
    const config = writeConfig(join(study.folder, "several.yaml"), {
      pipeline: "functional-network-mapping",
      ...study.keys,
      lesions: { path: ["lesions", more, "more"] }
    })
    assert.strictEqual(await plannedLesions(config), 5)
    assert.strictEqual(await plannedLesions(config, 'lesions.participant="900"'), 1)
    assert.strictEqual(await plannedLesions(config, 'lesions.participant=["900", "00*"]', "lesions.label=lesion"), 5)
  })

  it("can be selected by a column with --set, which refuses a wrong one", async () => {
    assert.strictEqual(await plannedLesions(study.config, "lesions.where.side=right"), 2)
    const wrong = await lnmHere(["plan", study.config, "--set", "lesions.where.sid=right"])
    assert.strictEqual(wrong.code, 2)
    assert.match(wrong.stderr, /no column sid \(did you mean side\?\)/)
  })

  it("can be selected by labels without quotes, which YAML takes for numbers", async () => {
    assert.strictEqual(await plannedLesions(study.config, "lesions.participant=001"), 1)
    assert.strictEqual(await plannedLesions(study.config, "lesions.participant=[002, 003]"), 2)
    const config = writeFile(
      join(study.folder, "unquoted.yaml"),
      readFileSync(study.config, "utf8").replace("path: lesions", "path: lesions\n  participant:\n    - 001\n    - 004")
    )
    assert.strictEqual(await plannedLesions(config), 2)
  })
})
