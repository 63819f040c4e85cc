/** Ctrl-C ends a run long before it is done, leaves nothing half-written, and does not spoil the next run. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { contentOf, filesIn, isMap } from "../support/folderContent.ts"
import { type Ended, lnmSucceeds, startLnm } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { ellipsoidIn } from "../support/tinyConnectome.ts"
import { type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

/** One pass a lesion: some seconds of reading, computing and writing on any machine. */
const lesions = 100

/** More than a stop takes, and far less than the rest of the run. */
const secondsToEnd = 1.5

let study: TinyStudy

beforeAll(async () => {
  const brain = ellipsoidIn([20, 22, 20])
  const centres = Array.from({ length: lesions }, (_, n) => [6 + (n % 8), 7 + (n % 9), 5 + (n % 10)] as const)
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 10, timePoints: 60, brain, centres, gzip: true })
})

interface Interrupted extends Ended {
  readonly secondsToEnd: number
}

/** Starts a run and sends it a signal when its first subjects are done. */
const runAndSignal = async (signal: NodeJS.Signals, output: string): Promise<Interrupted> => {
  const args = ["run", study.config, "--set", "lesions.batch_size=1", "--output", output, "--progress", "json"]
  const { child, ended } = startLnm(args)
  let signalledAt = Number.POSITIVE_INFINITY
  child.stderr!.on("data", (lines: Buffer) => {
    if (signalledAt < Number.POSITIVE_INFINITY || !/"subjects_done":[1-9]/.test(lines.toString())) return
    signalledAt = performance.now()
    child.kill(signal)
  })
  const result = await ended
  return { ...result, secondsToEnd: (performance.now() - signalledAt) / 1000 }
}

const assertUnfinishedButClean = (output: string): void => {
  const files = filesIn(output)
  assert.include(files, "dataset_description.json")
  assert.deepStrictEqual(
    files.filter((file) => file.includes(".partial")),
    []
  )
  assert.isFalse(existsSync(join(output, "manifest.json")))
}

describe("a run that is interrupted", () => {
  it("by Ctrl-C ends soon with exit code 130, without half-written files; the next run finishes", async () => {
    const output = join(scratch, "sigint")
    const ended = await runAndSignal("SIGINT", output)
    assert.strictEqual(ended.code, 130, ended.stderr)
    assert.isBelow(Math.abs(ended.secondsToEnd), secondsToEnd)
    assert.strictEqual(ended.stdout, "")
    assertUnfinishedButClean(output)

    await lnmSucceeds(["run", study.config, "--output", output])
    await lnmSucceeds(["verify", output])
    const fresh = join(scratch, "fresh")
    await lnmSucceeds(["run", study.config, "--output", fresh])
    assert.deepStrictEqual(contentOf(output, isMap), contentOf(fresh, isMap))
  })

  it("by SIGTERM ends as soon and as cleanly", async () => {
    const output = join(scratch, "sigterm")
    const ended = await runAndSignal("SIGTERM", output)
    assert.notStrictEqual(ended.code, 0)
    assert.isBelow(Math.abs(ended.secondsToEnd), secondsToEnd)
    assertUnfinishedButClean(output)
  })
})
