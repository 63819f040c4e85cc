/** The command on predictions: a score that the maps tell is predicted, another is not, models score other cohorts, wrong inputs are named. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { encodeNifti } from "../../../src/imaging/nifti/writeNifti.ts"
import { lnmHere, lnmHereSucceeds } from "../../support/lnmHere.ts"
import { cohortGrid } from "../../support/madeUpCohort.ts"
import { predictionConfig, scoreOf, writePredictionCohort } from "../../support/predictionCohort.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const folder = scratchFolder()

const made = (
  name: string,
  lines: string,
  { patients = 30, score }: { readonly patients?: number; readonly score?: (n: number) => number | string } = {}
) => {
  const here = join(folder, name)
  writePredictionCohort(here, patients, score)
  const config = join(here, "group.yaml")
  writeFileSync(config, predictionConfig(lines))
  return { here, config }
}

const read = (here: string, name: string) => readFileSync(join(here, "out", name), "utf8")
const tableOf = (here: string, name: string) =>
  read(here, name)
    .trim()
    .split("\n")
    .map((line) => line.split("\t"))
const figuresOf = (here: string) => JSON.parse(read(here, "prediction.json"))

const model = "space-MNI152NLin6Asym_desc-model_stat-r_statmap"

const rejected = async (config: string, ...messages: ReadonlyArray<string>) => {
  const { code, stderr } = await lnmHere(["run", config])
  assert.strictEqual(code, 2, stderr)
  for (const message of messages) assert.include(stderr, message)
}

describe("lnm run with predict", () => {
  it("predicts a score that the maps tell, without any contrast", { timeout: 60_000 }, async () => {
    const { here, config } = made("told", "predict: { of: naming, covariates: [age], permutations: 99, seed: 4 }")
    const { stdout } = await lnmHereSucceeds(["run", config])
    assert.include(stdout, "prediction of naming: Spearman 0.")
    const { Spearman, PartialSpearman, Alone, Patients, FoldCount, Permutations } = figuresOf(here)
    assert.deepStrictEqual([Patients, FoldCount, Permutations], [30, 30, 99])
    assert.isAbove(Spearman.value, 0.6)
    assert.strictEqual(Spearman.p, 0.01)
    // The mean of a map goes with what moves it.
    assert.isAbove(PartialSpearman.value, 0.3)
    assert.deepStrictEqual(PartialSpearman.Given, ["lesion_volume", "centrality"])
    assert.deepStrictEqual(Object.keys(Alone), ["lesion_volume", "centrality"])
    const rows = tableOf(here, "prediction.tsv")
    assert.deepStrictEqual(rows[0], ["repeat", "fold", "participant_id", "score", "similarity"])
    assert.strictEqual(rows.length, 31)
    assert.deepStrictEqual(rows[4]!.slice(0, 4), ["1", "4", "sub-3", String(scoreOf(3))])
    assert.strictEqual(tableOf(here, "prediction_nulldist.tsv").length, 100)
    assert.isFalse(existsSync(join(here, "out", "contrasts.tsv")))
    await lnmHereSucceeds(["verify", join(here, "out")])
  })

  it("does not predict a score that has nothing to do with the maps", { timeout: 60_000 }, async () => {
    const options = { score: (n: number) => ((n >> 1) * 7) % 15 }
    const { here, config } = made(
      "other",
      "predict: { of: naming, folds: { k: 5, repeats: 2 }, permutations: 99 }",
      options
    )
    await lnmHereSucceeds(["run", config])
    const { Spearman, FoldCount } = figuresOf(here)
    assert.isAbove(Spearman.p, 0.1)
    assert.strictEqual(FoldCount, 10)
    assert.strictEqual(Spearman.OfRepeats.length, 2)
    assert.closeTo(Spearman.value, (Spearman.OfRepeats[0] + Spearman.OfRepeats[1]) / 2, 1e-12)
  })

  it("gives the same files for any number of workers", { timeout: 60_000 }, async () => {
    const lines =
      "predict: { of: aphasia, covariates: [age, centrality], folds: { leave_out: site }, blocks: site, permutations: 40 }"
    const { here, config } = made("workers", lines)
    const files = ["prediction.tsv", "prediction.json", "prediction_nulldist.tsv", `${model}.nii.gz`, `${model}.json`]
    const contents = async (workers: number) => {
      await lnmHereSucceeds(["run", config, "--set", `compute.workers=${workers}`])
      return files.map((name) => readFileSync(join(here, "out", name), "base64"))
    }
    assert.deepStrictEqual(await contents(2), await contents(1))
    assert.deepStrictEqual(figuresOf(here).Groups, ["0", "1"])
    assert.deepStrictEqual(
      new Set(
        tableOf(here, "prediction.tsv")
          .slice(1)
          .map((row) => row[1])
      ),
      new Set(["1", "2", "3"])
    )
  })

  it("says in the plan what is predicted, and what it takes", { timeout: 60_000 }, async () => {
    const { config } = made("planned", "predict: { of: naming, covariates: [centrality] }")
    const { stdout } = await lnmHereSucceeds(["plan", config])
    assert.include(stdout, "prediction  naming, 30 patients in 30 folds, 1000 permutations; checked again")
    const { stdout: json } = await lnmHereSucceeds(["plan", config, "--json"])
    const small = JSON.parse(json)
    assert.deepInclude(small.prediction, { of: "naming", patients: 30, folds: 30, permutations: 1000 })
    const many = await lnmHereSucceeds(["plan", config, "--json", "--set", "predict.permutations=100000"])
    // 100,000 sets of weights for each of two workers.
    assert.isAbove(JSON.parse(many.stdout).peak_memory_bytes - small.peak_memory_bytes, 2 * 8 * 30 * 99_000)
  })

  it("names what a prediction lacks, and writes nothing", { timeout: 60_000 }, async () => {
    const { here, config } = made("lacking", "predict: { of: fluency }")
    await rejected(config, "it has no column fluency, which predict names")
    writeFileSync(config, predictionConfig(""))
    await rejected(config, "Name a contrast, or set `overlap`, `predict` or `model`")
    writeFileSync(config, predictionConfig("predict: { of: naming, folds: { k: 31 } }"))
    await rejected(config, "predict.folds.k is 31, and there are 30 patients")
    writeFileSync(config, predictionConfig("predict: { of: aphasia, folds: { leave_out: aphasia }, permutations: 99 }"))
    await rejected(config, "nothing of aphasia is left to learn from")
    writeFileSync(config, predictionConfig("predict: { of: naming }"))
    const table = readFileSync(join(here, "maps.tsv"), "utf8")
    writeFileSync(join(here, "maps.tsv"), table.replace(/\tsub-7_[^\t]*mask.nii/, "\tn/a"))
    await rejected(config, "predict compares maps outside of the lesion, and that of 7 is not known", "column lesion")
    writeFileSync(join(here, "maps.tsv"), table)
    const people = readFileSync(join(here, "participants.tsv"), "utf8")
    writeFileSync(join(here, "participants.tsv"), people.replace(/sub-9\t\S+/, "sub-9\t"))
    await rejected(config, "naming: ", "9")
    assert.isFalse(existsSync(join(here, "out")))
  })
})

describe("lnm run with model", () => {
  const trained = made("trained", "predict: { of: aphasia, covariates: [age], permutations: 40 }", { patients: 40 })

  it("scores another cohort, and says how well that agrees with its scores", { timeout: 60_000 }, async () => {
    await lnmHereSucceeds(["run", trained.config])
    const { here, config } = made("scored", `model: ../trained/out/${model}.nii.gz`, { patients: 24 })
    const { stdout } = await lnmHereSucceeds(["run", config])
    assert.include(stdout, "scores: 24 patients by the model of aphasia; Spearman with aphasia 0.")
    const rows = tableOf(here, "scores.tsv")
    assert.deepStrictEqual(rows[0], ["participant_id", "score", "similarity", "voxels"])
    assert.strictEqual(rows.length, 25)
    const { Spearman, Model } = JSON.parse(read(here, "scores.json"))
    assert.isAbove(Spearman.rho, 0.5)
    assert.isBelow(Spearman.p, 0.01)
    assert.strictEqual(Model.Fingerprint, figuresOf(trained.here).ModelFingerprint)
    // The same maps are in both cohorts; the lesion is left out.
    assert.isAtMost(Number(rows[3]![3]), 719 - 4)
  })

  it("passes over a patient whose lesion leaves nothing to compare, and names it", { timeout: 60_000 }, async () => {
    const { here, config } = made("covered", `model: ../trained/out/${model}.nii.gz`, { patients: 24 })
    const [mask] = /[^\t]*sub-2_[^\t]*mask\.nii/.exec(readFileSync(join(here, "maps.tsv"), "utf8"))!
    const values = new Float32Array(cohortGrid.shape[0] * cohortGrid.shape[1] * cohortGrid.shape[2]).fill(1)
    writeFileSync(join(here, mask), encodeNifti({ grid: cohortGrid, space: "MNI152NLin6Asym", values }))
    const { stderr } = await lnmHereSucceeds(["run", config])
    assert.include(stderr, "its correlation with the maps of 2 is undefined")
    assert.deepStrictEqual(tableOf(here, "scores.tsv")[3], ["sub-2", "0", "n/a", "0"])
    assert.strictEqual(JSON.parse(read(here, "scores.json")).Spearman.patients, 23)
  })

  it("scores a cohort without scores", { timeout: 60_000 }, async () => {
    const { here, config } = made("unknown", `model: ../trained/out/${model}.nii.gz`, { patients: 24 })
    const people = readFileSync(join(here, "participants.tsv"), "utf8")
    writeFileSync(join(here, "participants.tsv"), people.replace("\taphasia\t", "\tother\t"))
    await lnmHereSucceeds(["run", config])
    assert.isNull(JSON.parse(read(here, "scores.json")).Spearman)
    assert.strictEqual(tableOf(here, "scores.tsv")[1]![1], "n/a")
  })

  it("refuses a model that has changed, or has no sidecar", { timeout: 60_000 }, async () => {
    const { here, config } = made("changed", "model: own.nii.gz", { patients: 24 })
    copyFileSync(join(trained.here, "out", `${model}.nii.gz`), join(here, "own.nii.gz"))
    await rejected(config, "own.nii.gz: its sidecar cannot be read", "desc-model_stat-r")
    const sidecar = readFileSync(join(trained.here, "out", `${model}.json`), "utf8")
    writeFileSync(join(here, "own.json"), sidecar.replace('"aphasia"', '"naming"'))
    await rejected(config, "it is not the model that was saved")
    writeFileSync(join(here, "own.json"), "{}")
    await rejected(config, "own.json does not describe a model")
    assert.isFalse(existsSync(join(here, "out")))
  })
})
