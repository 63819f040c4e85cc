/** Trouble that shows only while running: exit code 1, a message with the file, and nothing half-written. */
import { existsSync, readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { damageLastChunk, truncate } from "../support/damage.ts"
import { filesIn } from "../support/folderContent.ts"
import { type Ended, launcher, lnm, lnmSucceeds, startLnm, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { ellipsoidIn, tinyBrain, writeNiftiScans } from "../support/tinyConnectome.ts"
import { lesionCentres, writeConfig, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

/** Every file of an output folder can be read to its end, none lies aside, and there is no manifest. */
const assertNothingHalfWritten = (output: string): void => {
  for (const file of filesIn(output)) {
    assert.notInclude(file, ".partial")
    const bytes = readFileSync(join(output, file))
    if (file.endsWith(".gz")) gunzipSync(bytes)
    if (file.endsWith(".json")) JSON.parse(bytes.toString())
  }
  assert.isFalse(existsSync(join(output, "manifest.json")), "an unfinished run has no manifest")
}

const assertFailedWhileRunning = (ended: Ended, ...says: ReadonlyArray<string>): void => {
  assert.strictEqual(ended.code, 1, ended.stderr)
  const messages = ended.stderr.split("\n").filter((line) => line.startsWith("error: "))
  assert.strictEqual(messages.length, 1, ended.stderr)
  for (const expected of says) assert.include(ended.stderr, expected)
  assert.notMatch(ended.stderr, /\n\s+at |fault of lnm/)
  assert.strictEqual(ended.stdout, "")
}

describe.concurrent("a connectome that turns out to be damaged", () => {
  it("a truncated scan is named, with what to do", async () => {
    const { path, mask, scans } = writeNiftiScans(join(scratch, "nifti"), { subjects: 4 })
    truncate(scans[2]!, 0.5)
    const study = await writeTinyStudy(join(scratch, "nifti"), { subjects: 2 })
    const config = writeConfig(join(scratch, "nifti/scans.yaml"), {
      pipeline: "functional-network-mapping",
      ...study.keys,
      connectome: { path, mask }
    })
    assertFailedWhileRunning(await lnm(["run", config]), scans[2]!, "truncated", "again")
    assertNothingHalfWritten(study.output)
  })

  it("a damaged chunk of an HDF5 file is named by file and subject", async () => {
    const timePoints = 30
    const study = await writeTinyStudy(join(scratch, "hdf5"), { subjects: 4, timePoints, gzip: true })
    const file = join(study.folder, "connectome/part-1.h5")
    damageLastChunk(file, timePoints * tinyBrain.gridIndex.length * Float32Array.BYTES_PER_ELEMENT)
    assertFailedWhileRunning(await lnm(["run", study.config]), file, "part-1.h5[3]", "damaged")
    assertNothingHalfWritten(study.output)
  })

  it("`invalid: error` names the first subject with a dead voxel", async () => {
    const study = await writeTinyStudy(join(scratch, "dead"), { subjects: 3, deadVoxels: [5] })
    const ended = await lnm(["run", study.config, "--set", "invalid=error", "--progress", "off"])
    assertFailedWhileRunning(ended, "part-1.h5[0]", "1 voxels", "invalid: zero")
    assertNothingHalfWritten(study.output)
  })
})

describe.concurrent("an output folder that is moved away during a run", () => {
  it("ends the run, and does not come back half full", async () => {
    const centres = Array.from({ length: 400 }, (_, n) => lesionCentres[n % lesionCentres.length]!)
    const study = await writeTinyStudy(join(scratch, "moved"), { subjects: 4, centres })
    const { ended } = startLnm(["run", study.config, "--progress", "off"])
    while (filesIn(study.output).length < 20) await new Promise((done) => setTimeout(done, 5))
    renameSync(study.output, join(scratch, "moved/elsewhere"))
    assertFailedWhileRunning(await ended, study.output, "a folder of its path is not there, or was removed meanwhile")
    assert.isFalse(existsSync(study.output))
    assert.isFalse(existsSync(join(scratch, "moved/elsewhere/manifest.json")))
  })
})

/** Runs with files of at most so many blocks of 512 bytes: writing more fails, as on a full disk. */
const runWithFileLimit = (blocks: number, config: string): Promise<Ended> =>
  startProgram("sh", [
    "-c",
    `ulimit -f ${blocks}; exec "$@"`,
    "sh",
    process.execPath,
    launcher,
    "run",
    config,
    "--progress",
    "off"
  ]).ended

describe.concurrent("a disk that takes no more", () => {
  it("the map that did not fit is named, with the reason", async () => {
    // The map takes more than the limit, all else less.
    const brain = ellipsoidIn([32, 36, 30])
    const study = await writeTinyStudy(join(scratch, "first"), { subjects: 3, brain, centres: [[12, 12, 12]] })
    const ended = await runWithFileLimit(24, study.config)
    assertFailedWhileRunning(ended, study.output, "statmap.nii.gz could not be written", "larger than allowed")
    assertNothingHalfWritten(study.output)
  })

  it("maps that did fit are whole, and the manifest that did not is not there", async () => {
    const study = await writeTinyStudy(join(scratch, "last"), { subjects: 3 })
    // The manifest is the largest of all files; the journal, which is there until then, takes two thirds of it.
    const ended = await runWithFileLimit(44, study.config)
    assertFailedWhileRunning(ended, join(study.output, "manifest.json"), "larger than allowed")
    assertNothingHalfWritten(study.output)
    assert.isAbove(filesIn(study.output).length, 40, "all maps and sidecars of four lesions")
  })

  it("a run after the trouble has gone finishes, and verifies", async () => {
    const study = await writeTinyStudy(join(scratch, "again"), { subjects: 3 })
    assert.strictEqual((await runWithFileLimit(3, study.config)).code, 1)
    await lnmSucceeds(["run", study.config])
    await lnmSucceeds(["verify", study.output])
  })
})
