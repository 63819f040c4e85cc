/** A group's analysis in parts: the bytes of a whole one, however its permutations are shared; and parts that are refused. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { contentOf, isTimed } from "../../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../../support/lnmHere.ts"
import { groupConfig, writeCohort } from "../../support/madeUpCohort.ts"

const folder = mkdtempSync(join(tmpdir(), "lnm-group-parts-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const contrast = "{ name: aphasia, of: aphasia, covariates: [age], permutations: 199, seed: 5, tfce: true }"

const made = (name: string, text = contrast) => {
  const here = join(folder, name)
  writeCohort(here, { patients: 24 })
  writeFileSync(join(here, "group.yaml"), groupConfig(text))
  return { here, config: join(here, "group.yaml"), out: join(here, "out") }
}

const command = (name: string, config: string, ...more: ReadonlyArray<string>) =>
  lnmHere([name, config, "--progress", "off", ...more])

const allParts = async (config: string, parts: number) => {
  for (let number = parts; number >= 1; number--) {
    const { code, stderr } = await command("run", config, "--part", `${number}/${parts}`)
    assert.strictEqual(code, 0, stderr)
  }
}

const isResult = (file: string): boolean => !isTimed(file) && file !== "report.html" && !file.startsWith(".lnm/")

const refused = async (config: string, out: string, message: string) => {
  const before = contentOf(out)
  const { code, stderr } = await command("merge", config)
  assert.strictEqual(code, 2, stderr)
  assert.include(stderr, message)
  assert.deepStrictEqual(contentOf(out), before)
}

describe("a group's analysis in parts", () => {
  for (const text of [
    contrast,
    "{ name: aphasia, of: aphasia, permutations: 60, variance: unequal, clusters: false }"
  ]) {
    it(`gives the bytes of a whole one: ${text}`, { timeout: 120_000 }, async () => {
      const name = text === contrast ? "tfce" : "unequal"
      const whole = made(`${name} whole`, text)
      await lnmHereSucceeds(["run", whole.config, "--progress", "off"])
      for (const parts of [1, 3, 7]) {
        const { config, out } = made(`${name} ${parts}`, text)
        await allParts(config, parts)
        assert.isFalse(existsSync(join(out, "manifest.json")))
        const { code, stderr } = await command("merge", config)
        assert.strictEqual(code, 0, stderr)
        assert.deepStrictEqual(contentOf(out, isResult), contentOf(whole.out, isResult))
        assert.isFalse(existsSync(join(out, ".lnm")))
        assert.strictEqual(JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")).parts.length, parts)
      }
    })
  }

  it("tells contrasts apart that differ in TFCE alone, and knows strict arithmetic", { timeout: 120_000 }, async () => {
    const both = `${contrast}\n  - { name: plain, of: aphasia, covariates: [age], permutations: 199, seed: 5 }`
    const strict = ["--set", "compute.arithmetic=strict"]
    const whole = made("both whole", both)
    await lnmHereSucceeds(["run", whole.config, "--progress", "off", ...strict])
    const { config, out } = made("both", both)
    for (const which of ["1/2", "2/2"]) {
      const { code, stderr } = await command("run", config, "--part", which, ...strict)
      assert.strictEqual(code, 0, stderr)
    }
    const fast = await command("merge", config)
    assert.strictEqual(fast.code, 2)
    assert.include(fast.stderr, "strict arithmetic")
    const { code, stderr } = await command("merge", config, ...strict)
    assert.strictEqual(code, 0, stderr)
    assert.deepStrictEqual(contentOf(out, isResult), contentOf(whole.out, isResult))
  })

  it("is refused where parts are missing, truncated, of other maps, or were computed otherwise", {
    timeout: 120_000
  }, async () => {
    const { here, config, out } = made("refused")
    assert.include((await command("merge", config)).stderr, "there are none")
    await allParts(config, 3)
    const kept = join(folder, "kept")
    cpSync(out, kept, { recursive: true })
    const restore = () => {
      rmSync(out, { recursive: true })
      cpSync(kept, out, { recursive: true })
    }
    const parts = (file: string) => join(out, ".lnm/parts", file)
    const again = await command("run", config, "--part", "1/3")
    assert.include(again.stdout, "was done already")
    rmSync(parts("part-2.json"))
    await refused(config, out, "1 of 3 parts are not computed yet: 2")
    restore()
    truncateSync(parts("part-3-aphasia.permutations"), 500)
    await refused(config, out, "part 3, contrast aphasia")
    restore()
    cpSync(parts("part-1-aphasia.permutations"), parts("part-3-aphasia.permutations"))
    await refused(config, out, "part 3, contrast aphasia: it is of other permutations")
    restore()
    const record = JSON.parse(readFileSync(parts("part-2.json"), "utf8"))
    writeFileSync(parts("part-2.json"), JSON.stringify({ ...record, host: "other", fused: !record.fused }))
    await refused(config, out, "2 (on other)")
    writeFileSync(parts("part-2.json"), JSON.stringify({ ...record, host: "other", fused: null }))
    await refused(config, out, "2 (on other) were computed with strict arithmetic")
    restore()
    writeFileSync(config, groupConfig(contrast.replace("seed: 5", "seed: 6")))
    await refused(config, out, "it is of other maps, another design or version")
    assert.include((await command("run", config, "--part", "1/3")).stdout, "computed in")
    restore()
    writeFileSync(config, groupConfig(contrast.replace(", tfce: true", "")))
    await refused(config, out, "it is of other maps, another design or version")
    writeFileSync(config, groupConfig(contrast))
    const other = await command("run", config, "--part", "1/4")
    assert.strictEqual(other.code, 2)
    assert.include(other.stderr, "is cut into 3 parts")
    const whole = await command("run", config)
    assert.strictEqual(whole.code, 2)
    assert.include(whole.stderr, "holds 3 parts of a run")
    assert.include((await command("run", config, "--part", "1/200")).stderr, "cannot be cut into 200 parts")
    assert.isTrue(existsSync(join(here, "out/.lnm/parts")))
    await lnmHereSucceeds(["run", config, "--progress", "off", "--fresh"])
    assert.isFalse(existsSync(join(here, "out/.lnm")))
  })
})
