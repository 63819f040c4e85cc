/** Overlap and conjunction through the command, held against counting voxel by voxel. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Xoshiro128 } from "../../../src/demo/Xoshiro128.ts"
import { encodeNifti } from "../../../src/imaging/nifti/writeNifti.ts"
import { lnmHere, lnmHereSucceeds } from "../../support/lnmHere.ts"
import { cohortGrid, groupConfig, planted, writeCohort } from "../../support/madeUpCohort.ts"
import { readMap } from "../../support/readMap.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"
import { writeTinyStudy } from "../../support/tinyStudy.ts"

const folder = scratchFolder()
const patients = 24
const voxels = 720
const space = "MNI152NLin6Asym"

/** t of a patient: whole numbers, so that many lie on a level; the first planted voxels are high, the last ones low. */
const tOf = (patient: number): Float32Array => {
  const random = new Xoshiro128(9, patient + 1)
  const values = new Float32Array(voxels)
  random.fillGaussian(values)
  for (let v = 0; v < voxels; v++) values[v] = Math.round(5 * values[v]!)
  for (const [n, v] of planted.entries()) values[v]! += n < 20 ? 9 : -9
  if (patient === 3) values[7] = Number.NaN
  if (patient === 4) values[8] = Number.POSITIVE_INFINITY
  return values
}

const writeT = (file: string, values: Float32Array, grid = cohortGrid) =>
  writeFileSync(file, encodeNifti({ grid, space, values }))

/** A cohort with a t map for each map; patient 5 has two, whose mean is as `tOf` has it. */
const madeWithT = (name: string, keys = "overlap: { t: 7, sweep: [5, 7.5, 9], share: 0.7 }\n", tfce = false) => {
  const here = join(folder, name)
  writeCohort(here, { patients })
  const rows = Array.from({ length: patients }, (_, n) => {
    writeT(join(here, `t${n}.nii`), n === 5 ? tOf(n).map((t) => t + 1) : tOf(n))
    return `sub-${n}\tsub-${n}_space-${space}_stat-z_statmap.nii\tz\tt${n}.nii`
  })
  writeT(
    join(here, "other.nii"),
    tOf(5).map((t) => t - 1)
  )
  const z = readFileSync(join(here, `sub-5_space-${space}_stat-z_statmap.nii`))
  writeFileSync(join(here, "z.nii"), z)
  rows.push("sub-5\tz.nii\tz\tother.nii")
  writeFileSync(join(here, "maps.tsv"), `participant_id\tmap\tstatistic\tt_map\n${rows.join("\n")}\n`)
  const config = join(here, "group.yaml")
  writeFileSync(
    config,
    groupConfig(`{ name: aphasia, of: aphasia, permutations: ${tfce ? "199, tfce: true" : "999"} }`) + keys
  )
  return { here, out: join(here, "out"), config }
}

const maps = Array.from({ length: patients }, (_, n) => tOf(n))
/** The mean of infinities is none, and one map with a hole has no value there. */
const countOf = (v: number, tau: number, sign: number): number =>
  maps.filter((t) => Number.isFinite(t[v]!) && sign * t[v]! >= tau).length

const all = Array.from({ length: voxels }, (_, v) => v)

const imageOf = (out: string, name: string) => readMap(join(out, `space-${space}_${name}.nii.gz`)).values

const tableOf = (file: string): ReadonlyArray<Readonly<Record<string, string>>> => {
  const [header, ...rows] = readFileSync(file, "utf8").trimEnd().split("\n")
  const names = header!.split("\t")
  return rows.map((row) => Object.fromEntries(row.split("\t").map((cell, n) => [names[n]!, cell])))
}

/** Connected sets of voxels, by going from each to those that it shares a face with. */
const clustersOf = (inside: ReadonlyArray<boolean>): ReadonlyArray<ReadonlyArray<number>> => {
  const [nx, ny, nz] = cohortGrid.shape
  const seen = new Set<number>()
  const from = (start: number): Array<number> => {
    if (!inside[start] || seen.has(start)) return []
    seen.add(start)
    const [i, j, k] = [start % nx, Math.floor(start / nx) % ny, Math.floor(start / (nx * ny))]
    const next = [
      ...(i > 0 ? [start - 1] : []),
      ...(i < nx - 1 ? [start + 1] : []),
      ...(j > 0 ? [start - nx] : []),
      ...(j < ny - 1 ? [start + nx] : []),
      ...(k > 0 ? [start - nx * ny] : []),
      ...(k < nz - 1 ? [start + nx * ny] : [])
    ]
    return [start, ...next.flatMap(from)]
  }
  return all.map(from).filter((cluster) => cluster.length > 0)
}

describe("lnm run of group-network-mapping with overlap", () => {
  it("counts what comparing every patient with every level counts", { timeout: 60_000 }, async () => {
    const { out, config } = madeWithT("counts")
    const { stderr } = await lnmHereSucceeds(["run", config])
    assert.include(stderr, "sub-5: this patient has several t maps. Their mean enters the overlap")
    const table = tableOf(join(out, "overlap.tsv"))
    const shares = [0.7, 0.75, 0.9, 0.95, 1]
    assert.strictEqual(table.length, 4 * 2 * shares.length)
    for (const [tau, word] of [
      [5, "5"],
      [7, "7"],
      [7.5, "7p5"],
      [9, "9"]
    ] as const) {
      const [up, down] = [1, -1].map((sign) => all.map((v) => countOf(v, tau, sign)))
      for (const [side, counts] of [
        ["pos", up!],
        ["neg", down!]
      ] as const) {
        const expected = Float32Array.from(counts, (count) => count / patients)
        assert.deepStrictEqual(imageOf(out, `desc-overlap_stat-t${side}${word}_statmap`), expected)
        for (const share of shares) {
          // 0.7 and 0.95 of 24 patients are no whole numbers.
          const inside = counts.map((count) => count >= share * patients)
          const row = table.find(
            (one) => Number(one.tau) === tau && one.sign!.startsWith(side) && Number(one.share) === share
          )
          assert.strictEqual(Number(row!.voxels), inside.filter(Boolean).length)
          assert.closeTo(Number(row!.volume_ml), inside.filter(Boolean).length * 0.064, 1e-9)
          if (tau !== 7) continue
          const mask = imageOf(out, `label-share${100 * share}_desc-overlap_stat-t${side}7_mask`)
          assert.deepStrictEqual(
            mask,
            Uint8Array.from(inside, (is) => (is ? 1 : 0))
          )
        }
      }
      const larger = Float32Array.from(up!, (count, v) =>
        count === down![v] ? 0 : (count > down![v]! ? count : -down![v]!) / patients
      )
      assert.deepStrictEqual(imageOf(out, `desc-overlap_stat-tsigned${word}_statmap`), larger)
    }
    assert.isAbove(imageOf(out, "label-share75_desc-overlap_stat-tpos7_mask").filter((is) => is === 1).length, 0)
    const compared = tableOf(join(out, "diagnosis.tsv")).map((row) => row.map)
    assert.include(compared, "desc-overlap_stat-tsigned7")
    const sidecar = readFileSync(join(out, `space-${space}_desc-overlap_stat-tneg7_statmap.json`), "utf8")
    assert.include(JSON.parse(sidecar), { Threshold: -7, Patients: patients, StatisticType: "t" })
  })

  it("lists each cluster with the voxel in which most patients are", { timeout: 60_000 }, async () => {
    const { out, config } = madeWithT("clusters", "overlap: { t: 5, sweep: [], share: 0.5 }\n")
    await lnmHereSucceeds(["run", config])
    const rows = tableOf(join(out, "overlap_clusters.tsv"))
    for (const [sign, word] of [
      [1, "positive"],
      [-1, "negative"]
    ] as const) {
      const counts = all.map((v) => countOf(v, 5, sign))
      const means = all.map((v) => {
        // 0 is background, also in one of the two maps of patient 5.
        const values = maps.flatMap((t, n) =>
          Number.isFinite(t[v]!) && t[v] !== 0 && (n !== 5 || Math.abs(t[v]!) !== 1) ? [t[v]!] : []
        )
        return values.reduce((sum, t) => sum + t, 0) / values.length
      })
      const strength = (v: number) => 1000 * counts[v]! + Math.abs(means[v]!)
      const expected = clustersOf(counts.map((count) => count >= 0.5 * patients))
        .map((cluster) => ({
          cluster,
          peak: cluster.reduce((best, v) => (strength(v) > strength(best) ? v : best))
        }))
        .sort((a, b) => strength(b.peak) - strength(a.peak))
      const told = rows.filter((row) => row.sign === word && row.voxels !== "n/a")
      assert.isAbove(expected.length, 0)
      assert.strictEqual(told.length, expected.length)
      for (const [n, { cluster, peak }] of expected.entries()) {
        const row = told[n]!
        assert.strictEqual(Number(row.voxels), cluster.length)
        const [i, j, k] = [peak % 10, Math.floor(peak / 10) % 9, Math.floor(peak / 90)]
        const place = [row.x_mm, row.y_mm, row.z_mm].map(Number)
        assert.deepStrictEqual(place, [4 * i - 20, 4 * j - 18, 4 * k - 16])
        assert.closeTo(Number(row.peak_share), counts[peak]! / patients, 1e-6)
        assert.closeTo(Number(row.peak_mean_t), means[peak]!, 1e-5)
      }
    }
    // The planted blocks are wider than the distance of peaks.
    assert.isAbove(rows.filter((row) => row.voxels === "n/a").length, 0)
  })

  it("joins the overlap with what is significant in the same direction", { timeout: 60_000 }, async () => {
    for (const p of ["pfwe", "pfdr", "ptfcefwe"]) {
      const keys = `overlap: { t: 7, sweep: [], share: 0.6, conjunction: ${p} }\n`
      const { out, config } = madeWithT(`conjunction-${p}`, keys, p === "ptfcefwe")
      await lnmHereSucceeds(["run", config])
      const [t, corrected] = ["t", p].map((name) => imageOf(out, `desc-aphasia_stat-${name}_statmap`))
      const inside = (sign: number) =>
        all.map((v) => countOf(v, 7, sign) >= 0.6 * patients && corrected![v]! < 0.05 && sign * t![v]! > 0)
      const [up, down] = [inside(1), inside(-1)]
      assert.isAbove(up.filter(Boolean).length, 5)
      const expected = Uint8Array.from(up, (is, v) => (is || down[v] ? 1 : 0))
      assert.deepStrictEqual(imageOf(out, "desc-aphasia_label-conjunction_mask"), expected)
      // In the other half of the planted voxels the contrast is above 0, and the overlap below.
      const significant = planted.slice(20).filter((v) => corrected![v]! < 0.05 && countOf(v, 7, -1) >= 0.6 * patients)
      assert.isAbove(significant.length, 5)
      const [row] = tableOf(join(out, "conjunction.tsv"))
      assert.deepInclude(row, { contrast: "aphasia", p, tau: "7", share: "0.6", patients: "15" })
      assert.strictEqual(Number(row!.positive_voxels), up.filter(Boolean).length)
      assert.strictEqual(Number(row!.negative_voxels), down.filter(Boolean).length)
    }
  })

  it("takes t maps from folders of functional-network-mapping", { timeout: 60_000 }, async () => {
    const here = join(folder, "ours")
    const centres = Array.from({ length: 8 }, (_, n) => [3 + (n % 4), 4 + (n >> 2), 4 + (n % 3)] as const)
    const study = await writeTinyStudy(here, { subjects: 5, timePoints: 30, centres })
    await lnmHereSucceeds(["run", study.config, "--set", "report=false"])
    const people = centres.map((_, n) => `sub-00${n + 1}\t${n % 2}`)
    writeFileSync(join(here, "participants.tsv"), `participant_id\taphasia\n${people.join("\n")}\n`)
    const config = join(here, "group.yaml")
    const text = groupConfig("{ name: aphasia, of: aphasia }").replace("maps.tsv", "maps")
    writeFileSync(config, `${text}overlap: { t: 2, sweep: [], share: 0.5 }\n`)
    await lnmHereSucceeds(["run", config])
    const manifest = JSON.parse(readFileSync(join(study.output, "manifest.json"), "utf8"))
    const tMaps: ReadonlyArray<string> = manifest.outputs
      .map((output: { path: string }) => output.path)
      .filter((file: string) => file.endsWith("_stat-t_statmap.nii.gz") && file.includes("_desc-boes_"))
    assert.strictEqual(tMaps.length, 8)
    const values = tMaps.map((file) => readMap(join(study.output, file)).values)
    const label = /space-([^_]+)/.exec(tMaps[0]!)![1]
    const file = join(here, "out", `space-${label}_desc-overlap_stat-tpos2_statmap.nii.gz`)
    const expected = Float32Array.from(values[0]!, (_, v) => values.filter((t) => t[v]! >= 2).length / 8)
    assert.isAbove(
      expected.reduce((most, share) => Math.max(most, share), 0),
      0
    )
    assert.deepStrictEqual(readMap(file).values, expected)
    const inputs = JSON.parse(readFileSync(join(here, "out", "manifest.json"), "utf8")).inputs
    assert.strictEqual(inputs.filter((one: { path: string }) => one.path.endsWith("stat-t_statmap.nii.gz")).length, 8)
    await lnmHereSucceeds(["verify", join(here, "out")])
  })

  it("names the t map that is missing, lies elsewhere, or is given twice, before anything is computed", {
    timeout: 60_000
  }, async () => {
    const { here, config } = madeWithT("wrong")
    const table = readFileSync(join(here, "maps.tsv"), "utf8")
    const refused = async (text: string, message: string) => {
      writeFileSync(join(here, "maps.tsv"), text)
      const { code, stderr } = await lnmHere(["run", config])
      assert.strictEqual(code, 2, stderr)
      assert.include(stderr, message)
    }
    const map = `sub-4_space-${space}_stat-z_statmap.nii`
    await refused(table.replace("t4.nii", ""), `${map}: there is no t map of it, which overlap needs`)
    await refused(table.replace("t4.nii", map), `${map}: it is given as its own t map`)
    await refused(table.replace("t4.nii", "t2.nii"), "t2.nii: this t map is given twice")
    writeT(join(here, "small.nii"), new Float32Array(27), { ...cohortGrid, shape: [3, 3, 3] })
    await refused(table.replace("t4.nii", "small.nii"), "small.nii: it lies on another grid (3 × 3 × 3)")
    writeT(join(here, "t_space-MNI305.nii"), tOf(4))
    await refused(table.replace("t4.nii", "t_space-MNI305.nii"), "its name says space-MNI305")
    writeFileSync(join(here, "maps.tsv"), table)
    const low = await lnmHere(["plan", config, "--set", "overlap.t=0"])
    assert.strictEqual(low.code, 2)
    assert.include(low.stderr, "overlap.t")
    const untested = await lnmHere(["plan", config, "--set", "overlap.conjunction=ptfcefwe"])
    assert.strictEqual(untested.code, 2)
    assert.include(untested.stderr, "overlap.conjunction: contrast aphasia has no ptfcefwe. Give it `tfce: true`")
    const { stdout } = await lnmHereSucceeds(["plan", config])
    assert.include(stdout, "t of ± 5, 7, 7.5, 9; at 7 a share of 0.7, together with pfwe < 0.05")
  })
})
