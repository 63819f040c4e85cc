/** Scans that cannot be used: all listed with their reasons, what headers tell before anything is written. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import type { LeftOutSubject } from "../../src/connectome/Connectome.ts"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import { truncate } from "../support/damage.ts"
import { contentOf } from "../support/folderContent.ts"
import { makeStoreIn, runStudyOn, writePrepareConfig } from "../support/preparedStores.ts"
import { lnm, lnmSucceeds } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { ellipsoidIn, tinyBrain, writeNiftiScans } from "../support/tinyConnectome.ts"
import { writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

/** Overwrites float32 voxels of a scan: of these elements of the grid, at every time point that `at` names. */
const setVoxels = (file: string, elements: Iterable<number>, value: number, at = (_: number): boolean => true) => {
  const bytes = gunzipSync(readFileSync(file))
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const start = view.getFloat32(108, true)
  const size = [42, 44, 46].reduce((product, offset) => product * view.getInt16(offset, true), 1)
  const timePoints = view.getInt16(48, true)
  for (const element of elements) {
    for (let t = 0; t < timePoints; t++) {
      if (at(t)) view.setFloat32(start + 4 * (t * size + element), value, true)
    }
  }
  writeFileSync(file, gzipSync(bytes))
}

const attributesOf = (store: string) => JSON.parse(readFileSync(join(store, "zarr.json"), "utf8")).attributes

const manifestIn = (output: string) => JSON.parse(readFileSync(join(output, "manifest.json"), "utf8"))

describe.concurrent("scans whose headers tell", () => {
  it("are listed in one go, with exit code 2 and nothing written; `skip` leaves them out", async () => {
    const folder = join(scratch, "headers")
    const { path, mask, scans } = writeNiftiScans(folder, { subjects: 6 })
    const { grid } = ellipsoidIn([11, 14, 12])
    writeFileSync(scans[1]!, gzipSync(encodeNifti({ grid, values: new Float32Array(11 * 14 * 12 * 5), timePoints: 5 })))
    const shifted = { ...tinyBrain.grid, affine: tinyBrain.grid.affine.map((x, n) => (n === 3 ? x + 1 : x)) }
    const size = 12 * 14 * 12
    writeFileSync(
      scans[3]!,
      gzipSync(encodeNifti({ grid: shifted, values: new Float32Array(size * 5), timePoints: 5 }))
    )
    writeFileSync(scans[4]!, "not a scan at all, but long enough to be looked at")
    const config = writePrepareConfig(folder, "store", { source: { path, mask } })
    const ended = await lnm(["run", config])
    assert.strictEqual(ended.code, 2, ended.stderr)
    assert.include(ended.stderr, "3 subject(s) or file(s) cannot be used")
    for (const [scan, reason] of [
      [1, "11 × 14 × 12"],
      [3, "affine"],
      [4, "NIfTI"]
    ] as const) {
      assert.match(ended.stderr, new RegExp(`sub-0${scan + 1}: ${scans[scan]}: .*${reason}`))
    }
    assert.isFalse(existsSync(join(folder, "store.zarr.unfinished")))
    const { stdout } = await lnmSucceeds(["run", config, "--set", "on_bad_subject=skip", "--progress", "off"])
    assert.match(stdout, /^3 subjects/)
    assert.include(stdout, "left out: 3")
    // A store says the same of its scans wherever they lie.
    const { left_out } = attributesOf(join(folder, "store.zarr"))
    assert.lengthOf(left_out, 3)
    assert.match(left_out[0].reason, /brain mask \w+\.nii/)
    assert.notInclude(JSON.stringify(left_out), scratch)
  })
})

describe.concurrent("scans that turn out to be bad when they are read", () => {
  it("are listed together, after all others are stored; `skip` then only finishes", async () => {
    const folder = join(scratch, "content")
    const { path, mask, scans } = writeNiftiScans(folder, { subjects: 7 })
    truncate(scans[1]!, 0.6)
    setVoxels(scans[3]!, [tinyBrain.gridIndex[17]!], Number.NaN, (t) => t === 8)
    setVoxels(scans[5]!, tinyBrain.gridIndex, 1000)
    const config = writePrepareConfig(folder, "store", { source: { path, mask } })
    const ended = await lnm(["run", config, "--progress", "off"])
    assert.strictEqual(ended.code, 1, ended.stderr)
    const [, message] = ended.stderr.split("error: ")
    assert.match(message!, /sub-02: .*sub-02_\S+: the file is truncated/)
    assert.match(message!, /sub-04: .*: 1 of \d+ voxels of the brain mask hold a NaN or infinity/)
    assert.match(message!, /sub-06: .*: the signal is constant/)
    assert.include(message, "The other 4 are stored")

    const { stdout, stderr } = await lnmSucceeds(["run", config, "--set", "on_bad_subject=skip", "--progress", "off"])
    assert.include(stderr, "going on: 4 of 7 subjects are there already")
    assert.match(stdout, /^4 subjects/)
    const good = join(scratch, "good")
    const only = writeNiftiScans(good, { subjects: 7 })
    const store = await makeStoreIn(good, "store", {
      source: { path: only.path, mask: only.mask, pattern: "sub-0[1357]_*" }
    })
    const bad = join(folder, "store.zarr")
    const isArray = (file: string) => file !== "zarr.json"
    assert.deepStrictEqual(contentOf(bad, isArray), contentOf(store, isArray))
    const { left_out, metadata_checksums: _, ...attributes } = attributesOf(bad)
    const { metadata_checksums: __, ...expected } = attributesOf(store)
    assert.deepStrictEqual(attributes, expected)
    assert.deepStrictEqual(
      left_out.map(({ subject, file }: LeftOutSubject) => [subject, file]),
      [1, 3, 5].map((scan) => [`sub-0${scan + 1}`, relative(path, scans[scan]!)])
    )
    assert.match(left_out[0].reason, /^the file is truncated/)

    const study = await writeTinyStudy(join(scratch, "study"), { subjects: 2 })
    const onBad = await runStudyOn(study, "bad", { path: bad })
    assert.deepStrictEqual(manifestIn(onBad).left_out, { lesions: [], subjects: left_out })
    assert.deepStrictEqual(manifestIn(await runStudyOn(study, "good", { path: store })).left_out.subjects, [])
    const { stdout: inspected } = await lnmSucceeds(["inspect", bad, "--json"])
    assert.deepStrictEqual(JSON.parse(inspected).left_out, left_out)
  })

  it("are an error when too few are left", async () => {
    const folder = join(scratch, "few")
    const { path, mask, scans } = writeNiftiScans(folder, { subjects: 2 })
    truncate(scans[0]!, 0.6)
    const config = writePrepareConfig(folder, "store", { source: { path, mask }, on_bad_subject: "skip" })
    const ended = await lnm(["run", config, "--progress", "off"])
    assert.strictEqual(ended.code, 1, ended.stderr)
    assert.include(ended.stderr, "1 subject(s) can be used and 1 cannot")
  })
})
