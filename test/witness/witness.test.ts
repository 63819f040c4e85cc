/**
 * Holds whole runs of the command against a reference that shares no code with it: Python, NumPy and SciPy in float64.
 *
 * `cases.py` writes odd inputs, the command maps them, `compare.py` computes the same maps and compares. Where Python or
 * a package is missing, the tests are skipped with the reason; under CI that is a failure, as it must not go unnoticed.
 */
import { execFile } from "node:child_process"
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import { benjaminiHochberg } from "../../src/kernels/benjaminiHochberg.ts"
import { makeTwoTailedP } from "../../src/kernels/studentT.ts"
import { contentOf, isMap, isTimed } from "../support/folderContent.ts"

/** Debian's Python, whose packages `.ci/run` installs: python3-numpy, -scipy, -h5py and -nibabel. */
const python = "/usr/bin/python3"

const command = join(import.meta.dirname, "../../bin/lnm.js")

const cases = [
  "two-subjects",
  "double-gzip",
  "dead-voxels",
  "shared-chunks",
  "nifti-runs",
  "atlas-and-own-grid",
  "twenty-subjects",
  "electric-fields",
  "pini-connectome",
  "pini-file",
  "partial-runs",
  "partial-fields"
]

/** Cases that are also run on a store, and how many times wider the bounds of r, z, t and p are there. */
const stores: ReadonlyArray<readonly [name: string, precision: string, times: string]> = [
  ["double-gzip", "float32", "1,1,1,1"],
  ["nifti-runs", "float32", "1,1,1,1"],
  ["twenty-subjects", "float32", "1,1,1,1"],
  ["twenty-subjects", "int16", "2.5,2.5,1,10"]
]

/** What damage to a map must be noticed, and the words that the comparison has for it. */
const damages: ReadonlyArray<readonly [damage: string, words: RegExp]> = [
  ["none", /^$/],
  ["value", /stat-r_statmap.*1 voxels beyond the bound/],
  ["p", /stat-p_statmap.*1 voxels beyond the bound/],
  ["nan", /stat-t_statmap.*1 voxels are not finite/],
  ["affine", /affine .*, not/],
  ["background", /stat-pfdr_statmap.*background is not 1/],
  ["missing", /0 maps of z/],
  ["extra", /no lesion has this map/],
  ["degree", /desc-degree_stat-r_statmap.*voxels beyond the bound/],
  ["nodegree", /0 maps of the degree/]
]

interface Outcome {
  readonly code: number
  /** Both streams, one after the other. */
  readonly text: string
}

/** Runs a program to its end; exit codes are results. */
const run = (program: string, ...programArguments: ReadonlyArray<string>): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(program, programArguments, { maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1
      resolve({ code, text: `${stdout}${stderr}${code === -1 ? error?.message : ""}` })
    })
  })

/** -B: no compiled files beside the scripts. */
const runScript = (script: string, ...scriptArguments: ReadonlyArray<string>) =>
  run(python, "-B", join(import.meta.dirname, script), ...scriptArguments)

/** Runs a config with vectors of either width: every map and table, the seed-to-seed matrix included where there is one, must be the same bytes. */
const sameInBothWidths = async (place: string, config: string, matrix = true): Promise<void> => {
  const contents = []
  for (const vectors of ["128", "256"]) {
    const output = join(place, `vectors-${vectors}`)
    const settings = ["--set", `compute.vectors=${vectors}`, "--set", `statistics.matrix=${matrix}`, "--output", output]
    const ran = await run(process.execPath, command, "run", join(place, config), ...settings, "--progress", "off")
    assert.strictEqual(ran.code, 0, ran.text)
    contents.push(contentOf(output, (file) => !isTimed(file)))
    await rm(output, { recursive: true })
  }
  assert.isAbove(Object.keys(contents[0]!).filter(isMap).length, 4)
  assert.deepStrictEqual(contents[0], contents[1])
}

const probe = await run(python, "-c", "import numpy, scipy.stats, h5py, nibabel")
const available = probe.code === 0
const { CI = "" } = process.env
const required = !["", "0", "false"].includes(CI)
if (!available) console.warn(`the witness needs ${python} with numpy, scipy, h5py and nibabel: ${probe.text.trim()}`)

describe.skipIf(!available && !required)("the float64 witness", () => {
  let folder = ""

  beforeAll(async () => {
    assert.isTrue(available, `under CI the witness may not be skipped: ${probe.text}`)
    folder = await mkdtemp(join(tmpdir(), "lnm-witness-"))
    const written = await runScript("cases.py", folder)
    assert.strictEqual(written.code, 0, written.text)
    assert.deepStrictEqual((await readdir(folder)).sort(), [...cases].sort())
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  for (const name of cases) {
    it(`agrees with the command on ${name}`, async () => {
      const ran = await run(process.execPath, command, "run", join(folder, name, "config.yaml"), "--progress", "off")
      assert.strictEqual(ran.code, 0, ran.text)
      const compared = await runScript("compare.py", join(folder, name))
      assert.strictEqual(compared.code, 0, compared.text)
      console.info(compared.text.trim())
      await sameInBothWidths(join(folder, name), "config.yaml", !name.startsWith("partial"))
    })
  }

  for (const [name, precision, times] of stores) {
    it(`agrees with the command on a ${precision} store of ${name}`, async () => {
      const place = join(folder, name)
      const { connectome, lesions, mask, pattern } = JSON.parse(await readFile(join(place, "case.json"), "utf8"))
      const nifti = mask === null ? {} : { mask, pattern }
      const store = `${precision}.zarr`
      await writeFile(
        join(place, "prepare.yaml"),
        JSON.stringify({
          pipeline: "prepare-connectome",
          source: { path: connectome, ...nifti },
          space: "MNI152NLin6Asym",
          runs: "separate",
          precision,
          output: { path: store }
        })
      )
      await writeFile(
        join(place, "on-store.yaml"),
        JSON.stringify({
          pipeline: "functional-network-mapping",
          connectome: { path: store },
          lesions: { path: lesions.length === 1 ? lesions[0] : "lesions" },
          statistics: { maps: ["r", "z", "t", "sd", "p", "pfdr"] },
          output: { path: "derivatives" }
        })
      )
      await rm(join(place, "derivatives"), { recursive: true, force: true })
      for (const config of ["prepare.yaml", "on-store.yaml"]) {
        const ran = await run(process.execPath, command, "run", join(place, config), "--progress", "off")
        assert.strictEqual(ran.code, 0, ran.text)
      }
      const compared = await runScript("compare.py", "--times", times, place)
      assert.strictEqual(compared.code, 0, compared.text)
      console.info(`${precision} store: ${compared.text.trim()}`)
      await sameInBothWidths(place, "on-store.yaml")
    })
  }
  it("agrees with the kernels on p of t down to 1e-300, and on adjusted p with ties, zeros and ones", async () => {
    const written = await runScript("tails.py")
    assert.strictEqual(written.code, 0, written.text)
    const tails: {
      readonly t: ReadonlyArray<readonly [df: number, t: number, p: number]>
      readonly fdr: ReadonlyArray<{ readonly p: ReadonlyArray<number>; readonly adjusted: ReadonlyArray<number> }>
    } = JSON.parse(written.text)
    let worst = 0
    for (const [df, t, p] of tails.t) worst = Math.max(worst, Math.abs(makeTwoTailedP(df)(t) / p - 1))
    assert.isAtMost(worst, 1e-9)
    assert.isBelow(Math.min(...tails.t.map(([, , p]) => p)), 1e-299)
    for (const { p, adjusted } of tails.fdr) {
      const found = new Float64Array(p.length)
      benjaminiHochberg(Float64Array.from(p), found, new Float64Array(p.length), new Uint32Array(2 * p.length))
      // p·(m/j) here, p·m/j there: the two round differently.
      for (const [n, value] of found.entries()) assert.closeTo(value, adjusted[n]!, 1e-14 * adjusted[n]!)
    }
    console.info(`p of t: ${tails.t.length} values, SciPy differs by at most ${worst.toExponential(1)} of p`)
  })

  it("agrees with the headers on where volumes lie and what their numbers are, by sform and by qform", async () => {
    const [cos, sin] = [Math.cos(0.2), Math.sin(0.2)]
    const half = Math.SQRT1_2
    const affines: Readonly<Record<string, ReadonlyArray<number>>> = {
      leftHanded: [-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, 2, -72, 0, 0, 0, 1],
      rightHanded: [1, 0, 0, -96, 0, 1, 0, -132, 0, 0, 1, -78, 0, 0, 0, 1],
      permuted: [0, 0, 1.5, 10, -3, 0, 0, 20, 0, 0.8, 0, 30, 0, 0, 0, 1],
      mirrored: [0, 0, -1, 10, 0, -1, 0, 20, -1, 0, 0, 30, 0, 0, 0, 1],
      oblique: [-2 * cos, 3 * sin, 0, 90, 2 * sin, 3 * cos, 0, -126, 0, 0, 4, -72, 0, 0, 0, 1],
      turned: [half, -half, 0, 1, half, half, 0, 2, 0, 0, -1, 3, 0, 0, 0, 1],
      sheared: [2, 0.5, 0, 90, 0, 2, 0, -126, 0, 0, 2, -72, 0, 0, 0, 1]
    }
    const files: Array<string> = []
    for (const [name, affine] of Object.entries(affines)) {
      const values = new Float32Array(91 * 109 * 91)
      const space = name === "oblique" ? "NMT" : "MNI152NLin6Asym"
      const intent = { code: 3, parameters: [999] }
      files.push(join(folder, `${name}.nii`))
      await writeFile(files.at(-1)!, encodeNifti({ grid: { shape: [91, 109, 91], affine }, values, space, intent }))
    }
    const read = await runScript("headers.py", ...files)
    assert.strictEqual(read.code, 0, read.text)
    for (const [n, header] of JSON.parse(read.text).entries()) {
      const [name, affine] = Object.entries(affines)[n]!
      const code = name === "oblique" ? 5 : 4
      assert.deepStrictEqual(header.sform, [...Float32Array.from(affine)], name)
      assert.deepStrictEqual([header.sform_code, header.qform_code], [code, name === "sheared" ? 0 : code], name)
      assert.deepStrictEqual(header.intent, [3, 999], name)
      if (name === "sheared") continue
      for (const [element, value] of header.qform.entries()) {
        // Over 109 voxels: less than a micrometre.
        assert.closeTo(value, affine[element]!, element % 4 === 3 ? 1e-9 : 5e-6, `${name} ${element}`)
      }
    }
    await Promise.all(files.map((file) => rm(file)))
  })

  it("notices a wrong mean of a parcel, a wrong load, and a wrong count", async () => {
    const output = join(folder, "atlas-and-own-grid/derivatives")
    const lesion = (await readdir(output)).find((name) => name.startsWith("sub-one"))!
    const [table] = (await readdir(join(output, lesion))).filter((name) => name.endsWith("_parcels.tsv"))
    const change = async (file: string, row: number, alter: (cells: Array<string>) => void) => {
      const lines = (await readFile(file, "utf8")).split("\n")
      const cells = lines[row]!.split("\t")
      alter(cells)
      await writeFile(file, lines.with(row, cells.join("\t")).join("\n"))
    }
    // Columns: parcellation, index, name, voxels, r, z, t, lesionload.
    await change(join(output, lesion, table!), 2, (cells) => (cells[4] = String(Number(cells[4]) + 3e-6)))
    await change(join(output, lesion, table!), 11, (cells) => (cells[7] = "0.5"))
    const columns = (await readFile(join(output, "summary.tsv"), "utf8")).split("\n")[0]!.split("\t")
    const count = columns.indexOf("t_threshold_voxels")
    await change(join(output, "summary.tsv"), 1, (cells) => (cells[count] = String(Number(cells[count]) + 1)))
    const compared = await runScript("compare.py", join(folder, "atlas-and-own-grid"))
    assert.strictEqual(compared.code, 1, compared.text)
    assert.match(compared.text, /Octants 20: r is [-.\d]+, not/)
    assert.match(compared.text, /Bumps 2: lesionload is 0\.5, not/)
    assert.match(compared.text, /t_threshold_voxels is \d+, not \d+/)
    assert.strictEqual(compared.text.trim().split("\n").length, 4, compared.text)
  })

  it("passes maps with float32 noise, and notices every kind of damage", async () => {
    const copies = join(folder, "stand-in")
    const written = await runScript("stand_in.py", join(folder, "two-subjects"), copies)
    assert.strictEqual(written.code, 0, written.text)
    const compared = await runScript("compare.py", ...damages.map(([damage]) => join(copies, damage)))
    assert.strictEqual(compared.code, 1, compared.text)
    for (const [damage, words] of damages) {
      const complaints = compared.text
        .split("\n")
        .filter((line) => line.startsWith(`${damage}: `) && !/share of/.test(line))
      assert.match(complaints.join("\n"), words, damage)
    }
    const unharmed = await runScript("compare.py", join(copies, "none"))
    assert.strictEqual(unharmed.code, 0, unharmed.text)
  })
})
