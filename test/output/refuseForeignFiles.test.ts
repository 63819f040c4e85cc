import { execFileSync } from "node:child_process"
import { lstatSync } from "node:fs"
import { mkdir, rm, symlink } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { describeDataset } from "../../src/output/datasetDescription.ts"
import { refuseForeignFiles } from "../../src/output/refuseForeignFiles.ts"
import { contentOf } from "../support/folderContent.ts"
import { temporaryFolder } from "../support/niftiBytes.ts"
import { writeFile } from "../support/tinyStudy.ts"

const described = describeDataset({ method: "boes", space: "X", connectome: { path: "/c.h5", subjects: [1, 2] } })

const map = "sub-1/ses-1/sub-1_ses-1_desc-boes_stat-t_statmap.nii.gz"

const written = [...Object.keys(described), "summary.tsv", "manifest.json", map]

const isRegular = (folder: string) => (file: string) => lstatSync(join(folder, file)).isFile()

/** What is told of a folder with these files; undefined: it may be written to. The folder stays as it is. */
const refusalOf = (
  files: Readonly<Record<string, string>>,
  more: (folder: string) => Promise<unknown> = async () => {}
) =>
  Effect.gen(function* () {
    const folder = join(yield* temporaryFolder, "maps")
    for (const [name, content] of Object.entries(files)) writeFile(join(folder, name), content)
    yield* Effect.promise(() => more(folder))
    const before = contentOf(folder, isRegular(folder))
    const outcome = yield* Effect.result(refuseForeignFiles(folder, written))
    assert.deepStrictEqual(contentOf(folder, isRegular(folder)), before)
    if (outcome._tag === "Success") return undefined
    assert.strictEqual(outcome.failure._tag, "ForeignOutput")
    return outcome.failure._tag === "ForeignOutput" ? outcome.failure.files : []
  })

const manifestOf = (outputs: ReadonlyArray<object>) =>
  JSON.stringify({ software: { name: "lesion-network-mapping", version: "0.0.1" }, outputs })

describe("refuseForeignFiles", () => {
  it.effect("lets a run into a folder that is not there, is empty, or holds other files", () =>
    Effect.gen(function* () {
      yield* refuseForeignFiles(join(yield* temporaryFolder, "none", "at-all"), written)
      assert.isUndefined(yield* refusalOf({}, (folder) => mkdir(folder)))
      assert.isUndefined(
        yield* refusalOf({ "notes.txt": "mine", "sub-1/anat/T1w.nii.gz": "mine", "README.md": "mine" })
      )
    })
  )

  it.effect("names every file that a run would overwrite and that lnm did not write", () =>
    Effect.gen(function* () {
      const files = Object.fromEntries(written.map((name) => [name, "mine"]))
      assert.deepStrictEqual(yield* refusalOf(files), written)
      for (const name of written) assert.deepStrictEqual(yield* refusalOf({ [name]: "mine" }), [name])
      const raw = '{"Name":"My study","BIDSVersion":"1.10.0","DatasetType":"raw"}'
      assert.deepStrictEqual(yield* refusalOf({ "dataset_description.json": raw }), ["dataset_description.json"])
      const other = JSON.stringify({ ...JSON.parse(raw), GeneratedBy: [{ Name: "fMRIPrep" }] })
      assert.deepStrictEqual(yield* refusalOf({ "dataset_description.json": other }), ["dataset_description.json"])
    })
  )

  it.effect("says what to do about them", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      writeFile(join(folder, "README"), "mine")
      const { message } = yield* Effect.flip(refuseForeignFiles(folder, written))
      assert.match(message, /^output\.path: .*README\. Give a folder of its own for the output, or move these away\.$/)
    })
  )

  it.effect("lets a run go over what an earlier one left, with its manifest or interrupted before it", () =>
    Effect.gen(function* () {
      const interrupted = { ...described, [map]: "map", "summary.tsv": "rows" }
      assert.isUndefined(yield* refusalOf(interrupted))
      assert.isUndefined(yield* refusalOf({ ...interrupted, "manifest.json": manifestOf([]) }))
      assert.isUndefined(yield* refusalOf({ ...interrupted, "manifest.json": "{ damaged" }))
      // Interrupted at the very first files.
      assert.isUndefined(yield* refusalOf({ "dataset_description.json": described["dataset_description.json"]! }))
      assert.isUndefined(yield* refusalOf({ README: "", ".bidsignore": "" }))
    })
  )

  it.effect("knows the files of earlier versions", () =>
    Effect.gen(function* () {
      const description = JSON.parse(described["dataset_description.json"]!)
      const { SourceDatasets: _, ReferencesAndLinks: __, ...first } = description
      first.GeneratedBy[0].Version = "0.0.1"
      const README = described.README!.replace(/\d+\.\d+\.\d+/, "0.0.1").replace(/\*_relmat.*\n/, "")
      assert.isUndefined(
        yield* refusalOf({
          "dataset_description.json": JSON.stringify(first),
          README,
          ".bidsignore": "manifest.json\nsummary.tsv\n*_statmap.*\n"
        })
      )
    })
  )

  it.effect("names what somebody has edited since, although it was written by lnm", () =>
    Effect.gen(function* () {
      const description = { ...JSON.parse(described["dataset_description.json"]!), Authors: ["Me"] }
      const edited = {
        "dataset_description.json": JSON.stringify(description),
        README: `${described.README}\nOur own notes.\n`,
        ".bidsignore": `${described[".bidsignore"]}extra/\n`
      }
      assert.deepStrictEqual(yield* refusalOf({ ...described, ...edited, [map]: "map" }), Object.keys(edited))
      const listed = Object.keys(edited).map((path) => ({ path, sha256: "0".repeat(64) }))
      assert.deepStrictEqual(
        yield* refusalOf({ ...described, ...edited, "manifest.json": manifestOf(listed) }),
        Object.keys(edited)
      )
    })
  )

  it.effect("names folders, links and pipes in the way, and reads none of them", () =>
    Effect.gen(function* () {
      const inTheWay = yield* refusalOf(described, async (folder) => {
        await rm(join(folder, "README"))
        execFileSync("mkfifo", [join(folder, "README")])
        await mkdir(join(folder, "summary.tsv"))
        await symlink("/nowhere", join(folder, "sub-1"))
      })
      assert.deepStrictEqual(inTheWay, [
        "README (no regular file)",
        "summary.tsv (a folder)",
        "sub-1 (a symbolic link that leads nowhere)"
      ])
      const elsewhere = yield* temporaryFolder
      yield* Effect.promise(() => mkdir(join(elsewhere, "ses-1")))
      assert.deepStrictEqual(yield* refusalOf(described, (folder) => symlink(elsewhere, join(folder, "sub-1"))), [
        "sub-1/ses-1 (leads out of the folder by a symbolic link)"
      ])
      assert.deepStrictEqual(yield* refusalOf({ "sub-1/ses-1": "a file" }), [
        "sub-1/ses-1 (a file where a folder is to be)"
      ])
      assert.deepStrictEqual(yield* refusalOf({ "sub-1": "a file" }), ["sub-1 (a file where a folder is to be)"])
    })
  )
})
