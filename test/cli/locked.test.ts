/** A finished run is locked, and later runs are held to it: whatever differs is named, with an exit code of its own. */
import { appendFileSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { numericsVersion } from "../../src/kernels/numericPolicy.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { ballBytes, lesionName, type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

let study: TinyStudy
let lockFile: string
let lockText: string

const strict = ["--set", "compute.arithmetic=strict"]

/** A copy of the study with its lock, elsewhere, that a test may change. */
const copyOf = (name: string) => {
  const folder = join(scratch, name)
  cpSync(study.folder, folder, { recursive: true })
  rmSync(join(folder, "maps"), { recursive: true })
  return {
    folder,
    config: join(folder, "study.yaml"),
    lock: join(folder, "lnm.lock.json"),
    lesions: join(folder, "lesions")
  }
}

const runLocked = (config: string, lock: string, ...args: ReadonlyArray<string>) =>
  lnmHere(["run", config, ...strict, "--locked", lock, "--progress", "off", ...args])

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 4, files: 2 })
  await lnmHereSucceeds(["run", study.config, ...strict, "--progress", "off"])
  await lnmHereSucceeds(["lock", study.output])
  lockFile = join(study.folder, "lnm.lock.json")
  lockText = readFileSync(lockFile, "utf8")
})

describe("a lock", () => {
  it("has paths relative to itself, no key that changes no value, and every map and table", () => {
    const lock = JSON.parse(lockText)
    assert.notInclude(lockText, scratch)
    assert.deepStrictEqual(
      lock.inputs.map(({ path }: { path: string }) => path),
      [
        "connectome/part-1.h5",
        "connectome/part-2.h5",
        ...["001", "002", "003", "004"].map((n) => `lesions/${lesionName(n)}`)
      ]
    )
    assert.strictEqual(lock.outputs.length, 4 * 6 + 2)
    assert.deepStrictEqual(lock.config.output, { grid: "connectome" })
    assert.deepStrictEqual(lock.config.compute, { arithmetic: "strict" })
    assert.strictEqual(lock.config.connectome.path, "connectome")
  })

  it("holds in another folder, with other settings of the machine and other gzip of the lesions", async () => {
    const { folder, config, lock, lesions } = copyOf("elsewhere")
    const lesion = join(lesions, lesionName("001"))
    const before = readFileSync(lesion)
    writeFileSync(lesion, gzipSync(gunzipSync(before), { level: 0 }))
    assert.notDeepEqual(readFileSync(lesion), before)
    const output = join(folder, "other")
    const held = await runLocked(config, lock, "--output", output, "--workers", "1", "--set", "lesions.batch_size=1")
    assert.deepStrictEqual([held.code, held.stderr], [0, ""])
    assert.include(held.stdout, "as locked: 26 maps and tables")
    await lnmHereSucceeds(["lock", output, "--to", lock])
    assert.strictEqual(readFileSync(lock, "utf8"), lockText, "a lock of the same run is the same lock")
  })

  it("names keys that differ, and nothing is computed", async () => {
    const { folder, config, lock } = copyOf("keys")
    const { code, stderr } = await runLocked(config, lock, "--set", "method=pini", "--set", "statistics.fdr_alpha=0.01")
    assert.strictEqual(code, 4)
    assert.include(stderr, "nothing was computed")
    assert.include(stderr, "method is pini, was boes")
    assert.include(stderr, "statistics.fdr_alpha is 0.01, was 0.05")
    assert.notInclude(stderr, "output.path")
    assert.notInclude(readdirSync(folder), "maps")
  })

  it("names inputs that have changed, are gone, or are new", async () => {
    const { config, lock, lesions } = copyOf("inputs")
    writeFileSync(join(lesions, lesionName("001")), gzipSync(ballBytes([3, 4, 4], 1.5)))
    renameSync(join(lesions, lesionName("002")), join(lesions, lesionName("009")))
    const { code, stderr } = await runLocked(config, lock)
    assert.strictEqual(code, 4)
    assert.include(stderr, `input lesions/${lesionName("001")} has another content`)
    assert.include(stderr, `input lesions/${lesionName("002")} is missing`)
    assert.include(stderr, `input lesions/${lesionName("009")} is not in the lock`)
    assert.notInclude(stderr, lesionName("003"))
  })

  it("names an input that is the reason why the run cannot be planned", async () => {
    const { config, lock, lesions } = copyOf("unplanned")
    writeFileSync(join(lesions, lesionName("003")), "no NIfTI")
    const { code, stderr } = await runLocked(config, lock)
    assert.strictEqual(code, 4)
    assert.include(stderr, `input lesions/${lesionName("003")} has another content`)
  })

  it("leaves an error as it is where all inputs are as locked", async () => {
    const { config, lock } = copyOf("unrelated")
    const { code, stderr } = await runLocked(config, lock, "--memory", "1MB")
    assert.strictEqual(code, 2)
    assert.notInclude(stderr, "not as locked")
  })

  it("names maps that came out otherwise, after they were computed", async () => {
    const { folder, config, lock } = copyOf("maps")
    const locked = JSON.parse(lockText)
    const t = locked.outputs.findIndex(({ path }: { path: string }) => path.includes("stat-t_"))
    locked.outputs[t].sha256 = "0".repeat(64)
    const [gone] = locked.outputs.splice(0, 1)
    writeFileSync(lock, JSON.stringify(locked))
    const { code, stderr } = await runLocked(config, lock)
    assert.strictEqual(code, 4)
    assert.include(stderr, "the run was computed, and is not as locked")
    assert.include(stderr, `output ${locked.outputs[t - 1].path} has another content`)
    assert.include(stderr, `output ${gone.path} is not in the lock`)
    assert.include(readdirSync(join(folder, "maps")), "manifest.json")
  })

  it("of another arithmetic is refused, of another version of lnm held with a warning", async () => {
    const { config, lock } = copyOf("versions")
    const locked = JSON.parse(lockText)
    const write = (software: object) =>
      writeFileSync(lock, JSON.stringify({ ...locked, software: { ...locked.software, ...software } }))
    write({ version: "0.0.9" })
    const other = await runLocked(config, lock)
    assert.strictEqual(other.code, 0)
    assert.match(other.stderr, /^warning: .*made by lnm 0\.0\.9/)
    write({ numerics: 999 })
    const numerics = await runLocked(config, lock)
    assert.strictEqual(numerics.code, 4)
    assert.include(numerics.stderr, `the version of lnm's arithmetic is ${numericsVersion}, was 999`)
  })

  it("of an earlier version has the defaults of keys that it does not know", async () => {
    const { config, lock } = copyOf("defaults")
    const locked = JSON.parse(lockText)
    delete locked.config.statistics.matrix
    writeFileSync(lock, JSON.stringify(locked))
    assert.strictEqual((await runLocked(config, lock)).code, 0)
    const { stderr } = await runLocked(config, lock, "--set", "statistics.matrix=true")
    assert.include(stderr, "statistics.matrix is true, was false")
  })

  it("that is missing, or is none, is wrong input", async () => {
    const { config, folder } = copyOf("none")
    const missing = await runLocked(config, join(folder, "no.json"))
    assert.strictEqual(missing.code, 2)
    assert.include(missing.stderr, "no.json: there is no such lock file")
    const other = await runLocked(config, config)
    assert.strictEqual(other.code, 2)
    assert.include(other.stderr, "study.yaml: it is no lock file")
  })
})

describe("lnm lock", () => {
  it("refuses a run with fast arithmetic, and says what to do", async () => {
    const output = join(scratch, "fast")
    await lnmHereSucceeds(["run", study.config, "--output", output, "--progress", "off"])
    const { code, stderr } = await lnmHere(["lock", output])
    assert.strictEqual(code, 2)
    assert.include(stderr, "fast arithmetic")
    assert.include(stderr, "compute.arithmetic=strict")
  })

  it("refuses what is no longer as the run read or wrote it", async () => {
    const { folder, config, lesions } = copyOf("changed")
    await lnmHereSucceeds(["run", config, ...strict, "--progress", "off"])
    appendFileSync(join(folder, "maps/summary.tsv"), "x")
    rmSync(join(lesions, lesionName("004")))
    const { code, stderr } = await lnmHere(["lock", join(folder, "maps")])
    assert.strictEqual(code, 2)
    assert.include(stderr, "summary.tsv")
    assert.include(stderr, lesionName("004"))
  })

  it("does not overwrite a file that is no lock", async () => {
    const { code, stderr } = await lnmHere(["lock", study.output, "--to", study.config])
    assert.strictEqual(code, 2)
    assert.include(stderr, "study.yaml: it is there and is no lock file")
    assert.include(readFileSync(study.config, "utf8"), "pipeline:")
  })
})
