/** The map of the connectome's degree in the output folder: made once, taken over, removed where it is not wanted. */
import { existsSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { contentOf, filesIn } from "../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { readMap } from "../support/readMap.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { tinySpace } from "../support/tinyConnectome.ts"
import { type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
const map = `space-${tinySpace}_desc-degree_stat-r_statmap.nii.gz`
const sidecar = map.replace(".nii.gz", ".json")

let study: TinyStudy

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 5 })
})

const run = (name: string, ...settings: ReadonlyArray<string>) => {
  const output = join(scratch, name)
  const given = settings.flatMap((setting) => ["--set", setting])
  const args = ["run", study.config, "--output", output, "--progress", "off", "--workers", "2", ...given]
  return lnmHereSucceeds(args).then(() => output)
}

const listed = (output: string): ReadonlyArray<string> =>
  JSON.parse(readFileSync(join(output, "manifest.json"), "utf8")).outputs.map((file: { path: string }) => file.path)

const identity = (output: string): string => {
  const { ino, mtimeMs } = statSync(join(output, map))
  return `${ino} ${mtimeMs}`
}

const isOfLesion = (file: string): boolean => file.startsWith("sub-") && !file.endsWith(".json")

describe("the map of the connectome's degree", () => {
  it("is written beside the folders of lesions, listed and verified, the same in one pass and in several", async () => {
    const output = await run("one")
    assert.includeMembers([...listed(output)], [map, sidecar])
    await lnmHereSucceeds(["verify", output])
    const { values } = readMap(join(output, map))
    assert.isTrue(Float32Array.from(values).some((value) => value > 0.01))
    const inPasses = await run("passes", "lesions.batch_size=1", "compute.subjects_per_chunk=2")
    assert.deepStrictEqual(
      contentOf(inPasses, (file) => file === map),
      contentOf(output, (file) => file === map)
    )
  })

  it("changes nothing of the lesions' maps, and is left out where the config says so", async () => {
    const output = await run("with")
    const without = await run("without", "statistics.degree=false")
    assert.deepStrictEqual(contentOf(without, isOfLesion), contentOf(output, isOfLesion))
    assert.notIncludeMembers([...listed(without)], [map, sidecar])
    assert.isFalse(existsSync(join(without, map)))
    const lesions = (folder: string) => JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")).lesions
    const fingerprints = (folder: string) =>
      lesions(folder).map(({ fingerprint }: { fingerprint: string }) => fingerprint)
    assert.deepStrictEqual(fingerprints(without), fingerprints(output))
  })

  it("is made by the first of several runs, and taken over by the others", async () => {
    const output = await run("several", 'lesions.participant="001"')
    const before = identity(output)
    await run("several", 'lesions.participant="002"')
    await run("several")
    assert.strictEqual(identity(output), before)
    assert.includeMembers([...listed(output)], [map, sidecar])
    await lnmHereSucceeds(["verify", output])
  })

  it("is made where it is missing or no longer whole, also where no lesion is left, with the same bytes", async () => {
    const output = await run("missing", "statistics.degree=false", 'lesions.participant="001"')
    const lesion = contentOf(output, isOfLesion)
    await run("missing", 'lesions.participant="001"')
    const made = contentOf(output, (file) => file === map)
    assert.strictEqual(Object.keys(made).length, 1)
    assert.deepStrictEqual(contentOf(output, isOfLesion), lesion)
    truncateSync(join(output, map), 100)
    await run("missing")
    assert.deepStrictEqual(
      contentOf(output, (file) => file === map),
      made
    )
    rmSync(join(output, sidecar))
    await run("missing")
    await lnmHereSucceeds(["verify", output])
  })

  it("is made where only it is missing beside a seed matrix, which stays that of all lesions", async () => {
    const output = await run("matrix", "statistics.matrix=true", "statistics.degree=false")
    const isTable = (file: string): boolean => file.endsWith(".tsv")
    const tables = contentOf(output, isTable)
    await run("matrix", "statistics.matrix=true")
    assert.deepStrictEqual(contentOf(output, isTable), tables)
    assert.includeMembers([...listed(output)], [map, "desc-boes_stat-z_relmat.tsv"])
  })

  it("is removed where a later run has none, so that the folder is as its config says", async () => {
    const output = await run("removed", "compute.arithmetic=strict")
    await run("removed", "compute.arithmetic=strict", "statistics.degree=false")
    assert.isFalse(existsSync(join(output, map)) || existsSync(join(output, sidecar)))
    await lnmHereSucceeds(["verify", output, "--rerun"])
  })

  it("of somebody else is not written over", async () => {
    const own = await run("foreign")
    for (const file of filesIn(own)) if (file !== map) rmSync(join(own, file))
    const { code, stderr } = await lnmHere(["run", study.config, "--output", own, "--progress", "off"])
    assert.strictEqual(code, 2)
    assert.include(stderr, map)
  })
})
