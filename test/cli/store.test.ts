/** A connectome store on the command line: run, plan and inspect, whole and damaged. */
import { readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import type { Precision } from "../../src/connectome/store/storeGeometry.ts"
import { flipByte, truncate } from "../support/damage.ts"
import { contentOf, filesIn } from "../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { readMap } from "../support/readMap.ts"
import { lnm, lnmSucceeds } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { timeSeriesOf, tinyBrain, tinySpace } from "../support/tinyConnectome.ts"
import { type TinyStudy, writeConfig, writeTinyStudy } from "../support/tinyStudy.ts"
import { writeStore } from "../support/writeStore.ts"

const scratch = scratchFolder()
const [subjects, timePoints] = [20, 25]
const voxels = tinyBrain.gridIndex.length

let study: TinyStudy

const storeOf = (name: string, precision: Precision): Promise<string> =>
  writeStore(join(scratch, name), {
    ...tinyBrain,
    timeSeries: Array.from({ length: subjects }, (_, subject) => timeSeriesOf(tinyBrain, subject, timePoints)),
    voxels,
    precision,
    panelsPerChunk: 40
  })

/** A config of the study on another connectome, with an output folder of its own. */
const configOn = (store: string): { readonly config: string; readonly output: string } => {
  const output = `${store}-maps`
  const keys = { ...study.keys, connectome: { path: store }, output: { path: output } }
  const config = writeConfig(join(study.folder, `${store.split("/").at(-1)}.yaml`), {
    pipeline: "functional-network-mapping",
    ...keys
  })
  return { config, output }
}

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects, timePoints })
  await lnmSucceeds(["run", study.config, "--workers", "2"])
})

describe("lnm run on a store", () => {
  for (const [precision, bound] of [
    ["float32", 2e-6],
    ["int16", 5e-6]
  ] as const) {
    it(`gives the maps of the run on HDF5: ${precision}, |Δr̄| ≤ ${bound}`, async () => {
      const { config, output } = configOn(await storeOf(`${precision}.zarr`, precision))
      await lnmSucceeds(["run", config, "--workers", "2"])
      const maps = filesIn(study.output).filter((file) => file.endsWith("stat-r_statmap.nii.gz"))
      // Of four lesions, and of the connectome itself.
      assert.strictEqual(maps.length, 5)
      for (const map of maps) {
        const expected = readMap(join(study.output, map)).values
        const found = readMap(join(output, map)).values
        for (const [v, r] of expected.entries()) assert.isAtMost(Math.abs(found[v]! - r), bound)
      }
      await lnmHereSucceeds(["verify", output])
    })
  }

  it("gives the same bytes for one worker and three, whatever the chunks and the recording of inputs", async () => {
    const { config, output } = configOn(await storeOf("bits.zarr", "int16"))
    await lnmSucceeds(["run", config, "--workers", "1", "--set", "compute.subjects_per_chunk=1"])
    const first = contentOf(output, (file) => file.endsWith(".nii.gz"))
    const ofStore = () => {
      const { inputs } = JSON.parse(readFileSync(join(output, "manifest.json"), "utf8"))
      return inputs.filter(({ path }: { readonly path: string }) => path.endsWith("bits.zarr"))
    }
    const [{ hash, ...byChecksums }] = ofStore()
    const full = ["--check-inputs", "full"]
    await lnmSucceeds(["run", config, "--workers", "3", "--set", "compute.subjects_per_chunk=7", "--fresh", ...full])
    assert.deepStrictEqual(
      contentOf(output, (file) => file.endsWith(".nii.gz")),
      first
    )
    const [{ sha256, ...whole }] = ofStore()
    assert.match(`${hash} ${sha256}`, /^[0-9a-f]{64} [0-9a-f]{64}$/)
    assert.notStrictEqual(hash, sha256)
    assert.deepStrictEqual({ ...byChecksums, method: "sha256" }, whole)
    assert.strictEqual(byChecksums.method, "store")
    await lnmHereSucceeds(["verify", output])
  })

  it("fails with exit code 1 and names the chunk where a byte was flipped", async () => {
    const store = await storeOf("flipped.zarr", "int16")
    const chunk = join(store, "timeseries", "c", "11", "2", "0", "0")
    flipByte(chunk, 1234)
    const { config } = configOn(store)
    const { code, stderr } = await lnm(["run", config, "--progress", "off"])
    assert.strictEqual(code, 1)
    assert.include(stderr, `${chunk}: subject sub-12: `)
    assert.include(stderr, "prepare it again")
  })

  it("refuses a store that is not finished, with exit code 2", async () => {
    const store = await storeOf("stopped.zarr", "int16")
    renameSync(store, `${store}.unfinished`)
    const { code, stderr } = await lnmHere(["run", configOn(store).config, "--progress", "off"])
    assert.strictEqual(code, 2)
    assert.include(stderr, "the store is not finished")
  })
})

describe("lnm inspect on a store", () => {
  it("says what it holds, and with --check that all of it is sound", async () => {
    const store = await storeOf("sound.zarr", "int16")
    const facts = JSON.parse((await lnmHereSucceeds(["inspect", store, "--json"])).stdout)
    assert.deepInclude(facts, {
      kind: "connectome store (Zarr v3)",
      subjects,
      voxels,
      precision: "int16",
      time_points: [timePoints],
      space: tinySpace
    })
    assert.notProperty(facts, "checked")
    const { stdout } = await lnmHereSucceeds(["inspect", store, "--check"])
    assert.match(stdout, /^checked +\d+ chunk files, all as they were written$/m)
  })

  it("with --check names every damaged chunk and has exit code 1", async () => {
    const store = await storeOf("damaged.zarr", "int16")
    const chunks = [join(store, "sd", "c", "4", "0"), join(store, "timeseries", "c", "11", "0", "0", "0")]
    flipByte(chunks[0]!, 7)
    truncate(chunks[1]!, 0.7)
    const { code, stdout, stderr } = await lnm(["inspect", store, "--check"])
    assert.deepStrictEqual([code, stdout], [1, ""])
    assert.include(stderr, "2 chunk file(s) are damaged")
    for (const chunk of chunks) assert.include(stderr, chunk)
  })

  it("refuses --check where there are no checksums", async () => {
    const { code, stderr } = await lnmHere(["inspect", join(study.folder, "connectome"), "--check"])
    assert.strictEqual(code, 2)
    assert.include(stderr, "is not a connectome store")
  })
})
