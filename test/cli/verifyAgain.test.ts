/** `lnm verify --inputs` and `--rerun`: what a run was made of, and whether the same comes out again. */

import { createHash } from "node:crypto"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { ballBytes, lesionName, type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

let study: TinyStudy

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 4 })
  await lnmHereSucceeds(["run", study.config, "--progress", "off"])
})

const temporaryFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("lnm-verify-"))

const readJson = (file: string) => JSON.parse(readFileSync(file, "utf8"))

describe("lnm verify", () => {
  it("says of the inputs what was compared", async () => {
    const { stdout } = await lnmHereSucceeds(["verify", study.output, "--inputs"])
    assert.include(stdout, "inputs: 6 are the same, compared whole by SHA-256")
  })

  it("computes a run again in a temporary folder, of which nothing is left", async () => {
    const before = temporaryFolders()
    const { stdout } = await lnmHereSucceeds(["verify", study.output, "--rerun"])
    assert.match(stdout, /computing again in .*lnm-verify-.*, which takes .* of disk/)
    assert.include(stdout, "computed again: all 25 maps and tables are the same, byte for byte")
    assert.deepStrictEqual(temporaryFolders(), before)
  })

  it("counts the voxels in which a map came out otherwise", async () => {
    const manifest = readJson(join(study.output, "manifest.json"))
    const record = manifest.outputs.find(({ path }: { path: string }) => path.endsWith("stat-z_statmap.nii.gz"))
    const file = join(study.output, record.path)
    const whole = readFileSync(file)
    const text = readFileSync(join(study.output, "manifest.json"))
    const map = gunzipSync(whole)
    map.writeFloatLE(1234, map.length - 8)
    const changed = gzipSync(map)
    writeFileSync(file, changed)
    Object.assign(record, { bytes: changed.length, sha256: createHash("sha256").update(changed).digest("hex") })
    writeFileSync(join(study.output, "manifest.json"), JSON.stringify(manifest))
    const { code, stderr } = await lnmHere(["verify", study.output, "--rerun"])
    assert.strictEqual(code, 1)
    assert.include(stderr, "computed again, 1 maps or tables differ")
    assert.match(
      stderr,
      /stat-z_statmap\.nii\.gz has another content: 1 of \d+ voxels differ, most of all voxel \d+: 0 instead of 1234/
    )
    writeFileSync(file, whole)
    writeFileSync(join(study.output, "manifest.json"), text)
  })

  it("names inputs that have changed or are gone, before anything is computed again", async () => {
    const lesion = join(study.folder, "lesions", lesionName("002"))
    const before = readFileSync(lesion)
    writeFileSync(lesion, gzipSync(ballBytes([8, 5, 4], 1.5)))
    for (const option of ["--inputs", "--rerun"]) {
      const { code, stdout, stderr } = await lnmHere(["verify", study.output, option])
      assert.strictEqual(code, 1)
      assert.include(stderr, "1 input(s) differ from the manifest")
      assert.include(stderr, lesionName("002"))
      assert.notInclude(stdout, "computing again")
    }
    writeFileSync(lesion, before)
  })
})
