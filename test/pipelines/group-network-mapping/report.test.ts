/** The report of a group's run in its place: made by the run and by `lnm report`, listed in the manifest, and never in the way of the results. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { encodeNifti } from "../../../src/imaging/nifti/writeNifti.ts"
import type { Manifest } from "../../../src/output/Manifest.ts"
import { lnmHere, lnmHereSucceeds } from "../../support/lnmHere.ts"
import { cohortGrid, groupConfig, writeCohort } from "../../support/madeUpCohort.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const scratch = scratchFolder()

const contrast = "{ name: aphasia, of: aphasia, covariates: [age], permutations: 99, seed: 5 }"

/** A cohort with its config, in a folder of its own. */
const made = (name: string, more = "") => {
  const folder = join(scratch, name)
  writeCohort(folder, { patients: 30 })
  const config = join(folder, "group.yaml")
  writeFileSync(config, `${groupConfig(contrast)}${more}`)
  return { folder, config, output: join(folder, "out"), page: join(folder, "out", "report.html") }
}

const manifestOf = (output: string): Manifest =>
  JSON.parse(readFileSync(join(output, "manifest.json"), "utf8")) as Manifest

/** A page without what depends on the time and the memory of a run. */
const timeless = (page: string): string =>
  readFileSync(page, "utf8")
    .replace(/<section aria-labelledby="time-title">.*?<\/section>/s, "")
    .replace(/<dt>(time|memory at the peak)<\/dt><dd>[^<]*/g, "")

const run = made("run")

beforeAll(async () => {
  await lnmHereSucceeds(["run", run.config, "--progress", "off"])
}, 60_000)

describe("the report of a group's run", () => {
  it("shows the contrast as its tables and maps have it, and is known to the manifest and to lnm verify", async () => {
    const page = readFileSync(run.page, "utf8")
    const [row] = readFileSync(join(run.output, "contrasts.tsv"), "utf8").trim().split("\n").slice(1)
    const header = readFileSync(join(run.output, "contrasts.tsv"), "utf8").split("\n")[0]!.split("\t")
    const cell = (column: string) => row!.split("\t")[header.indexOf(column)]
    const found = /<a href="#contrast-1">aphasia<\/a><\/th>(.*?)<\/tr>/s.exec(page)![1]!
    const cells = [...found.matchAll(/<td[^>]*>([^<]*)/g)].map(([, text]) => text)
    assert.deepStrictEqual(cells, ["aphasia", "30", "99", "0.01", cell("positive_voxels"), cell("negative_voxels")])
    assert.isAbove(Number(cell("positive_voxels")), 20)
    assert.closeTo(Number(cell("pfwe_min")), 0.01, 1e-9)
    assert.include(page, "with the covariate age, by t with 27 degrees of freedom, by 99 random permutations")
    assert.isTrue(manifestOf(run.output).outputs.some(({ path }) => path === "report.html"))
    await lnmHereSucceeds(["verify", run.output])
  })

  it("is made anew by lnm report, the same, and over another image where one is given", async () => {
    const before = timeless(run.page)
    const { outputs: _, ...rest } = manifestOf(run.output)
    writeFileSync(run.page, "gone")
    const { stdout } = await lnmHereSucceeds(["report", run.output])
    assert.include(stdout, run.page)
    assert.strictEqual(timeless(run.page), before)
    const { outputs, ...others } = manifestOf(run.output)
    assert.deepStrictEqual(others, rest)
    assert.strictEqual(outputs.filter(({ path }) => path === "report.html").length, 1)
    await lnmHereSucceeds(["verify", run.output])
    const image = join(scratch, "T1w.nii.gz")
    const values = Float32Array.from({ length: 720 }, (_, n) => 1 + (n % 7))
    writeFileSync(image, gzipSync(encodeNifti({ grid: cohortGrid, values })))
    await lnmHereSucceeds(["report", run.output, "--background", image])
    assert.include(readFileSync(run.page, "utf8"), "T1w.nii.gz")
    assert.notInclude(before, "T1w.nii.gz")
    const missing = await lnmHere(["report", run.output, "--background", join(scratch, "none.nii")])
    assert.strictEqual(missing.code, 2)
    assert.include(missing.stderr, "none.nii")
  })

  it("is not made with report: false, and that of an earlier run goes", async () => {
    await lnmHereSucceeds(["run", run.config, "--progress", "off", "--set", "report=false"])
    assert.isFalse(existsSync(run.page))
    assert.isFalse(manifestOf(run.output).outputs.some(({ path }) => path === "report.html"))
    await lnmHereSucceeds(["verify", run.output])
  })

  it("that fails does not take the results with it, and lnm report makes it when the trouble has gone", async () => {
    const failing = made("failing")
    await lnmHereSucceeds(["run", failing.config, "--progress", "off", "--set", "report=false"])
    mkdirSync(failing.page)
    const refused = await lnmHere(["report", failing.output])
    assert.strictEqual(refused.code, 2)
    assert.include(refused.stderr, "report.html")
    assert.isTrue(existsSync(join(failing.output, "contrasts.tsv")))
    rmSync(failing.page, { recursive: true })
    await lnmHereSucceeds(["report", failing.output])
    assert.include(readFileSync(failing.page, "utf8"), "Lesion network maps of a group")
  })

  it("needs its image before anything is computed, and finds it beside the config", async () => {
    const wrong = made("wrong", "report: { background: images/T1w.nii }\n")
    const { code, stderr } = await lnmHere(["run", wrong.config])
    assert.strictEqual(code, 2)
    assert.include(stderr, "report.background")
    assert.include(stderr, join(wrong.folder, "images/T1w.nii"))
    assert.isFalse(existsSync(wrong.output))
  })

  it("has its image among the inputs of the run", async () => {
    const over = made("over", "report: { background: T1w.nii }\n")
    const values = Float32Array.from({ length: 720 }, (_, n) => 1 + (n % 7))
    writeFileSync(join(over.folder, "T1w.nii"), encodeNifti({ grid: cohortGrid, values }))
    await lnmHereSucceeds(["run", over.config, "--progress", "off"])
    assert.include(readFileSync(over.page, "utf8"), "T1w.nii")
    assert.isTrue(manifestOf(over.output).inputs.some(({ path }) => path === join(over.folder, "T1w.nii")))
  })
})
