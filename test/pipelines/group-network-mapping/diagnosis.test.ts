/** The diagnosis of a group's maps by the command: what they are compared with, random labels, another analysis, and wrong inputs. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readVolume } from "../../../src/imaging/nifti/readVolume.ts"
import { encodeNifti } from "../../../src/imaging/nifti/writeNifti.ts"
import { topOverlap } from "../../../src/kernels/group/topOverlap.ts"
import { mapSimilarity } from "../../../src/kernels/mapSimilarity.ts"
import { lnmHere, lnmHereSucceeds } from "../../support/lnmHere.ts"
import { cohortGrid, empty, groupConfig, planted, writeCohort } from "../../support/madeUpCohort.ts"

const folder = mkdtempSync(join(tmpdir(), "lnm-diagnosis-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const contrast = "{ name: aphasia, of: aphasia, covariates: [age], permutations: 199, seed: 5 }"

const made = (name: string, patients: number) => {
  const here = join(folder, name)
  writeCohort(here, { patients })
  const config = join(here, "group.yaml")
  writeFileSync(config, groupConfig(contrast))
  return { here, config }
}

const rowsOf = (here: string, table: string): ReadonlyArray<Readonly<Record<string, string>>> => {
  const [header, ...rows] = readFileSync(join(here, "out", table), "utf8")
    .trimEnd()
    .split("\n")
  const names = header!.split("\t")
  return rows.map((row) => Object.fromEntries(row.split("\t").map((cell, n) => [names[n]!, cell])))
}

const mapOf = async (here: string, name: string) =>
  (await Effect.runPromise(readVolume(join(here, "out", `space-MNI152NLin6Asym_${name}_statmap.nii.gz`)))).values

/** A map on the cohort's grid, or on another. */
const writeMap = (file: string, values: Float32Array, grid = cohortGrid) =>
  writeFileSync(file, encodeNifti({ grid, space: "MNI152NLin6Asym", values }))

/** Largest where the effect is planted. */
const likeEffect = () => Float32Array.from({ length: 720 }, (_, v) => (planted.includes(v) ? 0.5 : 0.1) + v / 1e5)

const withDegree = ["--set", "diagnose.degree=true", "--set", "degree=degree.nii"]

const rejected = async (args: ReadonlyArray<string>, message: string) => {
  const { code, stderr } = await lnmHere(["run", ...args])
  assert.strictEqual(code, 2, stderr)
  assert.include(stderr, message)
}

describe("the diagnosis of a group's maps", () => {
  it("compares them with the degree and the components, and says what it finds", { timeout: 60_000 }, async () => {
    const { here, config } = made("degree", 40)
    writeMap(join(here, "degree.nii"), likeEffect())
    const { stderr } = await lnmHereSucceeds(["run", config, ...withDegree])
    const rows = rowsOf(here, "diagnosis.tsv")
    assert.deepStrictEqual(
      [...new Set(rows.map(({ map }) => map))],
      ["desc-mean_stat-z", "desc-aphasia_stat-effect", "desc-aphasia_stat-t"]
    )
    assert.deepStrictEqual(
      [...new Set(rows.map((row) => row.compared_with))],
      ["degree", "component1", "component2", "component3"]
    )
    const elements = Int32Array.from({ length: 720 }, (_, v) => v).filter((v) => v !== empty)
    const degree = likeEffect()
    for (const name of ["desc-mean_stat-z", "desc-aphasia_stat-effect", "desc-aphasia_stat-t"]) {
      const values = Float32Array.from(await mapOf(here, name))
      const others = Float32Array.from(elements, (v) => degree[v]!)
      const row = rows.find((own) => own.map === name && own.compared_with === "degree")!
      assert.closeTo(Number(row.r), mapSimilarity(values, elements, others)!, 1e-6)
      const own = Float32Array.from(elements, (v) => values[v]!)
      assert.closeTo(Number(row.dice), topOverlap(own, others, 0.05, new Float32Array(719))!, 1e-6)
      assert.strictEqual(row.voxels, "719")
    }
    assert.include(stderr, "the map of t of aphasia is much like the connectome's degree")
    const facts = JSON.parse(readFileSync(join(here, "out", "diagnosis.json"), "utf8"))
    assert.strictEqual(facts.Degree.State, "compared")
    assert.include(facts.Sentences.join("\n"), "Averages of lesion network maps do, whatever the lesions")
    // The planted block is what maps differ by most.
    const component = await mapOf(here, "desc-component1")
    const strongest = [...component.keys()].sort((a, b) => component[b]! - component[a]!).slice(0, planted.length)
    assert.deepStrictEqual(
      strongest.sort((a, b) => a - b),
      planted
    )
    const [none, aphasia] = rowsOf(here, "centrality.tsv")
    assert.deepStrictEqual([none!.group, none!.patients, aphasia!.group], ["0", "20", "1"])
    assert.isAbove(Number(aphasia!.mean), Number(none!.mean))
    assert.include(facts.Sentences.join("\n"), "centrality (mean z of the whole map) by aphasia: 0: ")
    await lnmHereSucceeds(["verify", join(here, "out")])
  })

  it("compares nothing with a degree that is close to 0 everywhere, and says so", { timeout: 60_000 }, async () => {
    const { here, config } = made("tiny", 40)
    writeMap(
      join(here, "degree.nii"),
      likeEffect().map((value, v) => (v === 300 ? Number.NaN : value / 1000))
    )
    const { stderr } = await lnmHereSucceeds(["run", config, ...withDegree])
    assert.include(stderr, "the degree is close to 0 everywhere")
    assert.include(stderr, "1 of 719 voxels of the patients' maps have no degree")
    const row = rowsOf(here, "diagnosis.tsv").find((own) => own.compared_with === "degree")!
    assert.deepStrictEqual([row.r, row.dice, row.voxels], ["n/a", "n/a", "0"])
  })

  it("refuses a contrast that is called as another map of the folder", { timeout: 60_000 }, async () => {
    const { config } = made("named", 24)
    writeFileSync(config, groupConfig(contrast.replace("name: aphasia", "name: Mean")))
    await rejected([config], "Expected another name than Mean")
  })

  it("names what is wrong with the degree before anything is written", { timeout: 60_000 }, async () => {
    const { here, config } = made("wrong", 24)
    await rejected([config, "--set", "diagnose.degree=true"], "degree: no map of the connectome's degree is given")
    const grid = { shape: [3, 3, 3], affine: cohortGrid.affine } as const
    writeMap(join(here, "degree.nii"), new Float32Array(27), grid)
    await rejected([config, ...withDegree], "the map of the connectome's degree lies on another grid (3 × 3 × 3)")
    assert.isFalse(existsSync(join(here, "out")))
  })

  it("tries contrasts on random labels, the same for any number of workers", { timeout: 60_000 }, async () => {
    const { here, config } = made("random", 40)
    const args = ["run", config, "--set", "diagnose.simulate=60"]
    await lnmHereSucceeds(args)
    const [row] = rowsOf(here, "simulation.tsv")
    assert.deepStrictEqual([row!.contrast, row!.studies], ["aphasia", "60"])
    assert.isBelow(Number(row!.low), 0.05)
    assert.isAbove(Number(row!.high), 0.05)
    const names = ["simulation.tsv", "diagnosis.tsv", "space-MNI152NLin6Asym_desc-component2_statmap.nii.gz"]
    const before = names.map((name) => readFileSync(join(here, "out", name)))
    await lnmHereSucceeds([...args, "--set", "compute.workers=1"])
    for (const [n, name] of names.entries()) assert.isTrue(before[n]!.equals(readFileSync(join(here, "out", name))))
    await lnmHereSucceeds(["run", config])
    assert.isFalse(existsSync(join(here, "out", "simulation.tsv")))
  })
})

describe("the comparison with another group analysis", () => {
  it("is of contrasts of the same name, and refuses what has changed or cannot be compared", {
    timeout: 60_000
  }, async () => {
    const other = made("other", 30)
    await lnmHereSucceeds(["run", other.config])
    const { here, config } = made("own", 40)
    const compare = ["--set", "compare=../other/out"]
    await lnmHereSucceeds(["run", config, ...compare])
    const [row] = rowsOf(here, "compare.tsv")
    assert.deepStrictEqual([row!.patients, row!.other_patients, row!.voxels], ["40", "30", "719"])
    assert.isAbove(Number(row!.r), 0.8)
    assert.closeTo(Number(row!.p), 1 / 1001, 1e-9)
    const { stdout } = await lnmHereSucceeds(["plan", config, ...compare])
    assert.include(stdout, `compared with ${join(folder, "other/out")}`)

    await rejected([config, "--set", "compare=missing"], "there is no manifest.json")
    await rejected([config, "--set", "compare=out"], "it is the output folder of this analysis itself")
    writeFileSync(config, groupConfig(contrast.replace("name: aphasia", "name: speech")))
    await rejected([config, ...compare], "it has no contrast of the same name (there: aphasia; here: speech)")
    writeFileSync(config, groupConfig(contrast))
    const statistic = join(other.here, "out", "space-MNI152NLin6Asym_desc-aphasia_stat-t_statmap.nii.gz")
    const bytes = readFileSync(statistic)
    rmSync(statistic)
    await rejected([config, ...compare], "desc-aphasia_stat-t_statmap.nii.gz: missing")
    writeFileSync(statistic, bytes)
    writeCohort(other.here, { patients: 30, symptom: (n) => (n >> 1) % 2 })
    const { code, stderr } = await lnmHere(["run", config, ...compare])
    assert.strictEqual(code, 1)
    assert.include(stderr, "Run that analysis again, then compare")
  })
})
