/** `lnm demo --cohort`: the network that was planted is found; where labels are shuffled nothing is. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parse } from "yaml"
import { loadAnyConfig } from "../../pipelines/registry.ts"
import { demoDataIn } from "../../src/demo/DemoData.ts"
import { networkNames } from "../../src/demo/Network.ts"
import { recoveryOf } from "../../src/demo/plantedRecovery.ts"
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import { readVolume } from "../../src/imaging/nifti/readVolume.ts"
import { codeLinesOf, pageOf } from "../docs/pages.ts"
import { lnmHereSucceeds } from "../support/lnmHere.ts"
import { repository } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeFile } from "../support/tinyStudy.ts"

const config = join(repository, "configs/group-network-mapping.yaml")

const valuesOf = async (file: string) => (await Effect.runPromise(readVolume(file))).values

const mapIn = (folder: string, contrast: string, statistic: string) =>
  valuesOf(join(folder, `space-MNI152NLin6Asym_desc-${contrast}_stat-${statistic}_statmap.nii.gz`))

/** The table with the cells of a column in another order, within each site. */
const shuffled = (table: string, column: string, seed: number): string => {
  const [header, ...rows] = table
    .trim()
    .split("\n")
    .map((line) => line.split("\t"))
  const [at, site] = [header!.indexOf(column), header!.indexOf("site")]
  const random = new Xoshiro128(seed, 0)
  for (const own of Map.groupBy(rows, (row) => row[site]).values()) {
    for (let left = own.length - 1; left > 0; left--) {
      const other = Math.floor((left + 1) * random.nextUniform())
      const [a, b] = [own[left]!, own[other]!]
      ;[a[at], b[at]] = [b[at]!, a[at]!]
    }
  }
  return `${[header!, ...rows].map((row) => row.join("\t")).join("\n")}\n`
}

describe("the demo's cohort", () => {
  const folder = scratchFolder()
  const data = demoDataIn(join(folder, "demo-data"))

  it("leads to the planted network, and to nothing with shuffled labels", { timeout: 300_000 }, async () => {
    const { stdout, stderr } = await lnmHereSucceeds(["demo", "--cohort", folder, "--progress", "off"])
    assert.strictEqual(stderr, "", "the demo has no warnings")
    const group = join(folder, "cohort-group")
    const networks = await valuesOf(data.networks)
    for (const contrast of ["neglect", "cancellation"]) {
      const recovery = recoveryOf(networks, await mapIn(group, contrast, "t"), await mapIn(group, contrast, "pfwe"))
      assert.isAtLeast(recovery.dice, 0.5, contrast)
      if (contrast === "neglect") assert.include(stdout, `a Dice of ${recovery.dice.toFixed(2)}`)
    }
    // docs/group.md shows what the demo says, and says where its values below 0 lie.
    const [t, corrected] = [await mapIn(group, "cancellation", "t"), await mapIn(group, "cancellation", "pfwe")]
    const below = [...t.keys()].filter((v) => t[v]! < 0 && corrected[v]! < 0.05)
    const attention = below.filter((v) => networks[v] === networkNames.indexOf("DorsalAttention") + 1)
    assert.isAbove(attention.length, below.length / 2)
    const said = /^The contrast neglect found .*$/m.exec(stdout)![0]
    assert.include(codeLinesOf(pageOf("docs/group.md")), said)
    const table = readFileSync(data.cohortTable, "utf8")
    const shown = codeLinesOf(pageOf("docs/group.md")).filter((line) => line.startsWith("sub-"))
    assert.isAbove(shown.length, 2)
    for (const line of shown) assert.include(table, `\n${line.replaceAll(/ +/g, "\t")}\n`)

    const told = stdout.match(/\/\S+$/gm)!
    assert.isAbove(told.length, 3)
    for (const file of told) assert.isTrue(existsSync(file), file)

    const participants = writeFile(join(folder, "shuffled.tsv"), shuffled(table, "neglect", 1))
    assert.notStrictEqual(readFileSync(participants, "utf8"), table)
    const [contrast] = parse(readFileSync(config, "utf8")).contrasts
    const shuffledConfig = writeFile(
      join(folder, "shuffled.yaml"),
      JSON.stringify({
        pipeline: "group-network-mapping",
        maps: { path: "cohort-maps" },
        participants: "shuffled.tsv",
        contrasts: [{ ...contrast, permutations: 999 }],
        output: { path: "shuffled" }
      })
    )
    await lnmHereSucceeds(["run", shuffledConfig, "--progress", "off"])
    const p = await mapIn(join(folder, "shuffled"), "neglect", "pfwe")
    assert.isAtLeast(Math.min(...new Set(p)), 0.05)
  })

  it("lies where configs/group-network-mapping.yaml looks for it", async () => {
    const { config: group } = await Effect.runPromise(loadAnyConfig(config))
    const ours = group as { maps: { path: string }; participants: string; output: { path: string } }
    const demo = join(repository, "demo-output")
    assert.strictEqual(ours.maps.path, join(demo, "cohort-maps"))
    assert.strictEqual(ours.participants, demoDataIn(join(demo, "demo-data")).cohortTable)
    assert.strictEqual(ours.output.path, join(demo, "cohort-group"))
  })
})
