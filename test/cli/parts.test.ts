/** A run in parts: the bytes of a whole one, however it is cut; and parts that do not belong together are refused, each named. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { partLock } from "../../src/cluster/partsFolder.ts"
import { lockPath } from "../../src/files/lockPath.ts"
import { contentOf, isTimed } from "../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { launcher, startLnm, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

let study: TinyStudy

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 11, timePoints: 20, files: 3 })
})

const isResult = (file: string): boolean => !isTimed(file) && !file.startsWith(".lnm/")

const command = (name: string, output: string, ...more: ReadonlyArray<string>) => [
  ...[name, study.config, "--output", output, "--progress", "off", "--workers", "1"],
  ...more
]

const part = (output: string, which: string, ...settings: ReadonlyArray<string>) =>
  lnmHere(command("run", output, "--part", which, ...settings))

const allParts = async (output: string, parts: number, ...settings: ReadonlyArray<string>) => {
  for (let number = parts; number >= 1; number--) {
    const { code, stderr } = await part(output, `${number}/${parts}`, ...settings)
    assert.strictEqual(code, 0, stderr)
  }
}

const merge = (output: string, ...settings: ReadonlyArray<string>) => lnmHere(command("merge", output, ...settings))

const refused = async (output: string, message: string, ...settings: ReadonlyArray<string>) => {
  const before = contentOf(output)
  const { code, stderr } = await merge(output, ...settings)
  assert.strictEqual(code, 2, stderr)
  assert.include(stderr, message)
  assert.deepStrictEqual(contentOf(output), before)
}

const partsIn = (output: string, file = "") => join(output, ".lnm/parts", file)

const methods: Readonly<Record<string, ReadonlyArray<string>>> = {
  plain: [],
  "cut by lesions": ["--set", "lesions.batch_size=1"],
  "refined seeds": ["--set", "method=pini"],
  "refined seeds, cut by lesions": ["--set", "method=pini", "--set", "lesions.batch_size=2"],
  "the seed matrix": ["--set", "statistics.matrix=true", "--set", "lesions.batch_size=3"]
}

describe("a run in parts", () => {
  for (const [name, settings] of Object.entries(methods)) {
    it(`with ${name}: the maps are the bytes of a whole run`, { timeout: 60_000 }, async () => {
      const whole = join(scratch, `${name} whole`)
      await lnmHereSucceeds(command("run", whole, ...settings))
      for (const parts of [1, 3, 7]) {
        const output = join(scratch, `${name} ${parts}`)
        await allParts(output, parts, ...settings)
        assert.isFalse(existsSync(join(output, "manifest.json")))
        let merged = await merge(output, ...settings)
        if (name.startsWith("refined")) {
          assert.include(merged.stdout, "once more")
          await allParts(output, parts, ...settings)
          merged = await merge(output, ...settings)
        }
        assert.strictEqual(merged.code, 0, merged.stderr)
        assert.deepStrictEqual(contentOf(output, isResult), contentOf(whole, isResult))
        assert.isFalse(existsSync(join(output, ".lnm")))
        const manifest = JSON.parse(readFileSync(join(output, "manifest.json"), "utf8"))
        assert.strictEqual(manifest.parts.length, parts)
        await lnmHereSucceeds(["verify", output])
      }
    })
  }

  it("computes nothing where a part is done, and again with --fresh", { timeout: 30_000 }, async () => {
    const output = join(scratch, "again")
    await allParts(output, 2)
    const done = contentOf(output)
    const again = await part(output, "1/2")
    assert.include(again.stdout, "was done already")
    assert.deepStrictEqual(contentOf(output), done)
    const fresh = await part(output, "1/2", "--fresh")
    assert.include(fresh.stdout, "computed in")
  })

  it("goes on from a part that was killed", { timeout: 60_000 }, async () => {
    const output = join(scratch, "killed")
    const { child, ended } = startLnm(command("run", output, "--part", "1/2", "--set", "checkpoint.every=0.01s"))
    const isBegun = () => existsSync(partsIn(output, "checkpoints-1"))
    for (let waited = 0; waited < 200 && !isBegun() && child.exitCode === null; waited++) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    child.kill("SIGKILL")
    await ended
    await allParts(output, 2)
    assert.strictEqual((await merge(output)).code, 0)
    assert.deepStrictEqual(contentOf(output, isResult), contentOf(join(scratch, "plain whole"), isResult))
  })

  it("refuses parts that are missing, truncated, of another run or of another machine", {
    timeout: 60_000
  }, async () => {
    const output = join(scratch, "refusals")
    await refusedBeforeAnyPart(output)
    await allParts(output, 3)
    const kept = join(scratch, "kept")
    cpSync(output, kept, { recursive: true })
    const restored = () => {
      rmSync(output, { recursive: true })
      cpSync(kept, output, { recursive: true })
    }
    rmSync(partsIn(output, "part-2.json"))
    await refused(output, "1 of 3 parts are not computed yet: 2")
    restored()
    truncateSync(partsIn(output, "part-3-batch-1.sums"), 1000)
    await refused(output, "part 3: ")
    restored()
    cpSync(partsIn(output, "part-1-batch-1.sums"), partsIn(output, "part-2-batch-1.sums"))
    await refused(output, "part 2: part-2-batch-1.sums holds subjects 0–")
    restored()
    const record = JSON.parse(readFileSync(partsIn(output, "part-2.json"), "utf8"))
    writeFileSync(partsIn(output, "part-2.json"), JSON.stringify({ ...record, host: "other", fused: !record.fused }))
    await refused(output, "2 (on other) ")
    restored()
    await refused(output, "is not of this run: method is pini, was boes", "--set", "method=pini")
    const cut = JSON.parse(readFileSync(partsIn(output, "cut.json"), "utf8"))
    writeFileSync(partsIn(output, "cut.json"), JSON.stringify({ ...cut, version: "0.0.1" }))
    await refused(output, "it is of version 0.0.1 of lnm")
  })

  const refusedBeforeAnyPart = async (output: string) => {
    const { code, stderr } = await merge(output)
    assert.strictEqual(code, 2)
    assert.include(stderr, "there are none")
  }

  it("says that the disk is full, keeps nothing that is not whole, and goes on when there is room", {
    timeout: 60_000
  }, async () => {
    const output = join(scratch, "full")
    // Files of at most so many blocks of 512 bytes: writing more fails, as on a full disk.
    const words = [launcher, ...command("run", output, "--part", "1/2")]
    const limited = await startProgram("sh", ["-c", 'ulimit -f 24; exec "$@"', "sh", process.execPath, ...words]).ended
    assert.strictEqual(limited.code, 1, limited.stderr)
    assert.match(limited.stderr, /could not be written/)
    assert.isFalse(existsSync(partsIn(output, "part-1.json")))
    await allParts(output, 2)
    assert.strictEqual((await merge(output)).code, 0)
    assert.deepStrictEqual(contentOf(output, isResult), contentOf(join(scratch, "plain whole"), isResult))
  })

  it("is not merged while a part is at work, nor computed twice at once", { timeout: 60_000 }, async () => {
    const output = join(scratch, "at work")
    await allParts(output, 2)
    const refusals = Effect.gen(function* () {
      yield* lockPath(partLock(output, 2), "computes")
      const merged = yield* Effect.promise(() => merge(output))
      const again = yield* Effect.promise(() => part(output, "2/2"))
      return [merged, again]
    })
    const [merged, again] = await Effect.runPromise(Effect.scoped(refusals))
    assert.strictEqual(merged!.code, 2, merged!.stderr)
    assert.include(merged!.stderr, "part 2 is computed by process")
    assert.strictEqual(again!.code, 2, again!.stderr)
    assert.strictEqual((await merge(output)).code, 0)
  })

  it("looks at the files of its own subjects: one that changed is named by the part that reads it", {
    timeout: 30_000
  }, async () => {
    const other = await writeTinyStudy(join(scratch, "changing"), { subjects: 12, timePoints: 20, files: 3 })
    const run = (which: string) => lnmHere(["run", other.config, "--part", which, "--progress", "off"])
    assert.strictEqual((await run("1/3")).code, 0)
    await writeTinyStudy(join(scratch, "changed"), { subjects: 12, timePoints: 20, files: 3, deadVoxels: [5] })
    cpSync(join(scratch, "changed/connectome/part-3.h5"), join(other.folder, "connectome/part-3.h5"))
    assert.strictEqual((await run("2/3")).code, 0)
    const third = await run("3/3")
    assert.strictEqual(third.code, 2)
    assert.include(third.stderr, "connectome file part-3.h5 has changed")
  })

  it("refuses numbers that are no parts, another number of parts, and a whole run into them", {
    timeout: 30_000
  }, async () => {
    const output = join(scratch, "numbers")
    for (const wrong of ["0/3", "4/3", "1", "a/b", "1/0"])
      assert.strictEqual((await part(output, wrong)).code, 2, wrong)
    const many = await part(output, "1/45")
    assert.include(many.stderr, "Ask for 44 at most")
    await allParts(output, 2)
    const other = await part(output, "1/3")
    assert.strictEqual(other.code, 2)
    assert.include(other.stderr, "is cut into 2 parts")
    const whole = await lnmHere(command("run", output))
    assert.strictEqual(whole.code, 2)
    assert.include(whole.stderr, "holds 2 parts of a run")
    await lnmHereSucceeds(command("run", output, "--fresh"))
    assert.deepStrictEqual(readdirSync(output).includes(".lnm"), false)
  })
})
