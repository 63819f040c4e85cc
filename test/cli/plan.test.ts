/** What `lnm plan` says of files, disk and time, against what the run then writes and does. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { availableParallelism, cpus } from "node:os"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { PrintedPlan } from "../../pipelines/functional-network-mapping/planReport.ts"
import { packageVersion } from "../../src/runtime/version.ts"
import { contentOf, filesIn } from "../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { launcher, lnmSucceeds, repository, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { lesionName, type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

let study: TinyStudy

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 30, timePoints: 20, files: 3 })
})

type Plan = typeof PrintedPlan.Type

/** The plan for machines; fails where it has a key that the schema has not, or lacks one. */
const planIn = (stdout: string): Plan =>
  Schema.decodeUnknownSync(PrintedPlan)(JSON.parse(stdout), { onExcessProperty: "error" })

const planOf = async (...args: ReadonlyArray<string>): Promise<Plan> =>
  planIn((await lnmHereSucceeds(["plan", study.config, "--json", ...args])).stdout)

/** The command with a cache folder of its own. */
const withCache = async (cache: string, ...args: ReadonlyArray<string>) => {
  mkdirSync(cache, { recursive: true, mode: 0o700 })
  const env = { XDG_CACHE_HOME: cache }
  const ended = await startProgram(process.execPath, [launcher, ...args], { env }).ended
  assert.strictEqual(ended.code, 0, ended.stderr)
  return ended.stdout
}

describe("lnm plan, files and disk", () => {
  for (const [method, others] of [
    ["boes", []],
    ["pini", ["--set", "method=pini"]]
  ] as const) {
    it(`counts the files that the run then writes, of ${method}, and names no less than they take`, async () => {
      const args = ["--output", join(scratch, method), ...others]
      const { output, disk, checkpoints } = await planOf(...args)
      await lnmSucceeds(["run", study.config, "--progress", "off", ...args])
      const files = filesIn(output.folder)
      assert.strictEqual(files.length, output.files)
      assert.strictEqual(files.filter((file) => file.endsWith(".nii.gz")).length, output.images)
      const bytes = files.reduce((sum, file) => sum + statSync(join(output.folder, file)).size, 0)
      assert.isAtLeast(output.bytes, bytes)
      assert.strictEqual(disk.needed_bytes, output.bytes + checkpoints!.disk_bytes)
      assert.isAbove(disk.free_bytes!, 0)
    })
  }

  it("plans of lesions that have their maps only what tells of all, and no time", async () => {
    const { output, time, checkpoints } = await planOf("--output", join(scratch, "boes"))
    assert.deepStrictEqual([output.images, time, checkpoints], [6, null, null])
  })

  it("says what is left out, and escapes what a name holds", async () => {
    const { folder, config } = await writeTinyStudy(join(scratch, "odd\u001b[2Jname"), { subjects: 4 })
    writeFileSync(join(folder, "lesions", lesionName("009")), "no NIfTI")
    const { stdout, stderr } = await lnmHereSucceeds(["plan", config, "--set", "lesions.on_bad=skip"])
    assert.match(stdout, /^lesions {5}4 in 1 pass.*\n {12}left out: .+odd\\x1b\[2Jname.+sub-009/m)
    assert.match(stdout, /^warning {5}.+sub-009/m)
    assert.match(stdout, /^disk {8}.+ free; maps and checkpoints take up to about /m)
    for (const line of `${stdout}${stderr}`.split("\n")) assert.notMatch(line, /\p{Cc}/u)
  })
})

describe("lnm plan, time", () => {
  it("is not estimated where no run is known, and says how it could be", async () => {
    const cache = join(scratch, "empty-cache")
    const stdout = await withCache(cache, "plan", study.config)
    assert.match(stdout, /^time {8}no earlier run like this one on this machine: not estimated; --calibrate measures$/m)
  })

  it("is taken from an earlier run in the same circumstances", async () => {
    const cache = join(scratch, "full-cache")
    const { backend, ...known } = await planOf("--workers", "2")
    const connectome = join(study.folder, "connectome")
    const folder = join(cache, "lesion-network-mapping", "speeds")
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const of = {
      version: packageVersion,
      processor: cpus()[0]!.model,
      processors: availableParallelism(),
      arithmetic: backend.arithmetic,
      vectors: backend.vectors,
      method: "boes",
      storage: JSON.parse((await lnmHereSucceeds(["inspect", connectome, "--json"])).stdout).storage,
      disk: statSync(study.folder).dev
    }
    const size = {
      timePoints: known.time_points,
      voxels: known.voxels,
      lesions: known.lesions_per_pass,
      bytesPerSubject: known.bytes_to_read / known.subjects,
      refiningBytesPerSubject: 0,
      imageBytesPerLesion: 0,
      workers: 2
    }
    const speed = {
      size,
      secondsPerSubject: 3,
      readingShare: 0.5,
      refiningSecondsPerSubject: 0,
      secondsPerLesion: 1,
      otherSeconds: 1000
    }
    const at = "2026-03-04T05:06:07.000Z"
    writeFileSync(join(folder, "speeds.json"), JSON.stringify([{ at, of, speed }]), { mode: 0o600 })
    const args = ["plan", study.config, "--workers", "2"]
    const { time } = planIn(await withCache(cache, ...args, "--json"))
    assert.deepInclude(time, { passes_seconds: 90, maps_seconds: 0, from: "earlier run", at })
    assert.isAbove(time!.other_seconds, 1000)
    assert.strictEqual(time!.seconds, 90 + time!.other_seconds)
    assert.match(
      await withCache(cache, ...args),
      /^time {8}about 18 min \d+ s: passes 1 min 30 s, maps 0 s, start and end .+\n {12}as a run on this machine on 2026-03-04, of 4 lesions a pass/m
    )
  })

  for (const method of ["boes", "pini"]) {
    it(`is measured with --calibrate, of ${method}, and nothing is written`, async () => {
      const output = join(scratch, `calibrated-${method}`)
      const before = contentOf(scratch)
      const { time } = await planOf("--calibrate", "--output", output, "--set", `method=${method}`)
      assert.strictEqual(time!.from, "calibration")
      const { passes_seconds, maps_seconds, other_seconds, seconds } = time!
      for (const part of [passes_seconds, maps_seconds, other_seconds]) assert.isAbove(part, 0)
      assert.closeTo(seconds, passes_seconds + maps_seconds + other_seconds, 1e-9)
      assert.deepStrictEqual(contentOf(scratch), before)
    })
  }

  it("is measured by the plain stages too, and with the seed matrix", async () => {
    const { config } = await writeTinyStudy(join(scratch, "three"), { subjects: 3, timePoints: 20 })
    for (const args of [
      [config],
      [study.config, "--output", join(scratch, "matrix"), "--set", "statistics.matrix=true"]
    ]) {
      const { stdout } = await lnmHereSucceeds(["plan", ...args, "--calibrate", "--json"])
      assert.strictEqual(planIn(stdout).time!.from, "calibration")
    }
  })

  it("that cannot be measured, since a subject is empty, is an error of the input", async () => {
    const empty = { subjects: 4, edit: (subject: number, values: Float32Array) => subject === 2 && values.fill(0) }
    const { config } = await writeTinyStudy(join(scratch, "empty"), empty as { subjects: number })
    assert.strictEqual((await lnmHere(["plan", config])).code, 0)
    const { code, stdout, stderr } = await lnmHere(["plan", config, "--calibrate"])
    assert.deepStrictEqual({ code, stdout }, { code: 2, stdout: "" })
    assert.match(stderr, /^error: .+part-1\.h5/m)
  })
})

describe("lnm schema --plan", () => {
  it("prints docs/plan.schema.json", async () => {
    const { stdout } = await lnmHereSucceeds(["schema", "--plan"])
    assert.strictEqual(readFileSync(join(repository, "docs/plan.schema.json"), "utf8"), stdout)
  })
})

describe("docs/plan.md", () => {
  const document = readFileSync(join(repository, "docs/plan.md"), "utf8")
  const examples = [...document.matchAll(/^```text\n(.*?)^```$/gms)].map((match) => match[1]!)

  /** What a plan speaks of: the names at the beginning of its lines. */
  const names = (text: string) => text.match(/^[a-z]+(?= {2,})/gm)

  /** What the end of a run says, without numbers, paths, and what is indented. */
  const outline = (text: string) =>
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith(" "))
      .map((line) => line.replaceAll(/\S*\/\S+/g, "PATH").replaceAll(/[\d.]+( [KMG]iB| min \d+ s| s)?/g, "N"))

  it("shows what the commands print, here of a study smaller than the demo", async () => {
    const { folder, config, output } = await writeTinyStudy(join(scratch, "documented"), { subjects: 5 })
    writeFileSync(join(folder, "lesions", lesionName("009")), "no NIfTI")
    const skips = ["--set", "lesions.on_bad=skip"]
    const [command] = /^ {4}lnm plan .+$/m.exec(document) ?? []
    const args = command!.trim().split(" ").slice(1)
    assert.include(args, "configs/demo.yaml")
    const planned = args.map((arg) => (arg === "configs/demo.yaml" ? config : arg))
    const { stdout } = await lnmHereSucceeds([...planned, ...skips])
    assert.deepStrictEqual(names(stdout), names(examples[0]!))
    const ran = await lnmSucceeds(["run", config, "--progress", "off", "--output", output, ...skips])
    assert.deepStrictEqual(outline(ran.stdout), outline(examples[2]!))
  })
})
