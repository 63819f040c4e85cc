/** Which files of a dataset become maps, and what the maps are called, in a run and in the run after it. */
import { execFileSync } from "node:child_process"
import { readFileSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { filesIn } from "../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { ballBytes, lesionName, type TinyStudy, writeConfig, writeFile, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
let study: TinyStudy

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 4, centres: [] })
})

const lesion = gzipSync(ballBytes([6, 7, 6], 1))

/** A study of its own in a folder, with these files as lesions. */
const studyOf = (name: string, output: string, ...files: ReadonlyArray<string>) => {
  const folder = join(scratch, name)
  for (const file of files) writeFile(join(folder, "data", file), lesion)
  const config = writeConfig(join(folder, "study.yaml"), {
    pipeline: "functional-network-mapping",
    connectome: { path: join(study.folder, "connectome") },
    lesions: { path: "data" },
    statistics: { maps: ["r", "pfdr"] },
    output: { path: output }
  })
  return { folder, config }
}

const rMaps = (folder: string): ReadonlyArray<string> =>
  filesIn(folder).filter((file) => /^sub-.*_stat-r_statmap\.nii\.gz$/.test(file))

const lesionColumn = (output: string): ReadonlyArray<string | undefined> =>
  readFileSync(join(output, "summary.tsv"), "utf8")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((row) => row.split("\t")[0])

describe("lesions of a dataset that the maps are written into", () => {
  for (const isDataset of [true, false]) {
    it(`are the same in every run, silently, in a ${isDataset ? "BIDS dataset" : "plain folder"}`, async () => {
      const { folder, config } = studyOf(
        `again-${isDataset}`,
        "data/derivatives/lnm",
        `sub-01/anat/${lesionName("01")}`,
        `derivatives/masks/sub-02/${lesionName("02")}`
      )
      if (isDataset) writeFile(join(folder, "data/dataset_description.json"), '{"Name":"x","BIDSVersion":"1.10.0"}')
      const outputs = ["lnm", "lnm", "other"].map((name) => join(folder, "data/derivatives", name))
      for (const output of outputs) {
        const { stderr } = await lnmHereSucceeds(["run", config, "--output", output, "--progress", "off"])
        assert.strictEqual(stderr, "")
        assert.deepStrictEqual(lesionColumn(output), [lesionName("02"), lesionName("01")])
      }
    })
  }
})

describe("maps of lesions", () => {
  it("are named after the folders where the files are called alike, and so are the rows of the summary", async () => {
    const { folder, config } = studyOf("folders", "maps", "patient01/lesion.nii.gz", "patient02/lesion.NII.GZ")
    await lnmHereSucceeds(["run", config, "--progress", "off"])
    const maps = rMaps(join(folder, "maps"))
    assert.deepStrictEqual(
      maps.map((file) => file.split("_space-")[0]),
      ["sub-patient01/sub-patient01", "sub-patient02/sub-patient02"]
    )
    assert.deepStrictEqual(lesionColumn(join(folder, "maps")), ["lesion.nii.gz", "lesion.NII.GZ"])
  })

  it("say which lesion they are of where only the description tells", async () => {
    const files = ["T1lesion", "T2lesion"].map((kind) => lesionName("1").replace("_mask", `_desc-${kind}_mask`))
    const { folder, config } = studyOf("descriptions", "maps", ...files)
    await lnmHereSucceeds(["run", config, "--progress", "off", "--set", "method=pini"])
    const maps = rMaps(join(folder, "maps"))
    assert.deepStrictEqual(
      maps.map((file) => /desc-[^_]*/.exec(file)?.[0]),
      ["desc-piniT1lesion", "desc-piniT2lesion"]
    )
    assert.lengthOf(
      filesIn(join(folder, "maps")).filter((file) => /_desc-piniseedT[12]lesion_mask\.nii\.gz$/.test(file)),
      2
    )
  })
})

describe("lesion files that are no files", () => {
  it("are refused by name, and never waited for", async () => {
    const { folder, config } = studyOf("pipes", "maps", lesionName("1"))
    const [pipe, link] = [lesionName("2"), lesionName("3")]
    execFileSync("mkfifo", [join(folder, "data", pipe)])
    symlinkSync("nowhere", join(folder, "data", link))
    const refusal = async (path: string): Promise<string> => {
      const { code, stderr } = await lnmHere(["run", config, "--set", `lesions.path=data/${path}`])
      assert.strictEqual(code, 2, stderr)
      return stderr
    }
    assert.include(await refusal(pipe), `${pipe}: it is a pipe (FIFO), not a file`)
    assert.include(await refusal(link), `${link}: no such file`)
    assert.match(await refusal("."), new RegExp(`${pipe}: is a pipe \\(FIFO\\)|${link}: no such file`))
  })
})

describe("names that a terminal would obey", () => {
  it("are printed as escapes, in errors and in warnings", async () => {
    const { folder, config } = studyOf("control", "maps", `sub-1/${lesionName("1")}`, "\u001b[31mred.mgz")
    const warned = await lnmHere(["plan", config])
    assert.strictEqual(warned.code, 0, warned.stderr)
    assert.include(warned.stderr, "\\x1b[31mred.mgz: it is no NIfTI file")
    assert.notInclude(warned.stderr + warned.stdout, "\u001b")
    writeFile(join(folder, "data/\u001b[31mred.nii"), "no image")
    const refused = await lnmHere(["plan", config])
    assert.strictEqual(refused.code, 2)
    assert.include(refused.stderr, "\\x1b[31mred.nii: its name holds a control character")
    assert.notInclude(refused.stderr, "\u001b")
    const usage = await lnmHere(["plan", config, "--no-such-flag\u0007"])
    assert.strictEqual(usage.code, 2)
    assert.notInclude(usage.stderr, "\u0007")
  })
})
