/**
 * Memory does not grow with the number of subjects, by what the operating system says of whole runs.
 *
 * The two runs read equally many time series, one of them the same few subjects again and again: so they differ in the
 * number of subjects and not in how long Node's garbage collector has let its heap grow.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { lnmSucceeds } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { ellipsoidIn } from "../support/tinyConnectome.ts"
import { writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
const brain = ellipsoidIn([17, 20, 17])
const subjectsPerFile = 20
const timePoints = 40

/** How many times as many subjects the large study has; the small one has as many lesions. */
const factor = 20

/**
 * The bound that the project promises is 5 %. The rest is for the garbage collector, which moves the peak of two equal
 * runs by up to 3 %. Keeping the time series would add half.
 */
const allowedGrowth = 0.08

const writeStudy = async (name: string, files: number, lesions: number): Promise<string> => {
  const centres = Array.from({ length: lesions }, (_, n) => [5 + (n % 7), 8, 5 + (n % 6)] as const)
  const study = await writeTinyStudy(join(scratch, name), {
    subjects: files * subjectsPerFile,
    files,
    timePoints,
    brain,
    centres
  })
  return study.config
}

const peakOf = async (config: string): Promise<number> => {
  await lnmSucceeds(["run", config, "--set", "lesions.batch_size=1", "--progress", "off", "--fresh"])
  const { peak_memory_bytes } = JSON.parse(readFileSync(join(config, "../maps/manifest.json"), "utf8"))
  return peak_memory_bytes
}

const medianOf3 = async (config: string): Promise<number> => {
  const peaks = []
  for (let run = 0; run < 3; run++) peaks.push(await peakOf(config))
  return peaks.sort((a, b) => a - b)[1]!
}

let few: string
let many: string

beforeAll(async () => {
  few = await writeStudy("few", 1, factor)
  many = await writeStudy("many", factor, 1)
})

describe("peak memory", () => {
  it("is the same for twenty times as many subjects", async () => {
    const [small, large] = [await medianOf3(few), await medianOf3(many)]
    const [megabytes, growth] = [(bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`, large / small - 1]
    assert.isBelow(growth, allowedGrowth, `${megabytes(small)}, then ${megabytes(large)}`)
  })
})
