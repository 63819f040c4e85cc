/**
 * Many runs in one process, as a program makes them: nothing of one is left for the next, no open file, no worker, no memory.
 *
 * `npm run test:faults` makes 200 of them, `npm test` a few.
 */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import { lnmHereSucceeds } from "../support/lnmHere.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeTinyStudy } from "../support/tinyStudy.ts"

const isLong = process.env.LNM_FAULTS === "all"
const runs = isLong ? 200 : 10
/** Many times what they take on a machine that does nothing else. */
const longestSeconds = 180 + 5 * runs

/** Runs after which everything is loaded that a run needs. */
const warmUp = 4

/** Bytes by which the heap may have grown after all runs: what the garbage collector leaves differs by some megabytes. */
const mostGrowth = 8e6

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

const scratch = scratchFolder()

/** Open files and threads of this process; both empty where the system does not tell. */
const resources = () => {
  const entries = (folder: string) => {
    try {
      return readdirSync(folder).length
    } catch {
      return 0
    }
  }
  return { files: entries("/proc/self/fd"), threads: entries("/proc/self/task") }
}

const heapBytes = async (): Promise<number> => {
  // Finalisers of what was collected run between tasks, and may free more.
  for (let turn = 0; turn < 3; turn++) {
    collectGarbage()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}

describe("many runs in one process", () => {
  it(`leave no open files, workers or memory: ${runs}`, { timeout: longestSeconds * 1000 }, async () => {
    const study = await writeTinyStudy(join(scratch, "study"), { subjects: 6, files: 2 })
    const run = (number: number) =>
      lnmHereSucceeds([
        ...["run", study.config, "--output", join(scratch, String(number)), "--progress", "off"],
        ...(number % 2 === 0 ? ["--set", "method=pini"] : [])
      ])
    for (let number = 0; number < warmUp; number++) await run(number)
    const before = { ...resources(), heap: await heapBytes() }
    for (let number = 0; number < runs; number++) await run(warmUp + number)
    const after = { ...resources(), heap: await heapBytes() }
    assert.deepStrictEqual([after.files, after.threads], [before.files, before.threads])
    assert.isBelow(after.heap - before.heap, mostGrowth)
  })
})
