/** A run that was stopped goes on where it was, and its maps are the bytes of one that was not. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { contentOf, isTimed } from "../support/folderContent.ts"
import { type Ended, lnm, startLnm } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { ellipsoidIn } from "../support/tinyConnectome.ts"
import { type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

/** So many, of so many voxels, that a pass takes about a second on any machine. */
const subjects = 60

let study: TinyStudy

beforeAll(async () => {
  const brain = ellipsoidIn([24, 26, 24])
  const centres = Array.from({ length: 9 }, (_, n) => [6 + n, 7 + n, 5 + n] as const)
  study = await writeTinyStudy(join(scratch, "study"), { subjects, timePoints: 60, brain, centres, gzip: true })
})

const methods = {
  "the mean signal": [],
  "refined seeds": ["--set", "method=pini"],
  "the seed matrix, several passes": ["--set", "statistics.matrix=true", "--set", "lesions.batch_size=4"]
}

const isResult = (file: string): boolean => !isTimed(file) && !file.startsWith(".lnm/")

const start = (output: string, settings: ReadonlyArray<string>, every = "0.05s") =>
  startLnm([
    ...["run", study.config, "--output", output, "--progress", "json", "--set", `checkpoint.every=${every}`],
    ...["--set", "compute.subjects_per_chunk=2", ...settings]
  ])

/** Runs, and sends a signal when so many subjects have been added by this run. */
const stopAfter = async (
  count: number,
  signal: NodeJS.Signals,
  ...started: Parameters<typeof start>
): Promise<Ended> => {
  const { child, ended } = start(...started)
  let signalled = false
  child.stderr!.on("data", (lines: Buffer) => {
    const done = Math.max(
      0,
      ...[...lines.toString().matchAll(/"subjects_done":(\d+)/g)].map(([, found]) => Number(found))
    )
    if (signalled || done < count) return
    signalled = true
    child.kill(signal)
  })
  return await ended
}

const manifestIn = (output: string) => JSON.parse(readFileSync(join(output, "manifest.json"), "utf8"))

describe.concurrent("a run that was stopped goes on where it was", () => {
  for (const [name, settings] of Object.entries(methods)) {
    it(`with ${name}: the same bytes, and the manifest says what was taken over`, async () => {
      const [whole, output] = [join(scratch, `${name}-whole`), join(scratch, name)]
      assert.strictEqual((await start(whole, settings).ended).code, 0)
      assert.doesNotHaveAnyKeys(manifestIn(whole), ["subjects_taken_over", "resumes"])

      const stopped = await stopAfter(1, "SIGINT", output, settings)
      assert.strictEqual(stopped.code, 130, stopped.stderr)
      assert.match(stopped.stderr, /stopped: \d+ of 60 subjects of this pass are kept .* Run the same command again/)
      assert.isFalse(existsSync(join(output, "manifest.json")))
      const killed = await stopAfter(20, "SIGKILL", output, settings)
      assert.strictEqual(killed.code, null)

      const resumed = await start(output, settings).ended
      assert.strictEqual(resumed.code, 0, resumed.stderr)
      const manifest = manifestIn(output)
      assert.isAbove(manifest.subjects_taken_over, 0)
      assert.strictEqual(manifest.resumes, 2)
      assert.isAbove(manifest.checkpoints.written, 0)
      assert.deepStrictEqual(contentOf(output, isResult), contentOf(whole, isResult))
      assert.isFalse(existsSync(join(output, ".lnm/checkpoints")))
    })
  }

  it("in a later pass: the degree, which the first pass has made, is not made again", async () => {
    const output = join(scratch, "later")
    const settings = ["--set", "lesions.batch_size=4"]
    const degree = (file: string) => file.includes("desc-degree")
    assert.strictEqual((await stopAfter(subjects + 5, "SIGINT", output, settings)).code, 130)
    const before = contentOf(output, degree)
    assert.strictEqual(Object.keys(before).length, 2)
    const { mtimeMs } = statSync(join(output, Object.keys(before)[1]!))
    const resumed = await start(output, settings).ended
    assert.strictEqual(resumed.code, 0, resumed.stderr)
    assert.isAbove(manifestIn(output).subjects_taken_over, 0)
    assert.deepStrictEqual(contentOf(output, degree), before)
    assert.strictEqual(statSync(join(output, Object.keys(before)[1]!)).mtimeMs, mtimeMs)
    const listed = manifestIn(output).outputs.map(({ path }: { readonly path: string }) => path)
    assert.includeMembers(listed, Object.keys(before))
  })

  it("by SIGTERM too, with its exit code; and leaves at once at a second signal", async () => {
    const output = join(scratch, "sigterm")
    const { child, ended } = start(output, [], "1h")
    child.stderr!.on("data", (lines: Buffer) => {
      if (/"subjects_done":[1-9]/.test(lines.toString())) child.kill("SIGTERM")
    })
    const { code, stderr } = await ended
    assert.strictEqual(code, 143, stderr)
    assert.isAbove(readdirSync(join(output, ".lnm/checkpoints")).length, 0)
  })

  it("and refuses, by name, where the study or a lesion is another; --fresh begins anew", async () => {
    const output = join(scratch, "another")
    assert.strictEqual((await stopAfter(1, "SIGINT", output, [])).code, 130)
    const kept = contentOf(join(output, ".lnm/checkpoints"))
    const changes: ReadonlyArray<readonly [setting: string, said: RegExp]> = [
      ["method=pini", /checkpoints of an interrupted run that was another: method is pini, was boes/],
      ["invalid=error", /invalid is error, was zero/],
      ["statistics.degree=false", /statistics.degree is another/],
      ["lesions.participant=00[1-8]", /lesion sub-009\S* is gone/]
    ]
    for (const [setting, said] of changes) {
      const { code, stderr } = await start(output, ["--set", setting]).ended
      assert.strictEqual(code, 2, stderr)
      assert.match(stderr, said)
    }
    assert.deepStrictEqual(contentOf(join(output, ".lnm/checkpoints")), kept)
    const { code, stderr } = await start(output, ["--set", "invalid=zero", "--fresh"]).ended
    assert.strictEqual(code, 0, stderr)
    assert.isUndefined(manifestIn(output).subjects_taken_over)
  })

  it("in the passes that it had, however many lesions a pass would be taken now", async () => {
    const output = join(scratch, "passes")
    const two = ["--set", "lesions.batch_size=2"]
    assert.strictEqual((await stopAfter(1, "SIGINT", output, two)).code, 130)
    const { code, stderr } = await start(output, []).ended
    assert.strictEqual(code, 0, stderr)
    const { plan, subjects_taken_over } = manifestIn(output)
    assert.strictEqual(plan.passes, 5)
    assert.isAbove(subjects_taken_over, 0)
  })

  it("but from the beginning where nothing was to be kept", async () => {
    const output = join(scratch, "none")
    const settings = ["--set", "checkpoint=false"]
    const args = ["run", study.config, "--output", output, "--progress", "json", ...settings]
    const { child, ended } = startLnm(args)
    child.stderr!.on("data", (lines: Buffer) => {
      if (/"subjects_done":[1-9]/.test(lines.toString())) child.kill("SIGINT")
    })
    const { code, stderr } = await ended
    assert.strictEqual(code, 130, stderr)
    assert.include(stderr, "interrupted: no file is left half-written")
    assert.isFalse(existsSync(join(output, ".lnm/checkpoints")))
    assert.strictEqual((await lnm(args)).code, 0)
    assert.isUndefined(manifestIn(output).subjects_taken_over)
  })
})
