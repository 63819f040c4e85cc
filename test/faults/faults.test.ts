/**
 * Faults of the machine, made at many moments of a run: after each the next run ends with the maps of an undisturbed one, byte for byte, or the
 * run itself ends with a clear error and nothing half-written.
 *
 * `npm test` tries some moments; `npm run test:faults` tries kills at 50 random ones and before each change to the disk.
 */
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { contentOf, filesIn, isTimed } from "../support/folderContent.ts"
import { type Ended, launcher, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { ellipsoidIn } from "../support/tinyConnectome.ts"
import { type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

const isLong = process.env.LNM_FAULTS === "all"

/** Random moments at which a run is killed; of the changes to the disk, before every how many-th. */
const randomKills = isLong ? 50 : 3
const changesApart = isLong ? 10 : 40

/** Hundreds of runs take minutes, and an hour on a machine that others use too. */
const longSeconds = 7200

const scratch = scratchFolder()
const agent = join(import.meta.dirname, "faultAgent.ts")

interface Fault {
  readonly kind: "none" | "kill" | "full" | "removeFolder" | "readError" | "shortRead" | "workerDies"
  /** At which change, read or message; the first is 1. */
  readonly at?: number
}

let study: TinyStudy
let expected: Readonly<Record<string, string>>
/** Of an undisturbed run: the changes to the disk, how long it took, and the bytes that it read. */
let undisturbed: { readonly changes: number; readonly millis: number; readonly readBytes: number }
let runs = 0

/** Starts the run, and makes a fault in it. */
const start = (output: string, fault: Fault, ...settings: ReadonlyArray<string>) => {
  const log = join(scratch, `log-${runs++}`)
  const described = JSON.stringify({ ...fault, folder: output, log })
  const args = [
    ...["--import", agent, launcher, "run", study.config, "--output", output, "--progress", "off"],
    ...["--set", "checkpoint.every=0.05s", "--set", "compute.subjects_per_chunk=2", "--set", "lesions.batch_size=2"],
    ...settings.flatMap((setting) => ["--set", setting])
  ]
  const started = startProgram(process.execPath, args, { env: { LNM_FAULT: described } })
  const logged = () => (existsSync(log) ? readFileSync(log, "utf8").split("\n").filter(Boolean) : [])
  return { ...started, logged }
}

const run = async (output: string, fault: Fault, ...settings: ReadonlyArray<string>) => {
  const { ended, logged } = start(output, fault, ...settings)
  return { ...(await ended), lines: logged() }
}

const isResult = (file: string): boolean => !isTimed(file) && !file.startsWith(".lnm/")

const resultsIn = (output: string) => contentOf(output, isResult)

const bytesRead = (lines: ReadonlyArray<string>): number =>
  lines.reduce((sum, line) => sum + (line.startsWith("read ") ? Number(line.slice(5)) : 0), 0)

const manifestIn = (output: string) => JSON.parse(readFileSync(join(output, "manifest.json"), "utf8"))

const partialFiles = (output: string) => filesIn(output).filter((file) => file.includes(".partial"))

/** Runs again without a fault: it must end well, with the results of the undisturbed run. */
const assertNextRunMends = async (output: string, what: string) => {
  const next = await run(output, { kind: "none" })
  assert.strictEqual(next.code, 0, `${what}: ${next.stderr}`)
  assert.deepStrictEqual(resultsIn(output), expected, what)
  assert.deepStrictEqual(partialFiles(output), [], what)
  return next
}

const assertClearError = ({ code, stderr }: Ended, said: RegExp) => {
  assert.strictEqual(code, 1, stderr)
  assert.match(stderr, said)
  assert.notInclude(stderr, "fault of lnm itself")
}

beforeAll(async () => {
  const brain = ellipsoidIn([20, 22, 20])
  const centres = Array.from({ length: 3 }, (_, n) => [7 + n, 8 + n, 6 + n] as const)
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 40, timePoints: 60, brain, centres, files: 4 })
  const output = join(scratch, "undisturbed")
  const startedAt = performance.now()
  const { code, stderr, lines } = await run(output, { kind: "none" })
  assert.strictEqual(code, 0, stderr)
  expected = resultsIn(output)
  undisturbed = {
    changes: lines.filter((line) => !line.startsWith("read ")).length,
    millis: performance.now() - startedAt,
    readBytes: bytesRead(lines)
  }
  assert.isAbove(undisturbed.changes, 50)
})

describe.concurrent("a run that is killed", () => {
  it(
    "before changes to the disk, and the next one too: in the end the maps are those of an undisturbed run",
    async () => {
      const output = join(scratch, "killed-at-changes")
      for (let at = 1; at <= undisturbed.changes; at += changesApart) {
        const { code } = await run(output, { kind: "kill", at })
        // A run that goes on may be done before so many changes.
        assert.include([null, 0], code)
      }
      await assertNextRunMends(output, "killed before changes")
    },
    longSeconds * 1000
  )

  it.runIf(isLong)(
    "before each change to the disk: the next one mends it",
    async () => {
      for (let at = 1; at <= undisturbed.changes; at++) {
        const output = join(scratch, `killed-at-${at}`)
        await run(output, { kind: "kill", at })
        await assertNextRunMends(output, `killed before change ${at}`)
        rmSync(output, { recursive: true })
      }
    },
    longSeconds * 1000
  )

  it("at random moments: the next one goes on, reads less, and says so", { timeout: longSeconds * 1000 }, async () => {
    let state = 11
    let [tookOver, readLess] = [0, 0]
    for (let kill = 0; kill < randomKills; kill++) {
      const output = join(scratch, `killed-${kill}`)
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      const { child, ended } = start(output, { kind: "none" })
      const timer = setTimeout(() => child.kill("SIGKILL"), (0.4 + (0.6 * state) / 2 ** 32) * undisturbed.millis)
      await ended
      clearTimeout(timer)
      const hadCheckpoint = filesIn(output).some((file) => file.endsWith(".sums"))
      const next = await assertNextRunMends(output, `kill ${kill}`)
      if (manifestIn(output).subjects_taken_over > 0) tookOver++
      if (bytesRead(next.lines) < undisturbed.readBytes) readLess++
      if (hadCheckpoint) assert.isBelow(bytesRead(next.lines), undisturbed.readBytes)
    }
    if (isLong) assert.isAbove(Math.min(tookOver, readLess), 5)
  })

  it("as soon as a checkpoint is there: the next one takes its subjects over", async () => {
    const output = join(scratch, "killed-after-checkpoint")
    const { child, ended, logged } = start(output, { kind: "none" })
    const looking = setInterval(() => {
      if (logged().some((line) => line.startsWith("rename ") && line.includes("-0.sums"))) child.kill("SIGKILL")
    }, 5)
    const { code } = await ended
    clearInterval(looking)
    assert.isNull(code)
    const next = await assertNextRunMends(output, "killed after a checkpoint")
    assert.isAbove(manifestIn(output).subjects_taken_over, 0)
    assert.isBelow(bytesRead(next.lines), undisturbed.readBytes)
  })

  it("by SIGTERM keeps what it has", async () => {
    const output = join(scratch, "terminated")
    const { child, ended, logged } = start(output, { kind: "none" })
    const looking = setInterval(() => {
      if (!logged().some((line) => line.startsWith("read "))) return
      clearInterval(looking)
      child.kill("SIGTERM")
    }, 5)
    const { code, stderr } = await ended
    clearInterval(looking)
    assert.strictEqual(code, 143, stderr)
    assert.deepStrictEqual(partialFiles(output), [])
    await assertNextRunMends(output, "terminated")
  })
})

describe.concurrent("a run that", () => {
  for (const share of isLong ? [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] : [0.5]) {
    it(`finds the disk full after ${100 * share} % of its changes says so, and loses nothing`, async () => {
      const output = join(scratch, `full-${share}`)
      const at = Math.ceil(share * undisturbed.changes)
      assertClearError(await run(output, { kind: "full", at }), /could not be written.*(no space|disk is full|ENOSPC)/i)
      assert.isFalse(existsSync(join(output, "manifest.json")))
      await assertNextRunMends(output, `full after ${at} changes`)
    })
  }

  it("cannot read a file any more, or finds it shorter than it was, names it and writes no map of it", async () => {
    for (const kind of ["readError", "shortRead"] as const) {
      const output = join(scratch, kind)
      const ended = await run(output, { kind, at: 12 })
      assertClearError(ended, /connectome\/part-\d\.h5/)
      await assertNextRunMends(output, kind)
    }
  })

  it("loses a worker says so", async () => {
    const output = join(scratch, "worker")
    assertClearError(await run(output, { kind: "workerDies", at: 20 }), /worker/)
    await assertNextRunMends(output, "a worker died")
  })

  it("finds its output folder gone says so, and does not make another", async () => {
    const output = join(scratch, "removed")
    const at = Math.ceil(undisturbed.changes / 2)
    assertClearError(await run(output, { kind: "removeFolder", at }), /removed/)
    assert.isFalse(existsSync(join(output, "manifest.json")))
    await assertNextRunMends(output, "the output folder was removed")
  })
})

/** Less than the maps take. */
const diskKibibytes = 160

/** A small file system, where one can be mounted. */
const smallDisk = (): string | undefined => {
  const folder = join(scratch, "small-disk")
  mkdirSync(folder)
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${diskKibibytes}k`, "tmpfs", folder], { stdio: "pipe" })
    return folder
  } catch {
    return undefined
  }
}

const disk = smallDisk()

let isMounted = disk !== undefined

const unmount = () => {
  if (isMounted) execFileSync("umount", [disk!])
  isMounted = false
}

// Where the test is not among those that were asked for.
afterAll(unmount)

if (disk === undefined) console.warn("a disk that is really full is not tried: no file system can be mounted here")

describe.skipIf(disk === undefined)("a disk that is really full", () => {
  it("is told, whatever is written when it is, and what was kept counts when there is room", async () => {
    const output = join(disk!, "output")
    try {
      assertClearError(await run(output, { kind: "none" }), /the disk is full|no space left/i)
      execFileSync("mount", ["-o", "remount,size=64m", disk!])
      await assertNextRunMends(output, "a full disk")
    } finally {
      unmount()
    }
  })
})
