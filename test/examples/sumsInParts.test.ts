import { execFile } from "node:child_process"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { flipByte, truncate } from "../support/damage.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { repository } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { tinyBrain } from "../support/tinyConnectome.ts"
import { writeTinyStudy } from "../support/tinyStudy.ts"

describe("the example with sums in parts", () => {
  const folder = scratchFolder()
  const file = join(folder, "sums", "odd.sums")

  it("saves two parts, and finds their sum to be that of one run", async () => {
    const { folder: study } = await writeTinyStudy(folder, { subjects: 5 })
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(repository, "examples/sumsInParts.ts"), join(study, "connectome"), join(folder, "sums")],
      { env: { ...process.env, XDG_CACHE_HOME: join(folder, "cache") } }
    )
    const lines = stdout.trim().split("\n")
    assert.strictEqual(lines.length, 2)
    for (const line of lines) assert.match(line, /^region \d: mean r -?[\d.]+ over 5 subjects, as in one run$/)
    assert.deepStrictEqual(readdirSync(join(folder, "sums")), ["even.sums", "odd.sums"])
  })

  it("leaves files of which lnm inspect says what they hold, and whether they are as they were written", async () => {
    const facts = JSON.parse((await lnmHereSucceeds(["inspect", file, "--json"])).stdout)
    assert.deepInclude(facts, {
      kind: "connectivity sums",
      path: file,
      subjects: 2,
      subjects_covered: "1, 3",
      lesions: 2,
      voxels: tinyBrain.gridIndex.length,
      seed_pairs: "none",
      fraction_bits: 40
    })
    assert.match(facts.fingerprint_of_study, /^[0-9a-f]{64}$/)
    assert.notProperty(facts, "checked")
    const { stdout } = await lnmHereSucceeds(["inspect", file, "--check"])
    assert.match(stdout, /^checked +all as it was written$/m)
    flipByte(file, 5000)
    assert.strictEqual((await lnmHere(["inspect", file])).code, 0)
    const damaged = await lnmHere(["inspect", file, "--check"])
    assert.strictEqual(damaged.code, 1)
    assert.include(damaged.stderr, `${file}: its checksum is another`)
    truncate(file, 0.5)
    const truncated = await lnmHere(["inspect", file])
    assert.strictEqual(truncated.code, 2)
    assert.match(
      truncated.stderr,
      /odd\.sums: it has \d+ bytes instead of \d+\. Copy it again, or compute it again\.\n$/
    )
  })
})
