/** The files that a run says beforehand it may write are those that it writes. */
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { outputFilesOf } from "../../../pipelines/functional-network-mapping/outputFiles.ts"
import { loadStudy } from "../../../pipelines/functional-network-mapping/Study.ts"
import { loadConfig } from "../../../pipelines/registry.ts"
import { encodeNifti } from "../../../src/imaging/nifti/writeNifti.ts"
import { filesIn } from "../../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../../support/lnmHere.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"
import { tinyBrain } from "../../support/tinyConnectome.ts"
import { ballBytes, type TinyStudy, writeFile, writeTinyStudy } from "../../support/tinyStudy.ts"

const scratch = scratchFolder()
let study: TinyStudy

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 4, files: 2 })
  writeFile(join(study.folder, "lesions/sub-9/ses-2/sub-9_ses-2_label-lesion_mask.nii"), ballBytes([4, 9, 7], 1))
  writeFile(join(study.folder, "lesions/no name.nii"), ballBytes([8, 5, 4], 1))
  const labels = Uint8Array.from(ballBytes([6, 7, 6], 4).subarray(352))
  writeFile(join(study.folder, "atlas.nii"), encodeNifti({ grid: tinyBrain.grid, values: labels }))
})

const everything = [
  "statistics={matrix: true, t_threshold: 3}",
  'parcellations=[{name: A, path: "atlas.nii"}, {name: B, path: "atlas.nii"}]'
]

const variants: Readonly<Record<string, ReadonlyArray<string>>> = {
  "by default": [],
  "with tables of parcels and of the matrix": everything,
  "without pfdr": ["statistics.maps=[t]"],
  "with pictures and no report": ["statistics.maps=[z, r]", "output.pictures=true", "report=false"],
  "with refined seeds": ["method=pini", "statistics.maps=[r]", ...everything.slice(1)],
  "with seeds refined in each file": ["method=pini", "pini_scope=file", "statistics.maps=[r]"]
}

describe("the files that a run may write", () => {
  for (const [name, settings] of Object.entries(variants)) {
    it.effect(`are those that it writes, ${name}`, () =>
      Effect.gen(function* () {
        const output = join(scratch, name)
        const set = [...settings, `output.path=${JSON.stringify(output)}`]
        const { config } = yield* loadConfig(study.config, set)
        const predicted = outputFilesOf(yield* loadStudy(config))
        yield* Effect.promise(() =>
          lnmHereSucceeds(["run", study.config, "--progress", "off", ...set.flatMap((one) => ["--set", one])])
        )
        const written = filesIn(output)
        const isOtherSeedImage = (file: string) =>
          /_desc-piniseed_(mask|probseg)\./.test(file) && !written.includes(file)
        assert.deepStrictEqual(predicted.filter((file) => !isOtherSeedImage(file)).sort(), written)
      }).pipe(Effect.scoped)
    )
  }
})

describe("an output folder in which somebody keeps files", () => {
  const folderWith = (name: string, files: Readonly<Record<string, string>>): string => {
    const output = join(scratch, name)
    for (const [file, content] of Object.entries(files)) writeFile(join(output, file), content)
    return output
  }

  it("is refused by run and by plan, with exit code 2, before anything is written", async () => {
    const mine = { README: "mine", "dataset_description.json": '{"DatasetType":"raw"}' }
    const output = folderWith("a dataset of mine", mine)
    for (const command of ["run", "plan"]) {
      const ended = await lnmHere([command, study.config, "--output", output])
      assert.strictEqual(ended.code, 2)
      assert.match(
        ended.stderr.replace(/^warning: .*\n/gm, ""),
        /^error: output\.path: .+dataset_description\.json, README\. Give a folder of its own.+\n$/
      )
      assert.deepStrictEqual(filesIn(output), Object.keys(mine).sort())
    }
  })

  it("is written to where these are other files, and they stay", async () => {
    const output = folderWith("notes beside", { "notes.txt": "mine" })
    await lnmHereSucceeds(["run", study.config, "--output", output, "--progress", "off"])
    const { stdout } = await lnmHereSucceeds(["verify", output])
    assert.match(
      stdout,
      /all \d+ files are as they were written\nnot of this run, and not looked at: 1 .+\n {2}notes\.txt\n$/
    )
    await lnmHereSucceeds(["run", study.config, "--output", output, "--progress", "off"])
    assert.include(filesIn(output), "notes.txt")
  })
})
