/** Runs with `seeds.partial: true`: maps that depend on nothing but the lesions of the run, and everything that a run leaves says so. */
import { cpSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readManifest } from "../../../src/output/Manifest.ts"
import { contentOf, isMap, isTimed } from "../../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../../support/lnmHere.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"
import { ballBytes, lesionName, type TinyStudy, writeFile, writeTinyStudy } from "../../support/tinyStudy.ts"

const scratch = scratchFolder()
const timeout = 60_000

let study: TinyStudy

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 5, timePoints: 20 })
})

const partial = ["--set", "seeds.partial=true"]

const at = (name: string) => join(scratch, name)

const command = (output: string, ...settings: ReadonlyArray<string>) => [
  ...["run", study.config, "--output", at(output), "--progress", "off", "--set", "report=false"],
  ...settings
]

const isResult = (file: string): boolean => !isTimed(file) && !file.startsWith(".lnm/")

const mapped = async (output: string, ...settings: ReadonlyArray<string>) => {
  await lnmHereSucceeds(command(output, ...settings))
  return contentOf(at(output), isResult)
}

const mapsOf = (content: Readonly<Record<string, string>>) => Object.entries(content).filter(([file]) => isMap(file))

/** A study of other lesions on the same connectome. */
const withLesions = (name: string, lesions: ReadonlyArray<Uint8Array>) => {
  for (const [n, bytes] of lesions.entries()) {
    writeFile(join(scratch, name, lesionName(`00${n + 1}`)), gzipSync(bytes))
  }
  return ["--set", `lesions.path=${join(scratch, name)}`]
}

const mapFile = (output: string, subject: string) =>
  join(at(output), `sub-${subject}/sub-${subject}_space-MNI152NLin6Asym_label-lesion_desc-boes_stat-z_statmap.nii.gz`)

describe("seeds.partial of functional-network-mapping", () => {
  it("makes other maps than without, the same ones whatever a pass takes and on any workers", { timeout }, async () => {
    const whole = await mapped("whole", ...partial)
    const single = ["--set", "lesions.batch_size=1", "--workers", "1", "--set", "compute.vectors=128"]
    assert.deepStrictEqual(await mapped("single", ...partial, ...single), whole)
    const plain = await mapped("plain")
    const differing = mapsOf(whole).filter(([file, hash]) => plain[file] !== hash && file.includes("stat-z"))
    assert.strictEqual(differing.length, 4)
    // The degree has no seed.
    const degree = Object.keys(whole).find((file) => file.includes("desc-degree") && isMap(file))!
    assert.strictEqual(plain[degree], whole[degree])
  })

  it("makes maps that are missing of the seeds of all lesions, refined ones too", { timeout }, async () => {
    for (const [name, ...settings] of [["missing"], ["missing-pini", "--set", "method=pini"]] as const) {
      const whole = await mapped(name, ...partial, ...settings)
      cpSync(at(name), at(`${name}-again`), { recursive: true })
      rmSync(join(at(`${name}-again`), "sub-002"), { recursive: true })
      const { stdout } = await lnmHereSucceeds(command(`${name}-again`, ...partial, ...settings))
      assert.include(stdout, `${name === "missing" ? 1 : 4} lesion(s)`)
      assert.deepStrictEqual(contentOf(at(`${name}-again`), isResult), whole)
    }
  })

  it("is the same of refined seeds whatever a pass takes, and merged of parts", { timeout }, async () => {
    const pini = [...partial, "--set", "method=pini"]
    const whole = await mapped("pini", ...pini)
    const batches = ["--set", "lesions.batch_size=2"]
    assert.deepStrictEqual(await mapped("pini-2", ...pini, ...batches), whole)
    const [, ...merging] = command("pini-parts", ...pini, ...batches)
    for (const _ of ["correlations", "sums"]) {
      for (const part of ["2/2", "1/2"]) {
        await lnmHereSucceeds([...command("pini-parts", ...pini, ...batches), "--part", part])
      }
      await lnmHereSucceeds(["merge", ...merging])
    }
    assert.deepStrictEqual(contentOf(at("pini-parts"), isResult), whole)
  })

  it("says so in plan, sidecars, manifest and report", { timeout }, async () => {
    await lnmHereSucceeds(["run", study.config, "--output", at("told"), "--progress", "off", ...partial])
    const { stdout } = await lnmHereSucceeds(["plan", study.config, "--output", at("plan"), ...partial])
    assert.include(stdout, "partial: of each, the 3 other(s) are taken out in each subject")
    assert.include(stdout, "fused: seed, partialSeeds, correlate, fisherZ, reduce")
    const sidecar = JSON.parse(readFileSync(mapFile("told", "001").replace(".nii.gz", ".json"), "utf8"))
    assert.deepStrictEqual([sidecar.SeedsPartial, sidecar.SeedsTakenOut], [true, 3])
    const { config } = await Effect.runPromise(readManifest(at("told")))
    assert.deepStrictEqual((config as { readonly seeds: unknown }).seeds, { partial: true })
    const [header, ...rows] = readFileSync(join(at("told"), "summary.tsv"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split("\t"))
    const left = rows.map((row) => Number(row[header!.indexOf("seed_left_percent")]))
    assert.strictEqual(left.length, 4)
    for (const percent of left) assert.isTrue(percent > 10 && percent < 100, `${percent}`)
    assert.property(JSON.parse(readFileSync(join(at("told"), "summary.json"), "utf8")), "seed_left_percent")
    const report = readFileSync(join(at("told"), "report.html"), "utf8")
    assert.include(report, "From each seed time series those of the other 3 lesions were removed in each subject")
  })

  it("refuses a folder whose maps are of other lesions, or of seeds that were not partial", { timeout }, async () => {
    await mapped("folder", ...partial)
    const before = contentOf(at("folder"))
    const refused = async (words: string, ...settings: ReadonlyArray<string>) => {
      const { code, stderr } = await lnmHere(command("folder", ...settings))
      assert.strictEqual(code, 2, stderr)
      assert.include(stderr, words)
      assert.deepStrictEqual(contentOf(at("folder")), before)
    }
    await refused("the row of lesions that seeds.partial takes out of one another has changed")
    await refused(
      "the row of lesions that seeds.partial takes out of one another has changed",
      ...partial,
      "--set",
      "lesions.participant=[001, 002]"
    )
  })

  it("computes two subjects in float64, where it is the same", { timeout }, async () => {
    const few = await writeTinyStudy(join(scratch, "few"), { subjects: 2, timePoints: 20 })
    const run = async (name: string, ...settings: ReadonlyArray<string>) => {
      await lnmHereSucceeds([
        "run",
        few.config,
        "--output",
        at(name),
        "--set",
        "report=false",
        "--progress",
        "off",
        ...partial,
        ...settings
      ])
      return contentOf(at(name), isResult)
    }
    const whole = await run("few-maps")
    assert.deepStrictEqual(await run("few-single", "--set", "lesions.batch_size=1"), whole)
    const steps = (await Effect.runPromise(readManifest(at("few-maps")))).backend.steps.map(({ name }) => name)
    assert.include(steps, "partialSeeds")
  })

  it("warns of one lesion, whose map stays as it is", { timeout }, async () => {
    const one = ["--set", "lesions.participant=001"]
    const { stderr } = await lnmHereSucceeds(command("one", ...partial, ...one))
    assert.include(stderr, "seeds.partial: true: there is one lesion")
    assert.deepStrictEqual(mapsOf(contentOf(at("one"))), mapsOf(await mapped("one-plain", ...one)))
  })

  it("refuses lesions with the same seed, too many, and the seed matrix, before anything is computed", {
    timeout
  }, async () => {
    const ball = ballBytes([4, 5, 5], 1)
    const same = withLesions("same", [ball, ballBytes([8, 9, 8], 1), ball])
    const refused = await lnmHere(["plan", ...command("never", ...partial, ...same).slice(1, 4), ...partial, ...same])
    assert.strictEqual(refused.code, 2)
    assert.include(refused.stderr, "seeds.partial: these lesions have the same voxels and weights")
    for (const n of [1, 3]) assert.include(refused.stderr, lesionName(`00${n}`))
    assert.notInclude(refused.stderr, lesionName("002"))

    const matrix = await lnmHere(command("never", ...partial, "--set", "statistics.matrix=true"))
    assert.strictEqual(matrix.code, 2)
    assert.include(matrix.stderr, "not together with statistics.matrix")

    const short = await writeTinyStudy(join(scratch, "short"), { subjects: 2, timePoints: 5 })
    const tooMany = await lnmHere(["run", short.config, "--output", at("never"), ...partial])
    assert.strictEqual(tooMany.code, 2)
    assert.include(tooMany.stderr, "4 lesions need time series of 6 time points at least")
    assert.include(tooMany.stderr, "Map 3 lesions or fewer")
    assert.deepStrictEqual(contentOf(at("never")), {})
  })

  it("ends with 1 where seeds are collinear in a subject, and names them", { timeout }, async () => {
    const [one, two] = [ballBytes([4, 5, 5], 1), ballBytes([8, 9, 8], 1)]
    const both = one.map((value, n) => value | two[n]!)
    both.set(one.subarray(0, 352))
    const beside = ballBytes([4, 9, 7], 1)
    const settings = withLesions("collinear", [one, beside, two, both])
    const { code, stderr } = await lnmHere(command("collinear-maps", ...partial, ...settings))
    assert.strictEqual(code, 1)
    assert.include(stderr, "the seeds of these lesions are collinear")
    for (const n of [1, 3, 4]) assert.include(stderr, lesionName(`00${n}`))
    assert.notInclude(stderr, lesionName("002"))
    assert.deepStrictEqual(mapsOf(contentOf(at("collinear-maps"))), [])
  })
})
