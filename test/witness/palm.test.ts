/**
 * Holds the export for PALM and FSL against NumPy, which reads it as these do and tests the contrast anew. Where Python or a package is
 * missing, that test is skipped with the reason; under CI that is a failure.
 */
import { execFile } from "node:child_process"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { lnmHereSucceeds } from "../support/lnmHere.ts"
import { cohortGrid, empty, groupConfig, writeCohort } from "../support/madeUpCohort.ts"
import { readMap } from "../support/readMap.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const folder = scratchFolder()

/** Debian's Python, whose packages `.ci/run` installs. */
const python = "/usr/bin/python3"

const runPython = (...programArguments: ReadonlyArray<string>) =>
  promisify(execFile)(python, ["-B", ...programArguments]).catch((cause: Error) => ({
    stdout: `failed: ${cause.message}`
  }))

/** A cohort with sites and a row without age, exported. */
const exported = async (name: string, contrast: string) => {
  const here = join(folder, name)
  const maps = writeCohort(here, { patients: 30 })
  const people = readFileSync(join(here, "participants.tsv"), "utf8").trimEnd().split("\n")
  const rows = people.map((row, n) => (n === 0 ? `${row}\tsite` : `${row}\t${["north", "south", "west"][n % 3]}`))
  writeFileSync(join(here, "participants.tsv"), `${rows.join("\n").replace(/(sub-4\t\d)\t\d+/, "$1\tn/a")}\n`)
  const config = join(here, "group.yaml")
  writeFileSync(config, groupConfig(contrast).replace("{ path: out }", "{ path: out, palm: true }"))
  const { stderr } = await lnmHereSucceeds(["run", config])
  return { here, maps, config, stderr, out: join(here, "out"), palm: join(here, "out", "palm", "aphasia") }
}

const withBlocks =
  "{ name: aphasia, of: aphasia, covariates: [age], blocks: site, permutations: 999, tfce: true, clusters: false, missing: drop, seed: 2 }"

describe("the export for PALM and FSL", () => {
  it("is what NumPy finds the same t and p in", { timeout: 120_000 }, async (context) => {
    const { out, palm } = await exported("witness", withBlocks)
    const found = await runPython("-c", "import nibabel, numpy")
    if (found.stdout.startsWith("failed")) {
      if (process.env.CI !== undefined) assert.fail(found.stdout)
      return context.skip(found.stdout)
    }
    const [t, pfwe] = ["t", "pfwe"].map((name) =>
      join(out, `space-MNI152NLin6Asym_desc-aphasia_stat-${name}_statmap.nii.gz`)
    )
    const differences = () =>
      runPython(join(import.meta.dirname, "palm.py"), palm, t!, pfwe!).then(({ stdout }) => stdout)
    assert.strictEqual(await differences(), "")
    // A witness that notices nothing would agree too.
    const design = readFileSync(join(palm, "design.csv"), "utf8")
    writeFileSync(join(palm, "design.csv"), design.replace(/^0,1,/, "1,1,"))
    const wrong = await differences()
    assert.include(wrong, "design.mat is not design.csv")
    assert.include(wrong, "t differs")
  })

  it("holds the maps of the patients that take part, in the order of their list", { timeout: 60_000 }, async () => {
    const { out, palm, maps } = await exported("maps", withBlocks)
    const { values } = readMap(join(palm, "maps.nii.gz"))
    const listed = readFileSync(join(palm, "participants.txt"), "utf8").trimEnd().split("\n")
    assert.deepStrictEqual(
      listed,
      Array.from({ length: 30 }, (_, n) => `sub-${n}`).filter((patient) => patient !== "sub-4")
    )
    assert.strictEqual(values.length, 29 * 720)
    for (const [row, patient] of listed.entries()) {
      const own = maps[Number(patient.slice(4))]!.map((z, v) => (v === empty ? 0 : z))
      assert.deepStrictEqual(values.slice(720 * row, 720 * (row + 1)), own)
    }
    assert.deepStrictEqual(
      readMap(join(palm, "mask.nii.gz")).values,
      Uint8Array.from({ length: 720 }, (_, v) => (v === empty ? 0 : 1))
    )
    assert.deepStrictEqual(readMap(join(palm, "mask.nii.gz")).affine, cohortGrid.affine.slice(0, 12))
    const readme = readFileSync(join(palm, "README"), "utf8")
    assert.include(readme, "-d design.csv -t con.csv -eb eb.csv -within -n 1000 -twotail -T")
    assert.include(readme, "-d design.mat -t design.con -e design.grp -n 1000 -x -T")
    await lnmHereSucceeds(["verify", out])
  })

  it("has variance groups for G, and no command of a program that has no such statistic", {
    timeout: 60_000
  }, async () => {
    const { palm, out, config } = await exported(
      "unequal",
      "{ name: aphasia, of: aphasia, permutations: 199, variance: unequal }"
    )
    const labels = readFileSync(join(palm, "vg.csv"), "utf8").trimEnd().split("\n")
    assert.deepStrictEqual(
      labels,
      Array.from({ length: 30 }, (_, n) => String((n % 2) + 1))
    )
    const readme = readFileSync(join(palm, "README"), "utf8")
    assert.include(readme, "-vg vg.csv")
    assert.notInclude(readme, "randomise -i")
    assert.isFalse(existsSync(join(palm, "eb.csv")))
    // Without the export, the next run into the folder leaves nothing of it.
    await lnmHereSucceeds(["run", config, "--set", "output.palm=false"])
    assert.notInclude(readdirSync(out), "palm")
  })

  it("says where a contrast takes ranks, which the other programs do not", { timeout: 60_000 }, async () => {
    const contrast = "{ name: aphasia, of: age, permutations: 199, missing: drop, ranks: true }"
    const { stderr, palm } = await exported("ranks", contrast)
    assert.include(stderr, "contrast aphasia takes ranks, and PALM and FSL take none of maps")
    assert.include(readFileSync(join(palm, "README"), "utf8"), "neither program ranks them")
  })
})
