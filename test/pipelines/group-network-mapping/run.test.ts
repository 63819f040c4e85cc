/** The command on a small cohort that is made up: what is planted is found, what is not is not, and wrong inputs are named. */
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readVolume } from "../../../src/imaging/nifti/readVolume.ts"
import { encodeNifti } from "../../../src/imaging/nifti/writeNifti.ts"
import { contrastBasis } from "../../../src/kernels/group/contrastBasis.ts"
import { freedmanLane } from "../../../src/kernels/group/freedmanLane.ts"
import { makePermutations } from "../../../src/kernels/group/permutations.ts"
import { permutationTest } from "../../../src/kernels/group/permutationTest.ts"
import { residualTile } from "../../../src/kernels/group/residualMaps.ts"
import { lnmHere, lnmHereSucceeds } from "../../support/lnmHere.ts"
import { empty, groupConfig, planted, writeCohort } from "../../support/madeUpCohort.ts"

const folder = mkdtempSync(join(tmpdir(), "lnm-group-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const contrast = "{ name: aphasia, of: aphasia, covariates: [age], permutations: 199, seed: 5 }"

const made = (name: string, options: Parameters<typeof writeCohort>[1], text = contrast) => {
  const here = join(folder, name)
  const maps = writeCohort(here, options)
  writeFileSync(join(here, "group.yaml"), groupConfig(text))
  return { here, maps, config: join(here, "group.yaml") }
}

const mapOf = async (here: string, statistic: string) => {
  const file = join(here, "out", `space-MNI152NLin6Asym_desc-aphasia_stat-${statistic}_statmap.nii.gz`)
  return (await Effect.runPromise(readVolume(file))).values
}

/** The results in an output folder, with their bytes. */
const contentOf = (out: string) =>
  readdirSync(out)
    .filter((name) => /\.(nii\.gz|json|tsv)$/.test(name) && name !== "manifest.json")
    .map((name) => [name, readFileSync(join(out, name), "base64")])

const significant = (p: Float64Array): ReadonlyArray<number> => [...p.keys()].filter((v) => p[v]! < 0.05)

/** The rows of a table, by the names of its columns. */
const tableIn = (text: string): ReadonlyArray<Record<string, string>> => {
  const [header, ...rows] = text
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"))
  return rows.map((row) => Object.fromEntries(header!.map((name, at) => [name, row[at]!])))
}

const rejected = async (config: string, message: string) => {
  const { code, stderr } = await lnmHere(["run", config])
  assert.strictEqual(code, 2, stderr)
  assert.include(stderr, message)
}

describe("lnm run of group-network-mapping", () => {
  it("finds what was planted, with the numbers of the float64 definition", { timeout: 60_000 }, async () => {
    const { here, maps, config } = made("planted", { patients: 40 })
    await lnmHereSucceeds(["run", config])
    const found = significant(await mapOf(here, "pfwe"))
    assert.isAtLeast(found.filter((v) => planted.includes(v)).length, 36)
    assert.isAtMost(found.filter((v) => !planted.includes(v)).length, 1)

    const effect = Float64Array.from(maps, (_, n) => n % 2)
    const ages = Float64Array.from(maps, (_, n) => 40 + ((n * 7) % 30))
    const blocks = new Int32Array(40)
    const basis = contrastBasis({ effect, nuisance: [ages], blocks })!
    const permutations = makePermutations([effect, ages], blocks, { permutations: 199, seed: 5 })
    const elements = Array.from({ length: 720 }, (_, v) => v).filter((v) => v !== empty)
    const rows = Float32Array.from(maps.flatMap((map) => elements.map((v) => map[v]!)))
    const tile = residualTile(basis, { maps: rows, rowVoxels: 719, firstVoxel: 0, voxels: 719 })
    const test = permutationTest(tile, { basis, permutations, statistic: freedmanLane(basis) })
    const [t, p, pfwe] = await Promise.all(["t", "p", "pfwe"].map((name) => mapOf(here, name)))
    for (const [k, v] of elements.entries()) {
      assert.closeTo(t![v]!, test.statistic[k]!, 1e-5 * Math.max(1, Math.abs(t![v]!)))
      // The maps are float32.
      assert.closeTo(p![v]!, test.p[k]!, 1e-7)
      assert.closeTo(pfwe![v]!, test.familyWise[k]!, 1e-7)
    }
    assert.deepStrictEqual([t![empty], p![empty], pfwe![empty]], [0, 1, 1])
    const { code } = await lnmHere(["verify", join(here, "out")])
    assert.strictEqual(code, 0)
  })

  it("finds nothing where labels have nothing to do with the maps", { timeout: 60_000 }, async () => {
    const { here, config } = made("shuffled", { patients: 40, symptom: (n) => (n >> 1) % 2 })
    await lnmHereSucceeds(["run", config])
    assert.deepStrictEqual(significant(await mapOf(here, "pfwe")), [])
  })

  it("gives the same files for any number of workers, and again into the same folder", {
    timeout: 60_000
  }, async () => {
    const { here, config } = made("workers", { patients: 40 })
    const t = "out/space-MNI152NLin6Asym_desc-aphasia_stat-pfwe_statmap.nii.gz"
    await lnmHereSucceeds(["run", config])
    const [maps, table] = [readFileSync(join(here, t)), readFileSync(join(here, "out/contrasts.tsv"))]
    await lnmHereSucceeds(["run", config, "--set", "compute.workers=1"])
    assert.isTrue(maps.equals(readFileSync(join(here, t))))
    assert.isTrue(table.equals(readFileSync(join(here, "out/contrasts.tsv"))))
  })

  it("gives the same maps where memory does not hold those of the patients, and leaves no scratch file", {
    timeout: 60_000
  }, async () => {
    const { here, config } = made("scratch", { patients: 40 }, contrast.replace(" }", ", clusters: false }"))
    await lnmHereSucceeds(["run", config])
    const maps = contentOf(join(here, "out"))
    const planned = JSON.parse((await lnmHereSucceeds(["plan", config, "--json"])).stdout)
    assert.strictEqual(planned.scratch_bytes, 0)
    // By less than the maps take, 115 kB.
    const tight = `compute.memory=${Math.floor((planned.peak_memory_bytes - 60_000) / 0.92)}B`
    const { stdout } = await lnmHereSucceeds(["plan", config, "--set", tight])
    assert.match(stdout, /scratch {5}640 KiB in .*out\/\.lnm while it runs: memory does not hold the maps/)
    await lnmHereSucceeds(["run", config, "--set", tight])
    assert.deepStrictEqual(contentOf(join(here, "out")), maps)
    assert.isFalse(existsSync(join(here, "out/.lnm")))
  })

  it("says in table and sidecars what clusters there are, and writes nothing of them that is not wanted", {
    timeout: 60_000
  }, async () => {
    const { here, config } = made("clusters", { patients: 40 }, contrast.replace("}", ", tfce: true }"))
    await lnmHereSucceeds(["run", config])
    const read = (file: string) => readFileSync(join(here, "out", file), "utf8")
    const [pfwe, tfce, mass] = await Promise.all(["pfwe", "ptfcefwe", "pmassfwe"].map((name) => mapOf(here, name)))
    const rows = tableIn(read("contrasts.tsv"))
    assert.strictEqual(rows[0]!.statistic, "t")
    assert.strictEqual(Number(rows[0]!.positive_voxels), significant(pfwe!).length)
    assert.strictEqual(Number(rows[0]!.tfce_positive_voxels), significant(tfce!).length)
    assert.strictEqual(Math.fround(Number(rows[0]!.pmassfwe_min)), Math.min(...mass!))
    // t of a two-tailed p of 0.001 with 37 degrees of freedom.
    assert.closeTo(Number(rows[0]!.forming_threshold), 3.5737, 1e-3)
    const clusters = tableIn(read("desc-aphasia_clusters.tsv"))
    assert.strictEqual(
      clusters.reduce((sum, { voxels }) => sum + Number(voxels), 0),
      significant(pfwe!).length
    )
    assert.closeTo(Number(clusters[0]!.volume_ml), Number(clusters[0]!.voxels) * 0.064, 1e-6)
    assert.closeTo(Number(clusters[0]!.pfwe), Math.min(...pfwe!), 1e-6)
    const sidecar = JSON.parse(read("space-MNI152NLin6Asym_desc-aphasia_stat-mass_statmap.json"))
    assert.deepInclude(sidecar, { FormingP: 0.001, Connectivity: "faces", Permutations: 199 })

    writeFileSync(config, groupConfig(contrast.replace("}", ", clusters: false }")))
    await lnmHereSucceeds(["run", config])
    const left = readdirSync(join(here, "out")).filter((file) => /extent|mass|tfce/.test(file))
    assert.deepStrictEqual(left, [])
    assert.strictEqual(tableIn(read("contrasts.tsv"))[0]!.forming_threshold, "n/a")
    assert.include(read("desc-aphasia_nulldist.tsv"), "permutation\tmax_t\n")
  })

  it("transforms maps of r, and says so", { timeout: 60_000 }, async () => {
    const { here, config } = made("r", { patients: 40, asR: true })
    const { stderr } = await lnmHereSucceeds(["run", config])
    assert.include(stderr, "transformed to Fisher z by atanh")
    const [ofR, ofZ] = [await mapOf(here, "t"), await mapOf(join(folder, "planted"), "t")]
    for (const v of planted) assert.closeTo(ofR[v]!, ofZ[v]!, 1e-4)
  })

  it("verifies its folder, and says that it cannot be held to a lock", { timeout: 60_000 }, async () => {
    const { here, config } = made("locked", { patients: 40 })
    await lnmHereSucceeds(["run", config])
    await lnmHereSucceeds(["verify", join(here, "out")])
    const { code, stderr } = await lnmHere(["lock", join(here, "out")])
    assert.strictEqual(code, 2)
    assert.include(stderr, "the pipeline group-network-mapping cannot be held to a lock")
    const calibrated = await lnmHere(["plan", config, "--calibrate"])
    assert.strictEqual(calibrated.code, 2)
    assert.include(calibrated.stderr, "--calibrate: the time of group-network-mapping is not estimated")
  })

  it("averages several maps of a patient", { timeout: 60_000 }, async () => {
    const { here, config } = made("several", { patients: 40 })
    // The same map under another name: the mean is the map itself.
    const name = "sub-3_space-MNI152NLin6Asym_stat-z_statmap.nii"
    writeFileSync(join(here, `other_${name}`), readFileSync(join(here, name)))
    appendFileSync(join(here, "maps.tsv"), `sub-3\tother_${name}\n`)
    await lnmHereSucceeds(["run", config])
    assert.deepStrictEqual(await mapOf(here, "t"), await mapOf(join(folder, "planted"), "t"))
  })

  it("names the file, the column or the patient of what cannot be used", { timeout: 60_000 }, async () => {
    const { here, config } = made("wrong", { patients: 24 })
    appendFileSync(join(here, "participants.tsv"), "sub-99\t1\t50\n")
    await rejected(config, "there is no map of 99")
    writeCohort(here, { patients: 24 })
    appendFileSync(join(here, "maps.tsv"), "sub-77\tsub-0_stat-z_x.nii\n")
    await rejected(config, "has no row of the patient 77")
    writeCohort(here, { patients: 24 })
    writeFileSync(config, groupConfig("{ name: x, of: fluency, permutations: 199 }"))
    await rejected(config, "it has no column fluency, which contrast x names")
    writeFileSync(config, groupConfig(contrast))
    const text = readFileSync(join(here, "participants.tsv"), "utf8")
    writeFileSync(join(here, "participants.tsv"), text.replace("sub-4\t0", "sub-4\tn/a"))
    await rejected(config, "aphasia: 4")
    writeCohort(here, { patients: 24 })
    const odd = { grid: { shape: [3, 3, 3], affine: [4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1] } } as const
    const name = "sub-2_space-MNI152NLin6Asym_stat-z_statmap.nii"
    writeFileSync(join(here, name), encodeNifti({ ...odd, space: "MNI152NLin6Asym", values: new Float32Array(27) }))
    await rejected(config, `${name}: it lies on another grid (3 × 3 × 3)`)
    assert.isFalse(existsSync(join(here, "out")))
  })
})
