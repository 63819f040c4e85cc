/** The maps are the same bytes however the work is cut and however the same numbers are stored. */
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { contentOf, isMap } from "../support/folderContent.ts"
import { lnmSucceeds } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeNiftiScans } from "../support/tinyConnectome.ts"
import { type TinyStudy, writeConfig, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

/** More than one chunk of 7, and a remainder. */
const subjects = 9

let study: TinyStudy
let expected: Readonly<Record<string, string>>

/** A folder for each run: some have the same settings. */
let variants = 0

const mapsOf = async (config: string, ...args: ReadonlyArray<string>) => {
  const output = join(scratch, "variants", String(variants++))
  await lnmSucceeds(["run", config, "--output", output, ...args])
  return contentOf(output, isMap)
}

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects })
  await lnmSucceeds(["run", study.config, "--set", "statistics.t_threshold=3"])
  expected = contentOf(study.output, isMap)
  assert.strictEqual(
    Object.keys(expected).length,
    4 * 7 + 1 + 6,
    "five maps and two masks of each lesion, the degree, and six of the overlap"
  )
  assert.strictEqual(new Set(Object.values(expected)).size > 20, true, "lesions and statistics differ")
})

const setting = (...assignments: ReadonlyArray<string>) =>
  ["statistics.t_threshold=3", ...assignments].flatMap((assignment) => ["--set", assignment])

describe.concurrent("every map has the same bytes", () => {
  it("in a second run", async () => {
    assert.deepStrictEqual(await mapsOf(study.config, ...setting()), expected)
  })

  for (const count of [1, 7]) {
    it(`with ${count} subject(s) a chunk`, async () => {
      const maps = await mapsOf(study.config, ...setting(`compute.subjects_per_chunk=${count}`))
      assert.deepStrictEqual(maps, expected)
    })
  }

  for (const size of [1, 3]) {
    it(`with ${size} lesion(s) a pass`, async () => {
      assert.deepStrictEqual(await mapsOf(study.config, ...setting(`lesions.batch_size=${size}`)), expected)
    })
  }

  for (const vectors of [128, 256]) {
    it(`with vectors of ${vectors} bits`, async () => {
      assert.deepStrictEqual(await mapsOf(study.config, ...setting(`compute.vectors=${vectors}`)), expected)
    })
  }

  it("with the subjects in three HDF5 files, compressed", async () => {
    const parts = await writeTinyStudy(join(scratch, "parts"), { subjects, files: 3, gzip: true })
    assert.deepStrictEqual(await mapsOf(parts.config, ...setting()), expected)
  })

  it("with one NIfTI scan a subject", async () => {
    const { path, mask } = writeNiftiScans(join(scratch, "nifti"), { subjects })
    const config = writeConfig(join(scratch, "study/nifti.yaml"), {
      pipeline: "functional-network-mapping",
      ...study.keys,
      connectome: { path, mask }
    })
    assert.deepStrictEqual(await mapsOf(config, ...setting()), expected)
  })
})
