/** A run on a real Slurm: the bytes of a plain run, also where a part is killed, queued again, or submitted once more. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { contentOf, isTimed } from "../support/folderContent.ts"
import { type Ended, launcher, lnmSucceeds, startProgram } from "../support/runLnm.ts"
import { missingSlurm, type SlurmCluster, startSlurm } from "../support/slurmCluster.ts"
import { ellipsoidIn } from "../support/tinyConnectome.ts"
import { type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

// A short path: that of a socket may have 107 characters.
const scratch = mkdtempSync(join(tmpdir(), "lnm-slurm-"))

const missing = missingSlurm()
const skips = missing.length > 0 && process.env.CI !== "true"
if (skips) console.log(`skipped: Slurm is not installed (${missing.join(", ")})`)

let cluster: SlurmCluster
let study: TinyStudy

beforeAll(async () => {
  if (skips) return
  const brain = ellipsoidIn([24, 26, 24])
  const centres = Array.from({ length: 6 }, (_, n) => [6 + n, 7 + n, 5 + n] as const)
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 60, timePoints: 60, brain, centres, gzip: true })
  await lnmSucceeds(["run", study.config, "--output", join(scratch, "whole"), "--progress", "off"])
  cluster = await startSlurm(join(scratch, "slurm"))
}, 60_000)

afterAll(async () => {
  await cluster?.stop()
  rmSync(scratch, { recursive: true, force: true })
})

const isResult = (file: string): boolean => !isTimed(file) && !file.startsWith(".lnm/")

const lnm = (...args: ReadonlyArray<string>): Promise<Ended> =>
  startProgram(process.execPath, [launcher, ...args], { env: cluster.env }).ended

const submit = async (output: string, parts: number, ...more: ReadonlyArray<string>) => {
  const settings = ["--set", "checkpoint.every=0.05s", "--set", "compute.subjects_per_chunk=2", "--workers", "1"]
  const ended = await lnm("submit", study.config, "--output", output, "--jobs", `${parts}`, ...settings, ...more)
  assert.strictEqual(ended.code, 0, ended.stderr)
  return ended.stdout
}

const until = async (what: string, isSo: () => boolean, seconds = 60) => {
  for (let look = 0; look < 20 * seconds; look++) {
    if (isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`waited in vain until ${what}:\n${cluster.call("squeue", [])}`)
}

const isMerged = (output: string) => () => existsSync(join(output, "manifest.json"))

/** The process that computes a part; undefined: none does now. */
const processOf = (output: string, part: number): number | undefined => {
  const folder = join(output, ".lnm/parts")
  const lock = existsSync(folder)
    ? readdirSync(folder).find((name) => name.startsWith(`part-${part}.lock.`))
    : undefined
  return lock === undefined ? undefined : Number(lock.split(".").at(-3))
}

const isAsWhole = (output: string) =>
  assert.deepStrictEqual(contentOf(output, isResult), contentOf(join(scratch, "whole"), isResult))

describe.skipIf(skips)("a run on Slurm", () => {
  it("goes on where a part was killed and another was queued again: the bytes of a plain run", {
    timeout: 120_000
  }, async () => {
    const output = join(scratch, "killed")
    const said = await submit(output, 3)
    assert.match(said, /submitted: parts \d+, then merge \d+/)
    await until("part 2 computes", () => processOf(output, 2) !== undefined)
    process.kill(processOf(output, 2)!, "SIGKILL")
    await until("the maps are there", isMerged(output))
    isAsWhole(output)
    const log = readFileSync(join(output, ".lnm/slurm/parts-2.log"), "utf8")
    assert.match(log, /part 2 ended with code 137 and is queued again[\s\S]*attempt 2/)
    const status = await lnm("status", output, "--json")
    assert.deepInclude(JSON.parse(status.stdout), { merged: true })
  })

  it("submits only what is missing after a cancellation, and says meanwhile what is missing", {
    timeout: 120_000
  }, async () => {
    const output = join(scratch, "cancelled")
    // No job begins before the merge is held, so that a cancellation comes in time however fast the parts are.
    const setNodes = (state: string) =>
      cluster.call("scontrol", ["update", "NodeName=n1,n2", `State=${state}`, "Reason=test"])
    setNodes("DRAIN")
    await submit(output, 3)
    const waiting = cluster.call("squeue", ["--noheader", "--format=%A %E"]).trim().split("\n")
    const merge = waiting.find((job) => job.includes("after"))!.split(" ")[0]!
    cluster.call("scontrol", ["hold", merge])
    setNodes("RESUME")
    await until("a part is done", () => existsSync(join(output, ".lnm/parts/part-1.json")))
    const again = await lnm("submit", study.config, "--output", output, "--jobs", "3")
    assert.strictEqual(again.code, 2)
    assert.include(again.stderr, "have not ended yet")
    await lnm("cancel", output)
    await until("the queue is empty", () => cluster.call("squeue", ["--noheader"]).trim() === "")
    assert.isFalse(isMerged(output)())
    const before = readdirSync(join(output, ".lnm/parts")).filter((name) => /^part-\d\.json$/.test(name)).length
    const said = await submit(output, 3)
    if (before < 3) assert.include(said, `${before} of them are done`)
    await until("the maps are there", isMerged(output))
    isAsWhole(output)
  })

  describe.skipIf(process.env.LNM_CLUSTER !== "all")("in all its troubles", () => {
    for (const [name, settings] of Object.entries({
      plain: [],
      "the seed matrix, cut by lesions": ["--set", "statistics.matrix=true", "--set", "lesions.batch_size=2"],
      "refined seeds": ["--set", "method=pini"]
    })) {
      for (const parts of [1, 3, 7]) {
        it(`with ${name}, ${parts} part(s): the bytes of a plain run`, { timeout: 180_000 }, async () => {
          const [whole, output] = [join(scratch, `${name} whole`), join(scratch, `${name} ${parts}`)]
          if (!existsSync(whole)) {
            await lnmSucceeds(["run", study.config, "--output", whole, "--progress", "off", ...settings])
          }
          await submit(output, parts, ...settings)
          await until("the maps are there", isMerged(output), 120)
          assert.deepStrictEqual(contentOf(output, isResult), contentOf(whole, isResult))
        })
      }
    }

    it("goes on where a task is queued again by hand", { timeout: 120_000 }, async () => {
      const output = join(scratch, "requeued")
      const said = await submit(output, 2)
      const id = /parts (\d+)/.exec(said)![1]!
      await until("part 1 computes", () => processOf(output, 1) !== undefined)
      cluster.call("scontrol", ["requeue", `${id}_1`])
      await until("the maps are there", isMerged(output), 120)
      isAsWhole(output)
    })

    it("says that the time limit was reached, and goes on from what was kept", { timeout: 600_000 }, async () => {
      const output = join(scratch, "late")
      // A signal 120 s before the limit of one minute comes as soon as the job begins.
      await submit(output, 1, "--sbatch", "--time=1")
      await until(
        "the maps are there, or the merge has said what is missing",
        () => {
          const log = join(output, ".lnm/slurm/merge.log")
          return isMerged(output)() || (existsSync(log) && /not computed yet/.test(readFileSync(log, "utf8")))
        },
        500
      )
      if (!isMerged(output)()) {
        await submit(output, 1)
        await until("the maps are there", isMerged(output), 120)
      }
      isAsWhole(output)
    })

    it("says that the disk was full, and ends with the same bytes once there is room", {
      timeout: 300_000
    }, async () => {
      const output = join(scratch, "full")
      // Jobs have the limits of the shell that submits them: files of at most so many blocks of 512 bytes.
      const words = ["submit", study.config, "--output", output, "--jobs", "1", "--workers", "1"]
      const limited = ["-c", 'ulimit -f 200; exec "$@"', "sh", process.execPath, launcher, ...words]
      const ended = await startProgram("sh", limited, { env: cluster.env }).ended
      assert.strictEqual(ended.code, 0, ended.stderr)
      await until("the jobs have ended", () => cluster.call("squeue", ["--noheader"]).trim() === "", 240)
      assert.isFalse(isMerged(output)())
      const status = await lnm("status", output)
      assert.match(status.stdout, /part 1: failed[\s\S]*could not be written/)
      assert.match(readFileSync(join(output, ".lnm/slurm/merge.log"), "utf8"), /1 of 1 parts are not computed yet/)
      await submit(output, 1)
      await until("the maps are there", isMerged(output), 120)
      isAsWhole(output)
    })

    it("ends with the same bytes where a node goes down", { timeout: 300_000 }, async () => {
      const output = join(scratch, "down")
      await submit(output, 4)
      await until("a part computes", () => [1, 2, 3, 4].some((part) => processOf(output, part) !== undefined))
      cluster.stopNode("n2")
      cluster.call("scontrol", ["update", "NodeName=n2", "State=DOWN", "Reason=test"])
      await until(
        "the maps are there, or the jobs have ended",
        () => {
          return isMerged(output)() || cluster.call("squeue", ["--noheader"]).trim() === ""
        },
        240
      )
      if (!isMerged(output)()) {
        await submit(output, 4)
        await until("the maps are there", isMerged(output), 120)
      }
      isAsWhole(output)
    })
  })

  it("prints the scripts with --dry-run, and writes nothing", { timeout: 60_000 }, async () => {
    const output = join(scratch, "dry")
    const said = await submit(output, 5, "--dry-run", "--sbatch", "--partition=long --time=1:00:00")
    assert.include(said, "#SBATCH --array=1-5")
    assert.include(said, "#SBATCH --partition=long --time=1:00:00")
    assert.include(said, "lnm.js merge")
    assert.isFalse(existsSync(output))
  })
})
