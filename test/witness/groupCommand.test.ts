/**
 * Holds the files of `lnm run` of group-network-mapping against the witness of group contrasts, on the permutations that the same seed
 * draws: every map and table of contrasts by t and G, by ranks, within sites, and of few patients. Skipped where Python is missing.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readVolume } from "../../src/imaging/nifti/readVolume.ts"
import { contrastBasis } from "../../src/kernels/group/contrastBasis.ts"
import { isFloat32Enough } from "../../src/kernels/group/groupPolicy.ts"
import { varianceGroups } from "../../src/kernels/group/gStatistic.ts"
import { midRanks } from "../../src/kernels/group/midRanks.ts"
import { makePermutations } from "../../src/kernels/group/permutations.ts"
import { assertNear, hasPackages, readWitness, runWitness, writeWitnessed } from "../support/groupWitness.ts"
import { lnmHereSucceeds } from "../support/lnmHere.ts"
import { type SmoothCohort, smoothElements, smoothShape, writeSmoothCohort } from "../support/smoothCohort.ts"

const folder = mkdtempSync(join(tmpdir(), "lnm-group-command-"))
afterAll(() => rmSync(folder, { recursive: true }))

const patients = 36
const spread = (n: number, step: number, of: number): number => ((n * step) % of) - of / 2
const symptom = Array.from({ length: patients }, (_, n) => ((n * 17) % patients < 17 ? 1 : 0))
const naming = Array.from({ length: patients }, (_, n) => spread(n, 17, 37) / 4)
const age = Array.from({ length: patients }, (_, n) => 60 + spread(n, 7, 29))
const volume = Array.from({ length: patients }, (_, n) => 12 + spread(n, 11, 23) / 2 + symptom[n]!)
const site = Array.from({ length: patients }, (_, n) => ["a", "b", "c"][n % 3]!)

const many: SmoothCohort = {
  patients,
  seed: 4,
  columns: { symptom, naming, age, volume, site },
  effect: symptom.map((value, n) => 0.15 * value - 0.04 * naming[n]!),
  nuisance: age,
  steps: 100
}
/** Eight patients in two groups have 70 orders. */
const few: SmoothCohort = {
  patients: 8,
  seed: 8,
  columns: { symptom: [0, 1, 1, 0, 0, 1, 0, 1] },
  effect: [0, 0.5, 0.5, 0, 0, 0.5, 0, 0.5],
  nuisance: new Array(8).fill(0)
}

interface Contrast {
  readonly name: string
  readonly cohort: "many" | "few"
  readonly of: "symptom" | "naming"
  readonly covariates: ReadonlyArray<"age" | "volume">
  readonly blocks?: "site"
  readonly permutations: number
  readonly seed: number
  readonly variance?: "unequal"
  readonly ranks?: boolean
}

const contrasts: ReadonlyArray<Contrast> = [
  { name: "score", cohort: "many", of: "naming", covariates: ["age", "volume"], permutations: 24, seed: 3 },
  { name: "sites", cohort: "many", of: "symptom", covariates: ["age"], blocks: "site", permutations: 24, seed: 4 },
  { name: "ranks", cohort: "many", of: "naming", covariates: ["age"], permutations: 24, seed: 2 ** 40, ranks: true },
  {
    name: "unequal",
    cohort: "many",
    of: "symptom",
    covariates: ["volume"],
    permutations: 24,
    seed: 6,
    variance: "unequal"
  },
  { name: "eight", cohort: "few", of: "symptom", covariates: [], permutations: 100, seed: 7 }
]

const cohorts = { many, few }
const maps: Record<string, Float32Array> = {}

const configOf = (own: ReadonlyArray<Contrast>): string =>
  JSON.stringify({
    pipeline: "group-network-mapping",
    maps: { path: "maps.tsv" },
    participants: "participants.tsv",
    contrasts: own.map(({ cohort, ...contrast }) => ({ ...contrast, tfce: true })),
    output: { path: "out" },
    compute: { workers: 2 }
  })

const columnsOf = ({ cohort, of, covariates, ranks, blocks }: Contrast) => {
  const { columns } = cohorts[cohort]
  const entering = (name: string) => {
    const column = Float64Array.from(columns[name] as ReadonlyArray<number>)
    if (ranks === true) midRanks(column, column, new Float64Array(column.length))
    return column
  }
  const [effect, ...nuisance] = [of, ...covariates].map(entering) as [Float64Array, ...Array<Float64Array>]
  const sites = blocks === undefined ? new Int32Array(effect.length) : Int32Array.from(effect, (_, n) => n % 3)
  return { effect, nuisance, blocks: sites }
}

const designOf = (contrast: Contrast) => {
  const columns = columnsOf(contrast)
  const permutations = makePermutations([columns.effect, ...columns.nuisance], columns.blocks, contrast)
  return { ...columns, permutations, basis: contrastBasis(columns)! }
}

const tableOf = (contrast: Contrast, table: string): ReadonlyArray<ReadonlyArray<string>> => {
  const text = readFileSync(join(folder, contrast.cohort, `out/desc-${contrast.name}_${table}.tsv`), "utf8")
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"))
}

const columnOf = (table: ReadonlyArray<ReadonlyArray<string>>, name: string): ReadonlyArray<number> => {
  const at = table[0]!.indexOf(name)
  assert.isAtLeast(at, 0, name)
  return table.slice(1).map((row) => Number(row[at]))
}

const mapOf = async ({ cohort, name }: Contrast, statistic: string): Promise<Float64Array> => {
  const file = `space-MNI152NLin6Asym_desc-${name}_stat-${statistic}_statmap.nii.gz`
  const { values } = await Effect.runPromise(readVolume(join(folder, cohort, "out", file)))
  return Float64Array.from(smoothElements, (element) => values[element]!)
}

const assertRelative = (actual: Float64Array, expected: ReadonlyArray<number>, relative: number, what: string) => {
  for (const [v, value] of actual.entries()) {
    assert.closeTo(value, expected[v]!, relative * Math.abs(expected[v]!), `${what} ${v}`)
  }
}

describe.skipIf(!hasPackages && process.env.CI === undefined)("the witness of the group command", () => {
  beforeAll(async () => {
    for (const [name, cohort] of Object.entries(cohorts)) {
      const here = join(folder, name)
      maps[name] = writeSmoothCohort(here, cohort)
      writeFileSync(join(here, "group.json"), configOf(contrasts.filter((contrast) => contrast.cohort === name)))
      await lnmHereSucceeds(["run", join(here, "group.json"), "--progress", "off"])
    }
    for (const contrast of contrasts) {
      const { effect, nuisance, permutations, basis } = designOf(contrast)

      writeWitnessed(join(folder, contrast.name), {
        effect,
        nuisance,
        maps: maps[contrast.cohort]!,
        permutations,
        elements: smoothElements,
        shape: smoothShape,
        degreesOfFreedom: basis.degreesOfFreedom,
        ranks: contrast.ranks === true,
        variance: contrast.variance ?? "equal",
        spatial: true
      })
    }
    runWitness(contrasts.map(({ name }) => join(folder, name)))
  }, 60_000)

  it.each(contrasts)("agrees on every map: $name", async (contrast) => {
    const { observed, found } = readWitness(join(folder, contrast.name), smoothElements.length)
    const map = (statistic: string) => mapOf(contrast, statistic)
    // Maps are float32: what is exact is so once it is rounded to it.
    const assertExact = async (statistic: string, expected: ReadonlyArray<number>) =>
      assert.deepStrictEqual([...(await map(statistic))], expected.map(Math.fround), statistic)
    assertNear(await map(contrast.variance === undefined ? "t" : "g"), observed, 1e-5, "statistic")
    if (contrast.variance === undefined) assertNear(await map("z"), found.z!, 1e-5, "z")
    assertNear(await map("effect"), found.effect!, 1e-6, "effect")
    assertNear(await map("r"), found.correlation!, 1e-6, "r")
    await assertExact("p", found.p!)
    await assertExact("pfwe", found.familyWise!)
    assertRelative(await map("pfdr"), found.pfdr!, 1e-6, "pfdr")
    assert.isAtLeast(Math.max(...found.extents!), 3)
    assertNear(await map("tfce"), found.enhanced!, 1e-5, "tfce")
    await assertExact("ptfcefwe", found.enhancedFamilyWise!)
    await assertExact("extent", found.extents!)
    await assertExact("pextentfwe", found.extentsFamilyWise!)
    assertRelative(await map("mass"), found.masses!, 1e-5, "mass")
    await assertExact("pmassfwe", found.massesFamilyWise!)
  })

  it.each(contrasts)("agrees on the largest of each permutation, and on clusters: $name", (contrast) => {
    const { permuted, found } = readWitness(join(folder, contrast.name), smoothElements.length)
    const nulls = tableOf(contrast, "nulldist")
    const largest = permuted.map((values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0))
    assertNear(columnOf(nulls, contrast.variance === undefined ? "max_t" : "max_g"), largest, 1e-5, "maximum")
    const enhanced = Float64Array.from(columnOf(nulls, "max_tfce"))
    assertRelative(enhanced, found.maxEnhanced!, 1e-5, "largest enhanced")
    assert.deepStrictEqual(columnOf(nulls, "max_extent"), found.maxExtents!)
    assertRelative(Float64Array.from(columnOf(nulls, "max_mass")), found.maxMasses!, 1e-5, "largest mass")
    const clusters = tableOf(contrast, "clusters")
    const sign = clusters[0]!.indexOf("sign")
    const voxels = columnOf(clusters, "voxels").map((count, n) =>
      clusters[n + 1]![sign] === "positive" ? count : -count
    )
    assert.deepStrictEqual(
      voxels.sort((a, b) => a - b),
      found.clusters!
    )
  })

  it("finds clusters in most of these contrasts, and computes the eight patients in float64, the others in float32", () => {
    const withClusters = contrasts.filter((contrast) => tableOf(contrast, "clusters").length > 1)
    assert.isAtLeast(withClusters.length, 3)
    for (const contrast of contrasts) {
      const { basis, effect } = designOf(contrast)
      const groups = contrast.variance === undefined ? undefined : varianceGroups(basis, effect)
      assert.strictEqual(isFloat32Enough(basis, groups?.degrees), contrast.cohort === "many", contrast.name)
    }
  })

  it("gives eight patients the exact rational of all 70 orders, and both signs of each", async () => {
    const eight = contrasts.at(-1)!
    assert.deepInclude(designOf(eight).permutations, { all: true, count: 70, distinct: 70n })
    for (const statistic of ["p", "pfwe", "ptfcefwe", "pextentfwe", "pmassfwe"]) {
      for (const p of await mapOf(eight, statistic)) {
        const reaching = Math.round(70 * p)
        assert.strictEqual(p, Math.fround(reaching / 70))
        // Exchanging the groups changes signs alone, so that orders come in pairs.
        assert.strictEqual(reaching % 2, 0, statistic)
      }
    }
    assert.strictEqual(Math.min(...(await mapOf(eight, "pfwe"))), Math.fround(2 / 70))
  })

  it("writes the design as it enters, with the names of its blocks", () => {
    const table = tableOf(contrasts[1]!, "design")
    assert.deepStrictEqual(table[0], ["participant_id", "block", "symptom", "age"])
    assert.deepStrictEqual(
      table.slice(1),
      symptom.map((value, n) => [String(n), site[n]!, String(value), String(age[n])])
    )
    const ranked = tableOf(contrasts[2]!, "design")
    assert.deepStrictEqual(columnOf(ranked, "naming"), [...designOf(contrasts[2]!).effect])
    assert.strictEqual(ranked[1]![1], "n/a")
  })
})
