import { mkdirSync, readFileSync } from "node:fs"
import { basename, join, matchesGlob } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { contentOf, isTimed } from "../support/folderContent.ts"
import { lnmHere } from "../support/lnmHere.ts"
import { lnm } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
let study: TinyStudy

/** Rows of a table, by column. */
const rowsOf = (file: string): ReadonlyArray<Readonly<Record<string, string>>> => {
  const [header = [], ...rows] = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split("\t"))
  return rows.map((row) => Object.fromEntries(header.map((name, column) => [name, row[column]!])))
}

/** Every output but the manifest, which says when and by how many workers. */
const maps = (folder: string) => contentOf(folder, (file) => !isTimed(file))

const run = (output: string, ...more: ReadonlyArray<string>) =>
  lnm([
    "run",
    study.config,
    "--set",
    "method=pini",
    "--set",
    "statistics.matrix=true",
    "--progress",
    "off",
    "--output",
    join(scratch, output),
    ...more
  ])

describe("lnm run, method pini", () => {
  beforeAll(async () => {
    mkdirSync(join(scratch, "study"), { recursive: true })
    study = await writeTinyStudy(join(scratch, "study"), { subjects: 9, files: 2 })
  })

  it("writes the seed of each lesion, counts its voxels, and says in the sidecars how it was made", async () => {
    const ran = await run("whole")
    assert.strictEqual(ran.code, 0, ran.stderr)
    const folder = join(scratch, "whole")
    const rows = rowsOf(join(folder, "summary.tsv"))
    assert.strictEqual(rows.length, 4)
    for (const { mask_voxels, seed_voxels } of rows) {
      assert.strictEqual(Number(seed_voxels), Number(mask_voxels) - Math.ceil(0.2 * (Number(mask_voxels) - 1)))
    }
    const stem = join(folder, "sub-001", "sub-001_space-MNI152NLin6Asym_label-lesion_desc-pini")
    const sidecar = JSON.parse(readFileSync(`${stem}seed_mask.json`, "utf8"))
    const ofMap = JSON.parse(readFileSync(`${stem}_stat-r_statmap.json`, "utf8"))
    for (const { Method, PiniPercentile, PiniScope, SeedVoxels } of [sidecar, ofMap]) {
      assert.deepStrictEqual(
        [Method, PiniPercentile, PiniScope, SeedVoxels],
        ["pini", 20, "connectome", Number(rows[0]!.seed_voxels)]
      )
    }
    const verified = await lnmHere(["verify", folder])
    assert.strictEqual(verified.code, 0, verified.stderr)
  })

  it("gives the same bytes for any batch size, chunk size and number of workers", async () => {
    const cut = ["--workers", "1", "--set", "lesions.batch_size=1", "--set", "compute.subjects_per_chunk=2"]
    const ran = await run("cut", ...cut)
    assert.strictEqual(ran.code, 0, ran.stderr)
    const expected = maps(join(scratch, "whole"))
    assert.deepStrictEqual(maps(join(scratch, "cut")), expected)
    assert.isAbove(Object.keys(expected).length, 4 * 7)
  })

  it("writes a matrix of every lesion with every other, symmetrical, whatever the batch", () => {
    for (const statistic of ["r", "z"]) {
      const rows = rowsOf(join(scratch, "cut", `desc-pini_stat-${statistic}_relmat.tsv`))
      const lesions = rows.map(({ lesion }) => lesion!)
      assert.deepStrictEqual(
        lesions,
        rowsOf(join(scratch, "cut", "summary.tsv")).map(({ lesion }) => lesion!)
      )
      for (const [l, row] of rows.entries()) {
        assert.deepStrictEqual(Object.keys(row), ["lesion", ...lesions])
        for (const [m, name] of lesions.entries()) {
          assert.strictEqual(row[name], rows[m]![lesions[l]!])
          if (l !== m) assert.isBelow(Math.abs(Number(row[name])), 0.9)
          else assert.closeTo(Number(row[name]), statistic === "r" ? 1 : 8.317766, 1e-6)
        }
      }
    }
  })

  it("describes the dataset by both papers, and tells validators of the matrix", () => {
    const folder = join(scratch, "whole")
    const description = JSON.parse(readFileSync(join(folder, "dataset_description.json"), "utf8"))
    assert.deepStrictEqual(description.ReferencesAndLinks, [
      "https://doi.org/10.1093/braincomms/fcab259",
      "https://doi.org/10.1093/brain/awv228"
    ])
    const patterns = readFileSync(join(folder, ".bidsignore"), "utf8").trimEnd().split("\n")
    const matrices = Object.keys(maps(folder)).filter((file) => file.includes("relmat"))
    assert.strictEqual(matrices.length, 4)
    for (const file of matrices) assert.isTrue(patterns.some((pattern) => matchesGlob(basename(file), pattern)))
  })

  it("plans to read the connectome twice", async () => {
    const [boes, pini] = await Promise.all([
      lnmHere(["plan", study.config, "--json"]),
      lnmHere(["plan", study.config, "--json", "--set", "method=pini"])
    ])
    const bytes = [boes, pini].map(({ stdout }) => JSON.parse(stdout).bytes_to_read)
    assert.strictEqual(bytes[1], 2 * bytes[0])
  })

  it("refuses a component over files of one subject, before anything is computed", async () => {
    const single = await writeTinyStudy(join(scratch, "single"), { subjects: 3, files: 2 })
    const ran = await lnmHere(["run", single.config, "--set", "method=pini", "--set", "pini_scope=file"])
    assert.strictEqual(ran.code, 2)
    assert.match(ran.stderr, /part-1\.h5 there is only one\. Set pini_scope to connectome/)
  })
})
