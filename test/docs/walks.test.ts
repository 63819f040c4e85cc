/**
 * The pages that lead through a run are walked: their shell blocks run one after another in one folder, as a person would type them, on
 * data of a few hundred voxels in the places that the pages name.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openConnectome } from "../../src/connectome/openConnectome.ts"
import { launcher, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { tinyBrain, writeHdf5, writeNiftiScans } from "../support/tinyConnectome.ts"
import { makeTinyDataset, serveTinyDataset } from "../support/tinyDataset.ts"
import { lesionCentres, writeFile, writeLesions } from "../support/tinyStudy.ts"
import { blocksOf, type Page, pageOf } from "./pages.ts"

const scratch = scratchFolder()

/** A folder with the command `lnm`, for the path. @param catalogue what `lnm fetch` takes its entries from, instead of the network */
const commands = (catalogue?: string): string => {
  const folder = join(scratch, catalogue === undefined ? "bin" : "bin-fetch")
  const start = `exec "${process.execPath}" "${launcher}"`
  const own = catalogue === undefined ? "" : `if [ "$1" = fetch ]; then ${start} "$@" --catalogue "${catalogue}"; fi\n`
  const script = writeFile(join(folder, "lnm"), `#!/bin/sh\n${own}${start} "$@"\n`)
  chmodSync(script, 0o755)
  return folder
}

/** Writes the page's configs whose first line is their name, then runs its shell blocks; gives what they print. */
const walk = async (page: Page, folder: string, catalogue?: string): Promise<string> => {
  const blocks = blocksOf(page)
  for (const { language, code } of blocks) {
    const name = /^# ([\w-]+\.yaml)\n/.exec(code)?.[1]
    if (language === "yaml" && name !== undefined) writeFile(join(folder, name), code)
  }
  const script = blocks.flatMap(({ language, code }) => (language === "sh" ? [code] : [])).join("\n")
  const env = { PATH: [commands(catalogue), process.env.PATH].join(delimiter) }
  const ended = await startProgram("bash", ["-e", "-u", "-c", script], { cwd: folder, env }).ended
  if (ended.code !== 0) throw new Error(`${page.file} ended with ${ended.code}:\n${ended.stdout}\n${ended.stderr}`)
  return ended.stdout
}

/** The maps of lesions. */
const mapsIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true }).flatMap((name) =>
    /_desc-boes_stat-\w+_statmap\.nii\.gz$/.test(String(name)) ? [String(name)] : []
  )

describe.concurrent("walking the pages", () => {
  it("docs/first-run.md leads to maps of the lesion", async () => {
    const folder = join(scratch, "first")
    const data = join(folder, "demo-output/demo-data")
    await writeHdf5(join(data, "connectome/part-1.h5"), { subjects: 5 })
    const [, , third] = lesionCentres
    writeLesions(join(data, "lesions/sub-03"), [third!])
    const page = pageOf("docs/first-run.md")
    const printed = await walk(page, folder)
    assert.match(printed, /^connectome {2}\.\.\/demo-output\/demo-data\/connectome\/part-1\.h5: 5 subjects/m)
    assert.strictEqual(mapsIn(join(folder, "study/derivatives/lnm")).length, 5)
    assert.match(printed, /^lesion\t/m)
    // The page shows the config that is written, but for its comments and the place of the schema.
    const keys = (text: string) => text.split("\n").flatMap((line) => line.replace(/\s*#.*/, "") || [])
    const shown = blocksOf(page).find(({ language }) => language === "yaml")!.code
    const written = readFileSync(join(folder, "study/lnm.yaml"), "utf8")
    assert.deepStrictEqual(keys(written.replace("connectome/part-1.h5", "connectome")), keys(shown))
  })

  it("docs/gsp1000.md leads from scans to maps", async () => {
    const folder = join(scratch, "gsp")
    const { scans, mask } = writeNiftiScans(join(scratch, "source"), { subjects: 6 })
    for (const [n, scan] of scans.entries()) {
      const [subject, run] = [`sub-000${Math.floor(n / 2) + 1}`, `bld00${(n % 2) + 1}`]
      const name = `${subject}_${run}_rest_skip4_stc_mc_bp_finalmask.nii.gz`
      writeFile(join(folder, "GSP1000", subject, "func", name), readFileSync(scan))
    }
    writeFile(join(folder, "GSP1000/MNI152_T1_2mm_brain_mask.nii.gz"), readFileSync(mask))
    writeLesions(join(folder, "lesions"), lesionCentres.slice(0, 2))
    const printed = await walk(pageOf("docs/gsp1000.md"), folder)
    assert.match(printed, /^connectome {2}gsp1000\.zarr: 3 subjects/m)
    assert.match(printed, /^subjects +3$/m)
    assert.match(printed, /^scans +6$/m)
    assert.strictEqual(mapsIn(join(folder, "derivatives/lnm")).length, 2 * 5)
  })

  it("docs/fetch.md leads from an empty folder to maps and a report, in three commands", async () => {
    const folder = join(scratch, "fetch")
    const dataset = await makeTinyDataset(join(scratch, "dataset"))
    const server = await serveTinyDataset(join(scratch, "dataset"), dataset, {}, "gsp1000")
    writeLesions(join(folder, "lesions"), lesionCentres.slice(0, 2))
    const printed = await walk(pageOf("docs/fetch.md"), folder, server.catalogue).finally(server.close)
    assert.match(printed, /^5 subjects in /m)
    assert.strictEqual(mapsIn(join(folder, "derivatives/lnm")).length, 2 * 5)
    assert.isTrue(existsSync(join(folder, "derivatives/lnm/report.html")))
    assert.lengthOf(
      blocksOf(pageOf("docs/fetch.md"))
        .find(({ language }) => language === "sh")!
        .code.trim()
        .split("\n"),
      3
    )
  })

  it("docs/gsp1000.md's Python writes an HDF5 connectome", async () => {
    const folder = join(scratch, "python")
    mkdirSync(folder)
    const { code } = blocksOf(pageOf("docs/gsp1000.md")).find(({ language }) => language === "python")!
    const { shape, affine } = tinyBrain.grid
    const program = `${code}
mask = np.zeros((${shape.join(", ")}))
mask[2:5, 3:6, 4:7] = 1
series = np.random.default_rng(1).normal(1000, 10, (4, 20, int(mask.sum())))
write_connectome("c.h5", series, mask, np.array([${affine.join(", ")}]).reshape(4, 4), "MNI152NLin6Asym")
`
    const ended = await startProgram("/usr/bin/python3", ["-c", program], { cwd: folder }).ended
    assert.strictEqual(ended.code, 0, ended.stderr)
    const open = openConnectome({ path: join(folder, "c.h5") })
    const { subjects, voxels, space } = await Effect.runPromise(Effect.scoped(open))
    assert.deepStrictEqual([subjects.length, voxels, space], [4, 27, "MNI152NLin6Asym"])
  })
})
