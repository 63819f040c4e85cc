/**
 * Holds predictions by the command against a reference that shares no code with them: `prediction.py`, NumPy and SciPy in float64, on the
 * folds and the permutations that were drawn here. Where Python or a package is missing, the tests are skipped; under CI that is a failure.
 */
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readVolume } from "../../src/imaging/nifti/readVolume.ts"
import { makePermutations } from "../../src/kernels/group/permutations.ts"
import { lnmHereSucceeds } from "../support/lnmHere.ts"
import {
  ageOf,
  elements,
  lesionOf,
  predictionConfig,
  scoreOf,
  siteOf,
  writePredictionCohort
} from "../support/predictionCohort.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const python = "/usr/bin/python3"
const hasPackages = (() => {
  try {
    execFileSync(python, ["-c", "import numpy, scipy"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
})()

const folder = scratchFolder()

interface Case {
  readonly name: string
  readonly patients: number
  readonly of: "naming" | "aphasia"
  readonly covariates: ReadonlyArray<"age" | "lesion_volume" | "site" | "centrality">
  readonly folds: string
  readonly permutations: number
  readonly blocks?: "site"
}

const cases: ReadonlyArray<Case> = [
  {
    name: "one",
    patients: 22,
    of: "naming",
    covariates: ["age", "lesion_volume", "centrality"],
    folds: "leave-one-out",
    permutations: 24
  },
  {
    name: "sites",
    patients: 24,
    of: "aphasia",
    covariates: ["age", "site"],
    folds: "{ leave_out: site }",
    permutations: 40,
    blocks: "site"
  },
  {
    name: "repeated",
    patients: 25,
    of: "naming",
    covariates: [],
    folds: "{ k: 4, repeats: 3, seed: 9 }",
    permutations: 30
  },
  { name: "all", patients: 8, of: "aphasia", covariates: [], folds: "leave-one-out", permutations: 1000 }
]

const seed = 12

const configOf = ({ of, covariates, folds, permutations, blocks }: Case): string =>
  predictionConfig(
    `predict: { of: ${of}, covariates: [${covariates.join(", ")}], folds: ${folds}, permutations: ${permutations}, seed: ${seed}, ` +
      `blocks: ${blocks ?? "null"} }`
  )

const rowsOf = (name: string, table: string) =>
  readFileSync(join(folder, name, "out", table), "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"))

const figuresOf = (name: string) => JSON.parse(readFileSync(join(folder, name, "out", "prediction.json"), "utf8"))

/** Folds as the command wrote them: repeat and patients of each. */
const foldsOf = (name: string) => {
  const folds = new Map<string, Array<number>>()
  for (const [repeat, fold, label] of rowsOf(name, "prediction.tsv")) {
    const key = `${repeat} ${fold}`
    folds.set(key, [...(folds.get(key) ?? []), Number(label!.replace("sub-", ""))])
  }
  return { repeats: [...folds.keys()].map((key) => Number(key.split(" ")[0])), folds: [...folds.values()] }
}

/** Writes what the witness reads. */
const writeStudy = (one: Case, maps: ReadonlyArray<Float32Array>): void => {
  const people = Array.from({ length: one.patients }, (_, n) => n)
  const score = people.map((n) => (one.of === "naming" ? scoreOf(n) : n % 2))
  const volumes = people.map((n) => lesionOf(n).length * 0.064)
  // The whole map's mean outside of the lesion.
  const centralities = people.map((n) => {
    const outside = elements.filter((v) => !lesionOf(n).includes(v))
    return outside.reduce((sum, v) => sum + maps[n]![v]!, 0) / outside.length
  })
  const sites = [...new Set(people.map(siteOf))].sort().slice(1)
  const columns = {
    age: [people.map(ageOf)],
    lesion_volume: [volumes],
    centrality: [centralities],
    site: sites.map((site) => people.map((n) => (siteOf(n) === site ? 1 : 0)))
  }
  const names = [...new Set(people.map(siteOf))].sort()
  const blocks = Int32Array.from(people, (n) => (one.blocks === undefined ? 0 : names.indexOf(siteOf(n))))
  const permutations = makePermutations([Float64Array.from(score)], blocks, { permutations: one.permutations, seed })
  const orders = Array.from({ length: permutations.count }, (_, index) => {
    const order = new Int32Array(one.patients)
    permutations.write(index, order)
    return [...order]
  })
  const study = {
    score,
    covariates: one.covariates.flatMap((name) => columns[name]),
    known: [volumes, centralities],
    lesions: people.map((n) =>
      lesionOf(n)
        .map((element) => elements.indexOf(element))
        .filter((voxel) => voxel >= 0)
    ),
    orders,
    all: permutations.all,
    ...foldsOf(one.name)
  }
  const here = join(folder, one.name)
  writeFileSync(join(here, "study.json"), JSON.stringify(study))
  const values = Float32Array.from(maps.flatMap((map) => elements.map((v) => map[v]!)))
  writeFileSync(join(here, "maps.f32"), values)
}

describe.skipIf(!hasPackages && process.env.CI === undefined)("the witness of predictions", () => {
  beforeAll(async () => {
    for (const one of cases) {
      const maps = writePredictionCohort(join(folder, one.name), one.patients)
      writeFileSync(join(folder, one.name, "group.yaml"), configOf(one))
      await lnmHereSucceeds(["run", join(folder, one.name, "group.yaml")])
      writeStudy(one, maps)
    }
    execFileSync(python, [join(import.meta.dirname, "prediction.py"), ...cases.map(({ name }) => join(folder, name))])
  }, 60_000)

  it.each(cases)("agrees on similarities, figures and p: $name", async ({ name }) => {
    const found = JSON.parse(readFileSync(join(folder, name, "found.json"), "utf8"))
    const similarities = rowsOf(name, "prediction.tsv").map((row) => Number(row[4]))
    const expected = found.similarities.flat() as Array<number>
    assert.strictEqual(similarities.length, expected.length)
    // Float32 in the products over voxels.
    for (const [n, similarity] of similarities.entries()) assert.closeTo(similarity, expected[n]!, 5e-6)

    const { Spearman, PartialSpearman, Alone, Together } = figuresOf(name)
    const pairs = [
      [Spearman, found.spearman],
      [PartialSpearman, found.partial],
      [Alone.lesion_volume, found.alone[0]],
      [Alone.centrality, found.alone[1]],
      [Together, found.together]
    ] as const
    for (const [{ value, p }, [expectedValue, expectedP]] of pairs) {
      assert.closeTo(value, expectedValue, 1e-9)
      assert.strictEqual(p, expectedP)
    }
    for (const [n, row] of rowsOf(name, "prediction_nulldist.tsv").entries()) {
      assert.closeTo(Number(row[1]), found.nullSpearman[n], 1e-6)
      assert.closeTo(Number(row[2]), found.nullPartial[n], 1e-6)
    }
    const model = join(folder, name, "out", "space-MNI152NLin6Asym_desc-model_stat-r_statmap.nii.gz")
    const { values } = await Effect.runPromise(readVolume(model))
    for (const [v, element] of elements.entries()) assert.closeTo(values[element]!, found.model[v], 1e-6)
  })
})
