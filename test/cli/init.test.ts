/** `lnm init` on folders as people have them: what it writes plans as it is, and what it cannot find it says. */
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { parse } from "yaml"
import { schemaAddress } from "../../pipelines/functional-network-mapping/init/studyText.ts"
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { repository } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { timeSeriesOf, tinyBrain, tinySpace, writeHdf5, writeNiftiScans } from "../support/tinyConnectome.ts"
import { ballBytes, lesionCentres, lesionName, writeFile, writeLesions, writeTinyStudy } from "../support/tinyStudy.ts"
import { composite, shiftBy, writeItkTransform } from "../support/writeItkTransform.ts"
import { writeStore } from "../support/writeStore.ts"

const scratch = scratchFolder()
const lesion = (n: number): Uint8Array => gzipSync(ballBytes(lesionCentres[n]!, 1))

/** Runs `lnm init`, and reads what it wrote. */
const initIn = async (folder: string, ...args: ReadonlyArray<string>) => {
  const { stdout } = await lnmHereSucceeds(["init", folder, ...args])
  const file = join(folder, "lnm.yaml")
  const text = readFileSync(file, "utf8")
  return { stdout, file, text, config: parse(text) }
}

/** The plan of what was written: it holds without an error. */
const planOf = async (file: string) => JSON.parse((await lnmHereSucceeds(["plan", file, "--json"])).stdout)

/** Left half 1, right half 2. */
const atlasBytes = (): Uint8Array =>
  encodeNifti({
    grid: tinyBrain.grid,
    values: Uint8Array.from({ length: voxelsOf(tinyBrain.grid) }, (_, n) => (n % tinyBrain.grid.shape[0] < 6 ? 1 : 2))
  })

const writeTinyStore = (folder: string): Promise<string> =>
  writeStore(folder, {
    ...tinyBrain,
    voxels: tinyBrain.gridIndex.length,
    timeSeries: [0, 1, 2, 3, 4].map((subject) => timeSeriesOf(tinyBrain, subject, 30)),
    precision: "float32",
    space: tinySpace
  })

describe("lnm init", () => {
  it("writes a config that plans, of an HDF5 connectome, lesions, an atlas with its table and participants", async () => {
    const { folder } = await writeTinyStudy(join(scratch, "whole"), { subjects: 6, files: 2 })
    writeFile(join(folder, "regions.nii"), atlasBytes())
    writeFile(join(folder, "regions.tsv"), "index\tname\n1\tleft\n2\tright\n")
    writeFile(join(folder, "lesions/participants.tsv"), "participant_id\tage\tgroup\nsub-001\t60\tstroke\n")
    const { stdout, file, text, config } = await initIn(folder)
    assert.deepStrictEqual(config, {
      pipeline: "functional-network-mapping",
      connectome: { path: "connectome" },
      lesions: { path: "lesions" },
      parcellations: [{ name: "regions", path: "regions.nii", labels: "regions.tsv" }],
      output: { path: "derivatives/lnm" }
    })
    assert.include(text, "of participants.tsv: age, group")
    assert.match(stdout, /^connectome {2}connectome: 6 subjects, \d+ voxels, HDF5$/m)
    assert.match(stdout, /^next: {7}lnm plan /m)
    const { lesions, subjects } = await planOf(file)
    assert.deepStrictEqual([lesions, subjects], [4, 6])
  })

  it("writes the folder of templates where lesions lie in the other template, or how to get it", async () => {
    const other = "MNI152NLin2009cAsym"
    const { folder } = await writeTinyStudy(join(scratch, "templates"), { subjects: 6, centres: [] })
    writeFile(join(folder, "lesions", lesionName("001")), lesion(0))
    for (const n of [1, 2]) writeFile(join(folder, "lesions", lesionName(`00${n + 1}`, other)), lesion(n))
    const lacking = await initIn(folder)
    const warp = `tpl-${tinySpace}_from-${other}_mode-image_xfm.h5`
    assert.isUndefined(lacking.config.templates)
    assert.include(lacking.text, `# 2 lesion(s) lie in ${other}, and ${warp}, which brings them over, was not found`)
    assert.include(lacking.stdout, "lnm fetch mni152nlin6asym")
    assert.include(lacking.stdout, "comments say what to fill in")
    const beside = join(scratch, "beside/mni152nlin6asym", `tpl-${tinySpace}`)
    writeFile(join(beside, warp), "not read by init")
    cpSync(folder, join(scratch, "beside/study"), { recursive: true })
    assert.strictEqual(
      (await initIn(join(scratch, "beside/study"), "--overwrite")).config.templates,
      "../mni152nlin6asym"
    )
    const there = join(folder, "mni152nlin6asym", `tpl-${tinySpace}`)
    writeFile(join(there, "README"), "")
    await writeItkTransform(join(there, warp), [composite, shiftBy(0, 0, 0)])
    const { stdout, file, config } = await initIn(folder, "--overwrite")
    assert.strictEqual(config.templates, "mni152nlin6asym")
    assert.deepStrictEqual(config.connectome, { path: "connectome/part-1.h5" })
    assert.include(stdout, `mni152nlin6asym: 2 lesion(s) in ${other} are brought over`)
    assert.notInclude(stdout, "comments say")
    assert.strictEqual((await planOf(file)).lesions, 3)
  })

  it("prefers a store, and names the other connectome", async () => {
    const { folder } = await writeTinyStudy(join(scratch, "two"), { subjects: 6 })
    await writeTinyStore(join(folder, "z.zarr"))
    const { stdout, file, text, config } = await initIn(folder)
    assert.deepStrictEqual(config.connectome, { path: "z.zarr" })
    assert.match(text, /^ {2}# path: connectome\/part-1\.h5 +# or 6 subjects, \d+ voxels, HDF5$/m)
    assert.include(stdout, "not taken: connectome/part-1.h5")
    assert.strictEqual((await planOf(file)).subjects, 5)
  })

  it("takes a Lead-DBS connectome, and asks for its space", async () => {
    const folder = join(scratch, "leaddbs")
    cpSync(join(import.meta.dirname, "../connectome/leaddbs/fixtures/mat5-format2"), join(folder, "GSP"), {
      recursive: true
    })
    const { stdout, text, config } = await initIn(folder)
    assert.deepStrictEqual(config.connectome, { path: "GSP" })
    assert.match(stdout, /^connectome {2}GSP: 3 subjects.*, 15 voxels, Lead-DBS$/m)
    assert.include(text, "fill in the template space")
  })

  it("takes NIfTI scans with their brain mask, and masks from a folder whose name says so", async () => {
    const folder = join(scratch, "scans")
    const { scans } = writeNiftiScans(folder, { subjects: 4 })
    for (const n of [0, 1]) writeFile(join(folder, `masks/p0${n}.nii.gz`), lesion(n))
    writeFile(join(folder, "MNI152_T1_2mm.nii.gz"), lesion(2))
    const { file, config } = await initIn(folder)
    assert.deepStrictEqual(config.connectome, { path: "scans", mask: "brain_mask.nii.gz" })
    assert.deepStrictEqual(config.lesions, { path: "masks" })
    const { lesions, subjects } = await planOf(file)
    assert.deepStrictEqual([lesions, subjects], [2, scans.length])
  })

  it("finds patterns that tell scans and lesions from the other images of one folder", async () => {
    const folder = join(scratch, "flat")
    const { path, scans, mask } = writeNiftiScans(join(scratch, "flat-source"), { subjects: 4 })
    for (const [n, scan] of scans.entries()) {
      writeFile(join(folder, `sub-000${n}_bld001_rest_skip4_finalmask.nii.gz`), readFileSync(scan))
    }
    writeFile(join(folder, "MNI_brain_mask.nii.gz"), readFileSync(mask))
    for (const n of [0, 1]) writeFile(join(folder, `pat0${n}_lesion.nii.gz`), lesion(n))
    assert.isTrue(existsSync(path))
    const { file, config } = await initIn(folder, "--space", "X")
    const { connectome, lesions } = config
    assert.deepStrictEqual(
      [connectome.pattern, connectome.mask],
      ["**/*_bld001_rest_skip4_finalmask.nii.gz", "MNI_brain_mask.nii.gz"]
    )
    assert.deepStrictEqual(lesions, { path: ".", pattern: "**/*_lesion.nii.gz" })
    const plan = await planOf(file)
    assert.deepStrictEqual([plan.lesions, plan.subjects], [2, 4])
  })

  it("says of an empty folder what to fill in, and writes that", async () => {
    const folder = join(scratch, "empty")
    mkdirSync(folder)
    const { stdout, text, file } = await initIn(folder)
    assert.match(stdout, /^connectome {2}none found: fill in connectome\.path$/m)
    assert.match(stdout, /^lesions {5}none found: fill in lesions\.path$/m)
    assert.match(text, /^ {2}# path: connectome$/m)
    assert.match(text, /^ {2}# path: lesions$/m)
    // With what the comments ask for, it is a config.
    const { folder: other } = await writeTinyStudy(join(scratch, "elsewhere"), { subjects: 5 })
    const filled = text
      .replace("# path: connectome", `path: ${other}/connectome`)
      .replace("# path: lesions", `path: ${other}/lesions`)
    writeFile(file, filled)
    assert.strictEqual((await planOf(file)).lesions, 4)
  })

  it("never overwrites a config without being told", async () => {
    const folder = join(scratch, "there")
    const file = writeFile(join(folder, "lnm.yaml"), "mine")
    const { code, stderr } = await lnmHere(["init", folder])
    assert.strictEqual(code, 2)
    assert.match(stderr, /lnm\.yaml is there already, and stays as it is\. --overwrite replaces it/)
    assert.strictEqual(readFileSync(file, "utf8"), "mine")
    await lnmHereSucceeds(["init", folder, "--overwrite"])
    assert.include(readFileSync(file, "utf8"), "pipeline: functional-network-mapping")
  })

  it("takes a connectome and a lesion from other places, with paths as seen from the config", async () => {
    const { folder: other } = await writeTinyStudy(join(scratch, "other"), { subjects: 5 })
    const config = join(scratch, "configs/study.yaml")
    const mask = join(other, "lesions", lesionName("002"))
    const args = ["--config", config, "--connectome", join(other, "connectome"), "--lesions", mask]
    await lnmHereSucceeds(["init", join(scratch, "there"), ...args])
    const { connectome, lesions, output } = parse(readFileSync(config, "utf8"))
    assert.deepStrictEqual(connectome, { path: "../other/connectome/part-1.h5" })
    assert.deepStrictEqual(lesions, { path: `../other/lesions/${lesionName("002")}` })
    assert.deepStrictEqual(output, { path: "derivatives/lnm" })
    assert.strictEqual((await planOf(config)).lesions, 1)
  })

  it("takes the space from the lesions where the connectome says none, and says so; else asks for it", async () => {
    const folder = join(scratch, "spaceless")
    await writeHdf5(join(folder, "c.h5"), { subjects: 5, space: null })
    writeLesions(join(folder, "lesions"), lesionCentres.slice(0, 2))
    const first = await initIn(folder)
    assert.strictEqual(first.config.connectome.space, tinySpace)
    assert.include(first.stdout, `space ${tinySpace}, by the lesions' names: check`)
    await planOf(first.file)
    const bare = join(scratch, "bare")
    await writeHdf5(join(bare, "c.h5"), { subjects: 5, space: null })
    writeFile(join(bare, "lesions/a.nii.gz"), lesion(0))
    const second = await initIn(bare)
    assert.isUndefined(second.config.connectome.space)
    assert.include(second.stdout, "nobody says it: fill in connectome.space")
    assert.include(second.stdout, "comments say what to fill in")
  })

  it("takes a table of seeds where there are no lesions", async () => {
    const folder = join(scratch, "seeds")
    await writeHdf5(join(folder, "c.h5"), { subjects: 5 })
    writeFile(join(folder, "tables/notes.tsv"), "name\tx\nA\t1\n")
    writeFile(join(folder, "tables/targets.csv"), "name,x,y,z,radius\nA,-10,-6,-6,6\nB,10,-6,-6,6\n")
    const { file, stdout, text, config } = await initIn(folder)
    assert.match(stdout, /^seeds {7}2 spheres in tables\/targets\.csv/m)
    assert.deepStrictEqual([config.lesions, config.seeds], [undefined, { spheres: "tables/targets.csv" }])
    assert.include(text, "# space: MNI152NLin6Asym")
    assert.strictEqual((await planOf(file)).lesions, 2)
    writeLesions(join(folder, "lesions"), lesionCentres.slice(0, 1))
    const again = await initIn(folder, "--overwrite")
    assert.isUndefined(again.config.seeds)
    assert.strictEqual((await planOf(again.file)).lesions, 1)
  })

  it("passes over what lnm has written: after a run it writes the same config", async () => {
    const { folder } = await writeTinyStudy(join(scratch, "again"), { subjects: 5 })
    const before = await initIn(folder)
    await lnmHereSucceeds(["run", before.file, "--progress", "off"])
    const after = await initIn(folder, "--overwrite")
    assert.strictEqual(after.text, before.text)
  })

  it("writes names that YAML would read otherwise in quotes", async () => {
    const folder = join(scratch, "odd")
    const place = "a: b #1 'x'"
    await writeHdf5(join(folder, place, "c.h5"), { subjects: 5 })
    writeLesions(join(folder, "- lesions"), lesionCentres.slice(0, 2))
    const { file, config } = await initIn(folder)
    assert.deepStrictEqual([config.connectome.path, config.lesions.path], [`${place}/c.h5`, "- lesions"])
    assert.strictEqual((await planOf(file)).lesions, 2)
  })

  it("says why an HDF5 file is no connectome, and why an atlas is not taken", async () => {
    const { folder } = await writeTinyStudy(join(scratch, "notes"), { subjects: 5 })
    writeFile(join(folder, "broken/c.h5"), "no HDF5")
    writeFile(join(folder, "tpl-Other_atlas-A_dseg.nii"), atlasBytes())
    const { stdout, config } = await initIn(folder)
    assert.match(stdout, /^note {8}.*broken\/c\.h5/m)
    assert.match(stdout, /^note {8}.*its name says space-Other/m)
    assert.isUndefined(config.parcellations)
  })

  it("refuses a folder that is not there", async () => {
    const { code, stderr } = await lnmHere(["init", join(scratch, "nowhere")])
    assert.strictEqual(code, 2)
    assert.match(stderr, /nowhere is not there\. Give a folder/)
  })

  it("names the JSON Schema by an address that leads to it", async () => {
    const { text, file } = await initIn(join(scratch, "there"), "--overwrite")
    const [, address] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)!
    const schema = address!.startsWith("file:") ? fileURLToPath(address!) : resolve(dirname(file), address!)
    assert.strictEqual(schema, join(repository, "configs/lnm.schema.json"))
  })
})

describe("schemaAddress", () => {
  it("is a path where the package is installed above the config or in the same project", () => {
    const installed = "/p/node_modules/lesion-network-mapping"
    assert.strictEqual(
      schemaAddress("/p/data", installed),
      "../node_modules/lesion-network-mapping/configs/lnm.schema.json"
    )
    assert.strictEqual(schemaAddress("/clone/examples", "/clone"), "../configs/lnm.schema.json")
  })

  it("is the file's address elsewhere, and where a path would hold a blank", () => {
    assert.strictEqual(schemaAddress("/data", "/clone"), "file:///clone/configs/lnm.schema.json")
    assert.strictEqual(schemaAddress("/a b/c/d", "/a b/c"), "../configs/lnm.schema.json")
    const blank = schemaAddress("/p", "/p/my clone/node_modules/x")
    assert.strictEqual(blank, "file:///p/my%20clone/node_modules/x/configs/lnm.schema.json")
  })
})
