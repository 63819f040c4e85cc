/** `lnm verify --inputs` and `--rerun`: what a run was made of, and whether the same comes out again. */

import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
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

// Of this file alone: others run beside it.
process.env.TMPDIR = join(scratch, "temporary")
mkdirSync(tmpdir())

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
    assert.include(stdout, "computed again: all 26 maps and tables are the same, byte for byte")
    assert.deepStrictEqual(temporaryFolders(), before)
  })

  it("computes it beside the output folder where the temporary folder is not to be had", async () => {
    const given = tmpdir()
    process.env.TMPDIR = join(scratch, "gone")
    const { stdout } = await lnmHereSucceeds(["verify", study.output, "--rerun"]).finally(() => {
      process.env.TMPDIR = given
    })
    assert.include(stdout, `computing again in ${join(study.folder, "lnm-verify-")}`)
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

describe("lesions that are left out", () => {
  it("are named with the reason in manifest and summary, and the same when computed again", async () => {
    const bad = await writeTinyStudy(join(scratch, "bad"), { subjects: 3 })
    writeFileSync(join(bad.folder, "lesions", lesionName("002")), "no NIfTI")
    const { stdout } = await lnmHereSucceeds([
      "run",
      bad.config,
      "--set",
      "lesions.on_bad=skip",
      "--progress",
      "off",
      "--json"
    ])
    const end = JSON.parse(stdout)
    assert.deepStrictEqual([end.output, end.lesions, end.lesions_left_out, end.subjects], [bad.output, 3, 1, 3])
    const { left_out } = readJson(join(bad.output, "manifest.json"))
    assert.deepStrictEqual(
      left_out.lesions.map(({ file }: { file: string }) => file),
      [join(bad.folder, "lesions", lesionName("002"))]
    )
    assert.match(left_out.lesions[0].reason, /^[^/]+$/)
    const [header = "", ...rows] = readFileSync(join(bad.output, "summary.tsv"), "utf8").trimEnd().split("\n")
    assert.strictEqual(rows.length, 4)
    const last = rows.at(-1)!.split("\t")
    assert.strictEqual(last.length, header.split("\t").length)
    assert.include(last[0], "sub-002")
    assert.include(last.at(-1), `${left_out.lesions[0].reason}. The lesion was left out`)
    assert.strictEqual(new Set(last.slice(1, -1)).size, 1, "all else is n/a")
    await lnmHereSucceeds(["verify", bad.output, "--rerun"])
  })
})

describe("a folder of several runs", () => {
  it("is neither locked nor computed again as one, until a config selects all of it", async () => {
    const { config, folder } = await writeTinyStudy(join(scratch, "several"), { subjects: 4 })
    const maps = join(folder, "maps")
    const run = (...args: ReadonlyArray<string>) =>
      lnmHereSucceeds(["run", config, "--set", "compute.arithmetic=strict", "--progress", "off", ...args])
    await run("--set", 'lesions.participant="001"')
    await run("--set", 'lesions.participant="002"')
    for (const command of [
      ["lock", maps],
      ["verify", maps, "--rerun"]
    ]) {
      const { code, stderr } = await lnmHere(command)
      assert.strictEqual(code, 2)
      assert.include(stderr, "maps of 1 lesion(s) of earlier runs")
    }
    await run()
    await lnmHereSucceeds(["lock", maps])
    await lnmHereSucceeds(["verify", maps, "--rerun"])
    await run("--locked", join(folder, "lnm.lock.json"))
  })
})
