/**
 * The pages that lead through a run are walked: their shell blocks run one after another in one folder, as a person would type them, on
 * data of a few hundred voxels in the places that the pages name.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openConnectome } from "../../src/connectome/openConnectome.ts"
import { readMap } from "../support/readMap.ts"
import { launcher, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { tinyBrain, writeHdf5, writeNiftiScans } from "../support/tinyConnectome.ts"
import { makeTinyDataset, type OtherEntry, serveTinyDataset } from "../support/tinyDataset.ts"
import { ballBytes, lesionCentres, lesionName, writeFile, writeLesions } from "../support/tinyStudy.ts"
import { composite, shiftBy, writeItkTransform } from "../support/writeItkTransform.ts"
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

/** The warp that brings images of the other template to that of the data set, where all lies one voxel farther to the front. */
const warps = async (): Promise<OtherEntry> => {
  const name = "tpl-MNI152NLin6Asym_from-MNI152NLin2009cAsym_mode-image_xfm.h5"
  // Points go the other way than images, and ITK's y points to the back.
  const file = await writeItkTransform(join(scratch, name), [composite, shiftBy(0, tinyBrain.grid.affine[5]!, 0)])
  const content = readFileSync(file)
  return { name: "mni152nlin6asym", licence: "of the warps", files: [{ name, folder: "tpl-MNI152NLin6Asym", content }] }
}

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
    const server = await serveTinyDataset(join(scratch, "dataset"), dataset, {}, "gsp1000", await warps())
    writeLesions(join(folder, "lesions"), lesionCentres.slice(0, 1))
    // Of another person, in the other space, where all lies one voxel farther back.
    const [i, j, k] = lesionCentres[0]!
    const elsewhere = gzipSync(ballBytes([i, j - 1, k], 1, tinyBrain))
    writeFile(join(folder, "lesions", lesionName("900", "MNI152NLin2009cAsym")), elsewhere)
    const printed = await walk(pageOf("docs/fetch.md"), folder, server.catalogue).finally(server.close)
    assert.match(printed, /^5 subjects in /m)
    assert.match(printed, /^licence +of the warps$/m)
    const maps = join(folder, "derivatives/lnm")
    assert.strictEqual(mapsIn(maps).length, 2 * 5)
    const [here, brought] = ["001", "900"].map((subject) => {
      const name = mapsIn(maps).find((file) => file.includes(`sub-${subject}_`) && file.includes("stat-r_"))!
      return readMap(join(maps, name)).values
    })
    assert.deepStrictEqual(brought, here)
    const report = readFileSync(join(maps, "report.html"), "utf8")
    assert.include(report, "MNI152NLin2009cAsym")
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
