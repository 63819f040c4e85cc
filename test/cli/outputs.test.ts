/** What a run leaves behind: exactly these files, named as BIDS derivatives, that agree with one another. */
import { readFileSync, rmSync, statSync } from "node:fs"
import { cp } from "node:fs/promises"
import { basename, join, matchesGlob } from "node:path"
import { pathToFileURL } from "node:url"
import { gzipSync } from "node:zlib"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { flipByte } from "../support/damage.ts"
import { filesIn, sha256 } from "../support/folderContent.ts"
import { readMap } from "../support/readMap.ts"
import { lnm, lnmSucceeds } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { tinyBrain, tinySpace } from "../support/tinyConnectome.ts"
import { ballBytes, type TinyStudy, writeFile, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
const subjects = 12
const sessionLesion = `sub-01_ses-02_space-${tinySpace}_label-lesion_mask.nii.gz`
const plainLesion = "Stroke, left (2).nii"
const session = `sub-01/ses-02/sub-01_ses-02_space-${tinySpace}_label-lesion_desc-boes_stat`
const plain = `sub-Strokeleft2/sub-Strokeleft2_space-${tinySpace}_desc-boes_stat`

let study: TinyStudy

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects, centres: [] })
  writeFile(join(study.folder, "lesions/sub-01/ses-02/anat", sessionLesion), gzipSync(ballBytes([4, 5, 5], 2)))
  // Across the brain's edge: three of its seven voxels are outside.
  writeFile(join(study.folder, "lesions", plainLesion), ballBytes([1, 6, 6], 1))
  await lnmSucceeds(["run", study.config, "--set", "statistics={fdr_alpha: 0.02, t_threshold: 4}"])
})

const read = (file: string): string => readFileSync(join(study.output, file), "utf8")
const readJson = (file: string) => JSON.parse(read(file))
const map = (stem: string) => readMap(join(study.output, `${stem}.nii.gz`))

const inMask = (stem: string): ReadonlyArray<number> => {
  const { values } = map(stem)
  return Array.from(tinyBrain.gridIndex, (element) => values[element]!)
}

const summaryRows = (): ReadonlyArray<Readonly<Record<string, string>>> => {
  const [header, ...rows] = read("summary.tsv")
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"))
  return rows.map((cells) => Object.fromEntries(cells.map((cell, n) => [header![n]!, cell])))
}

describe("the output folder of a run", () => {
  it("holds each map and mask with its sidecar, the summary, the manifest and nothing else", () => {
    const stems = [session, plain].flatMap((prefix) => [
      ...["r", "z", "t", "p", "pfdr"].map((statistic) => `${prefix}-${statistic}_statmap`),
      ...["pfdrthreshold", "tthreshold"].map((mask) => `${prefix}-${mask}_mask`)
    ])
    const overlaps = ["pos", "neg"].flatMap((sign) =>
      [5, 7, 9].map((tau) => `space-${tinySpace}_desc-overlap_stat-t${sign}${tau}_statmap`)
    )
    const files = [...stems, ...overlaps].flatMap((stem) => [`${stem}.json`, `${stem}.nii.gz`])
    const expected = [
      ...files,
      `space-${tinySpace}_desc-degree_stat-r_statmap.json`,
      `space-${tinySpace}_desc-degree_stat-r_statmap.nii.gz`,
      ".bidsignore",
      "README",
      "dataset_description.json",
      "manifest.json",
      "report.html",
      "summary.json",
      "summary.tsv"
    ].sort()
    assert.deepStrictEqual(filesIn(study.output), expected)
  })

  it("has its maps on the connectome's grid, 0 outside of the brain mask, p and pfdr 1", () => {
    const inside = new Set(tinyBrain.gridIndex)
    for (const [statistic, outside] of Object.entries({ r: 0, z: 0, t: 0, p: 1, pfdr: 1 })) {
      const { shape, affine, values } = map(`${session}-${statistic}_statmap`)
      assert.deepStrictEqual(shape, [...tinyBrain.grid.shape])
      assert.deepStrictEqual(affine, tinyBrain.grid.affine.slice(0, 12))
      assert.instanceOf(values, Float32Array)
      assert.isTrue(values.every((value, element) => inside.has(element) || value === outside))
      assert.isTrue(values.every(Number.isFinite))
    }
  })

  it("has maps that follow from one another", () => {
    const [r, z, t, p, pfdr] = ["r", "z", "t", "p", "pfdr"].map((statistic) =>
      inMask(`${session}-${statistic}_statmap`)
    )
    for (let voxel = 0; voxel < r!.length; voxel++) {
      assert.closeTo(r![voxel]!, Math.tanh(z![voxel]!), 1e-6)
      assert.strictEqual(Math.sign(t![voxel]!), Math.sign(z![voxel]!))
      assert.isAtLeast(pfdr![voxel]!, p![voxel]!)
    }
    const significant = inMask(`${session}-pfdrthreshold_mask`)
    assert.deepStrictEqual(
      significant,
      pfdr!.map((value) => (value < 0.02 ? 1 : 0))
    )
    const strong = inMask(`${session}-tthreshold_mask`)
    assert.deepStrictEqual(
      strong,
      t!.map((value) => (Math.abs(value) >= 4 ? 1 : 0))
    )
    assert.include(significant, 1)
    assert.include(significant, 0)
  })

  it("has a summary whose numbers are those of the maps", () => {
    const rows = summaryRows()
    assert.deepStrictEqual(
      rows.map(({ lesion }) => lesion),
      [plainLesion, sessionLesion]
    )
    for (const [row, prefix] of [
      [rows[0]!, plain],
      [rows[1]!, session]
    ] as const) {
      for (const statistic of ["r", "t"]) {
        const values = inMask(`${prefix}-${statistic}_statmap`)
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length
        const expected = { min: Math.min(...values), max: Math.max(...values), mean }
        for (const [name, value] of Object.entries(expected)) {
          // The summary is made from float64, the map is float32.
          assert.closeTo(Number(row[`${statistic}_${name}`]), value, 1e-6 * Math.max(1, Math.abs(value)))
        }
      }
      const count = (mask: string) => inMask(`${prefix}-${mask}_mask`).reduce((sum, value) => sum + value, 0)
      assert.strictEqual(Number(row.significant_voxels), count("pfdrthreshold"))
      assert.strictEqual(Number(row.t_threshold_voxels), count("tthreshold"))
      const percent = (voxels: number) => Number(((100 * voxels) / tinyBrain.gridIndex.length).toPrecision(7))
      assert.strictEqual(Number(row.significant_percent), percent(count("pfdrthreshold")))
      assert.strictEqual(Number(row.t_threshold_percent), percent(count("tthreshold")))
      const positive = inMask(`${prefix}-t_statmap`).filter((value) => value >= 4).length
      assert.strictEqual(Number(row.t_threshold_positive_voxels), positive)
      assert.strictEqual(Number(row.subjects), subjects)
    }
  })

  it("has a summary that tells how much of each lesion was used", () => {
    const [across, within] = summaryRows()
    const counts = ({ lesion_voxels, grid_voxels, mask_voxels, volume_ml, invalid_voxels }: Record<string, string>) => [
      lesion_voxels,
      grid_voxels,
      mask_voxels,
      volume_ml,
      invalid_voxels
    ]
    // Balls of radius 1 and 2 have 7 and 33 voxels of 4 × 4 × 4 mm.
    assert.deepStrictEqual(counts(within!), ["33", "33", "33", "2.112", "0"])
    const [lesionVoxels, gridVoxels, maskVoxels] = counts(across!)
    assert.deepStrictEqual([lesionVoxels, gridVoxels], ["7", "7"])
    assert.isTrue(Number(maskVoxels) > 0 && Number(maskVoxels) < 7, maskVoxels)
  })

  it("has sidecars that say what a map is and where it is from", () => {
    const t = readJson(`${session}-t_statmap.json`)
    assert.match(t.Description, /one-sample t/i)
    assert.strictEqual(t.DegreesOfFreedom, subjects - 1)
    assert.strictEqual(t.ConnectomeSubjects, subjects)
    assert.strictEqual(t.SpatialReference, tinySpace)
    assert.strictEqual(t.Method, "boes")
    assert.match(t.Sources[0], new RegExp(`${sessionLesion}$`))
    const mask = readJson(`${session}-tthreshold_mask.json`)
    assert.deepInclude(mask, { Type: "ROI", Threshold: 4 })
    assert.deepInclude(readJson(`${session}-pfdrthreshold_mask.json`), { Type: "ROI", Threshold: 0.02 })
  })

  it("is a BIDS derivative dataset", () => {
    const description = readJson("dataset_description.json")
    assert.strictEqual(description.DatasetType, "derivative")
    assert.match(description.BIDSVersion, /^1\.\d+\.\d+$/)
    assert.strictEqual(description.GeneratedBy[0].Name, "lesion-network-mapping")
    assert.deepStrictEqual(description.SourceDatasets, [{ URL: pathToFileURL(join(study.folder, "connectome")).href }])
    assert.include(read("README"), `${subjects} subjects`)
  })

  it("tells validators of every name that BIDS does not have, and of no other", () => {
    const patterns = read(".bidsignore").trimEnd().split("\n")
    const known = new Set([".bidsignore", "README", "dataset_description.json"])
    for (const file of filesIn(study.output)) {
      const ignored = patterns.some((pattern) => matchesGlob(basename(file), pattern))
      assert.strictEqual(ignored, !known.has(file), file)
    }
  })

  it("has a sidecar that describes every column of the summary", () => {
    const [header] = read("summary.tsv").split("\n")
    const columns = readJson("summary.json")
    assert.deepStrictEqual(Object.keys(columns), header!.split("\t"))
    assert.strictEqual(columns.significant_voxels.Description, "Voxels with pfdr < 0.02")
    assert.strictEqual(columns.t_threshold_voxels.Description, "Voxels with |t| ≥ 4")
  })
})

describe("the manifest", () => {
  it("lists every other file of the folder with its size and checksum", () => {
    const { outputs } = readJson("manifest.json")
    const expected = filesIn(study.output)
      .filter((file) => file !== "manifest.json")
      .map((path) => {
        const file = join(study.output, path)
        return { path, bytes: statSync(file).size, sha256: sha256(file) }
      })
    assert.deepStrictEqual(outputs, expected)
  })

  it("lists the config, the connectome and the lesions as inputs, with their checksums", () => {
    const { inputs } = readJson("manifest.json")
    const expected = [
      study.config,
      join(study.folder, "connectome/part-1.h5"),
      join(study.folder, "lesions", plainLesion),
      join(study.folder, "lesions/sub-01/ses-02/anat", sessionLesion)
    ]
    assert.deepStrictEqual(
      inputs,
      expected.map((path) => ({ path, bytes: statSync(path).size, method: "sha256", sha256: sha256(path) }))
    )
  })

  it("has the config as it was resolved, what was planned, and what it took", () => {
    const manifest = readJson("manifest.json")
    assert.strictEqual(manifest.config.connectome.path, join(study.folder, "connectome"))
    assert.deepInclude(manifest.config.statistics, { fdr_alpha: 0.02, t_threshold: 4 })
    assert.deepInclude(manifest.plan, { subjects, lesions: 2, passes: 1 })
    assert.strictEqual(manifest.platform.node, process.version)
    assert.isAbove(manifest.peak_memory_bytes, 50e6)
    assert.isAbove(manifest.wall_seconds, 0)
  })
})

describe("lnm verify", () => {
  const copyOf = async (name: string): Promise<string> => {
    const copy = join(scratch, name)
    await cp(study.output, copy, { recursive: true })
    return copy
  }

  it("finds an output folder as it was written, wherever it has been moved", async () => {
    const { stdout } = await lnmSucceeds(["verify", await copyOf("moved")])
    assert.match(stdout, /all 48 files are as they were written/)
  })

  it("names the files that are missing or have changed", async () => {
    const copy = await copyOf("changed")
    flipByte(join(copy, `${session}-t_statmap.nii.gz`), 500)
    writeFile(join(copy, "summary.tsv"), "")
    rmSync(join(copy, `${plain}-r_statmap.nii.gz`))
    const { code, stderr } = await lnm(["verify", copy])
    assert.strictEqual(code, 1)
    assert.match(stderr, /^error: .+3 file\(s\) differ/)
    assert.include(stderr, `${session}-t_statmap.nii.gz: its content has changed`)
    assert.include(stderr, `${plain}-r_statmap.nii.gz: missing`)
    assert.match(stderr, /summary\.tsv: 0 bytes instead of \d+/)
  })

  it("refuses a folder without a manifest, and one whose manifest is damaged", async () => {
    const none = await lnm(["verify", study.folder])
    assert.strictEqual(none.code, 2)
    assert.match(none.stderr, /^error: .+no manifest\.json.+\n$/)
    const damaged = await lnm(["verify", writeFile(join(scratch, "damaged/manifest.json"), "{").slice(0, -14)])
    assert.strictEqual(damaged.code, 2)
    assert.match(damaged.stderr, /^error: .+manifest\.json is damaged/)
  })
})
