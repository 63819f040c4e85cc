/** What of an output folder is shown, and what is not: files that have changed, that lie elsewhere, or that no manifest names. */
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { voxelsOf } from "../../../src/imaging/Grid.ts"
import type { Manifest } from "../../../src/output/Manifest.ts"
import { indexStudy } from "../../../src/report/viewer/indexStudy.ts"
import { readMaskImage } from "../../../src/report/viewer/page/outlines.ts"
import type { ParcelsOnGrid } from "../../../src/report/viewer/StudyIndex.ts"
import { writeMadeUpGroup } from "../../support/madeUpGroup.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"
import { viewedGrid, viewedPlace, writeViewedOutput } from "../../support/viewedOutput.ts"

const scratch = scratchFolder()
let folders = 0

const newOutput = () => {
  const place = join(scratch, String(++folders))
  mkdirSync(place)
  return writeViewedOutput(place)
}

const read = (folder: string, manifest: Manifest, address: string): Promise<Uint8Array> =>
  Effect.runPromise(indexStudy(folder, manifest).resources.get(address)!.read)

const problemOf = (folder: string, manifest: Manifest, address: string): Promise<string> =>
  Effect.runPromise(Effect.flip(indexStudy(folder, manifest).resources.get(address)!.read)).then(
    ({ message }) => message
  )

/** The element of the grid at the lesions' place. */
const placeElement = (): number => {
  const [x, y, z] = viewedPlace
  const [i, j, k] = [(70 - x) / 5, (y + 85) / 5, (z + 70) / 5]
  return i + viewedGrid.shape[0] * (j + viewedGrid.shape[1] * k)
}

describe("what the viewer shows of an output folder", () => {
  it("is its lesions with their maps, in the order of the manifest, and no path", () => {
    const { folder, manifest } = newOutput()
    const { index, resources } = indexStudy(folder, manifest)
    assert.deepStrictEqual(
      index.entries.map(({ maps }) => maps),
      [
        { t: "/maps/0-0.nii.gz", pfdr: "/maps/0-1.nii.gz" },
        { t: "/maps/1-0.nii.gz", pfdr: "/maps/1-1.nii.gz" }
      ]
    )
    assert.deepStrictEqual(
      index.statistics.map(({ name, kind, threshold }) => [name, kind, threshold]),
      [
        ["t", "signed", 5],
        ["pfdr", "probability", 0.05]
      ]
    )
    assert.notInclude(JSON.stringify(index), scratch)
    assert.isFalse([...resources.keys()].some((address) => address.includes("sub-")))
    assert.include(index.entries[1]!.name, "\\n", "a line break in a name is written out")
    assert.deepInclude(index.entries[0]!.facts, { label: "Significant", value: "12.3 % of the brain" })
  })

  it("shows values that are never below 0 from 0 upwards, as a standard deviation", () => {
    const { folder, manifest } = newOutput()
    const outputs = manifest.outputs.map((output) => ({ ...output, path: output.path.replace("stat-pfdr", "stat-sd") }))
    const { statistics } = indexStudy(folder, { ...manifest, outputs }).index
    assert.deepStrictEqual(
      statistics.map(({ name, kind, threshold }) => [name, kind, threshold]),
      [
        ["t", "signed", 5],
        ["sd", "positive", undefined]
      ]
    )
    assert.match(statistics[1]!.description, /^Sample standard deviation over subjects/)
  })

  it("has maps that are of no lesion too, as those of the connectome", () => {
    const { folder, manifest } = newOutput()
    const path = "space-X_desc-degree_stat-r_statmap.nii.gz"
    const { index } = indexStudy(folder, {
      ...manifest,
      outputs: [...manifest.outputs, { ...manifest.outputs[0]!, path }]
    })
    const { name, maps, lesion } = index.entries.at(-1)!
    assert.deepStrictEqual([name, Object.keys(maps), lesion], ["space-X_desc-degree", ["r"], undefined])
  })

  it("is of a group's analysis each contrast with its statistics, then the maps of the cohort", async () => {
    const { folder, manifest } = writeMadeUpGroup(join(scratch, "group"), { contrasts: ["neglect", "aphasia"] })
    const { index } = indexStudy(folder, manifest)
    assert.deepStrictEqual(
      index.entries.map(({ name, maps }) => [name, Object.keys(maps).length]),
      [
        ["neglect", 12],
        ["aphasia", 12],
        ["component1", 1],
        ["component2", 1],
        ["component3", 1],
        ["coverage", 1],
        ["mean", 1],
        ["model", 1],
        ["overlap", 2]
      ]
    )
    assert.match(index.about, /^60 patients/)
    assert.strictEqual(index.listed, "Contrasts and maps")
    const statistics = index.statistics.map(({ name, kind, threshold }) => [name, kind, threshold])
    assert.deepStrictEqual(statistics[0], ["t", "signed", undefined])
    for (const name of ["p", "pfwe", "pfdr", "ptfcefwe", "pextentfwe", "pmassfwe"]) {
      assert.deepInclude(statistics, [name, "probability", 0.05])
    }
    assert.deepInclude(statistics, ["tpos7", "signed", undefined])
    const mask = await read(folder, manifest, index.entries[0]!.backgrounds[0]!.address)
    const { values } = readMaskImage(new Uint8Array(mask).buffer)
    // p, which is 1 outside of the brain, does not make all of the grid the brain.
    const share = values.filter((value) => value > 0).length / values.length
    assert.approximately(share, 0.29, 0.02)
  })

  it("is each map as it was written", async () => {
    const { folder, manifest } = newOutput()
    const file = manifest.outputs[1]!.path
    assert.deepStrictEqual(
      Buffer.from(await read(folder, manifest, "/maps/0-1.nii.gz")),
      readFileSync(join(folder, file))
    )
  })

  it("is not a map that has changed since, or is gone", async () => {
    const { folder, manifest } = newOutput()
    const { path, bytes } = manifest.outputs[0]!
    const file = join(folder, path)
    const content = readFileSync(file)
    content[bytes - 20]! ^= 1
    writeFileSync(file, content)
    assert.match(
      await problemOf(folder, manifest, "/maps/0-0.nii.gz"),
      /its content has changed\. Run the config again/
    )
    writeFileSync(file, content.subarray(1))
    assert.match(await problemOf(folder, manifest, "/maps/0-0.nii.gz"), /bytes instead of/)
    rmSync(file)
    assert.match(await problemOf(folder, manifest, "/maps/0-0.nii.gz"), /missing/)
  })

  it("is not a file outside of the folder, by a path of the manifest or by a link", async () => {
    const { folder, manifest } = newOutput()
    const record = manifest.outputs[0]!
    const outside = join(scratch, `outside-${folders}.nii.gz`)
    renameSync(join(folder, record.path), outside)
    symlinkSync(outside, join(folder, record.path))
    assert.match(await problemOf(folder, manifest, "/maps/0-0.nii.gz"), /a symbolic link that leads out of the folder/)
    for (const path of [`../outside-${folders}_stat-t_statmap.nii.gz`, `${scratch}/x_stat-t_statmap.nii.gz`]) {
      const forged = { ...manifest, lesions: [], outputs: [{ ...record, path }] }
      assert.match(await problemOf(folder, forged, "/maps/0-0.nii.gz"), /not read, since its path/)
    }
  })

  it("is the lesion's voxels on the grid of its map, as the config reads them", async () => {
    const { folder, manifest } = newOutput()
    const bytes = await read(folder, manifest, "/lesions/0.nii")
    const { values, shape } = readMaskImage(new Uint8Array(bytes).buffer)
    assert.deepStrictEqual(shape, viewedGrid.shape)
    assert.strictEqual(values[placeElement()], 1)
    const voxels = values.reduce((sum, value) => sum + value, 0)
    assert.strictEqual(voxels, 1 + 6 + 12 + 8 + 6 + 24, "voxels at 0, 1, √2, √3, 2 and √5 voxels: less than 12 mm away")
    const config = { ...(manifest.config as object), lesions: { values: [2] } }
    assert.match(
      await problemOf(folder, { ...manifest, config }, "/lesions/0.nii"),
      /no voxel has a value of lesions\.values/
    )
  })

  it("is no lesion whose file has changed since the run", async () => {
    const { folder, manifest, lesionFile } = newOutput()
    writeFileSync(lesionFile, "other")
    assert.match(await problemOf(folder, manifest, "/lesions/0.nii"), /has changed since the run/)
    rmSync(lesionFile)
    assert.match(await problemOf(folder, manifest, "/lesions/0.nii"), /could not be read/)
  })

  it("is a background made of the brain mask, where none is given", async () => {
    const { folder, manifest } = newOutput()
    assert.deepStrictEqual(indexStudy(folder, manifest).index.entries[1]!.backgrounds, [
      { name: "Brain mask", address: "/masks/0.nii" }
    ])
    const { values } = readMaskImage(new Uint8Array(await read(folder, manifest, "/masks/0.nii")).buffer)
    const t = new Float32Array(
      new Uint8Array(gunzipSync(readFileSync(join(folder, manifest.outputs[0]!.path))).subarray(352)).buffer
    )
    for (let element = 0; element < t.length; element++) assert.strictEqual(values[element]! > 0, t[element] !== 0)
    assert.strictEqual(Math.max(...values), 110, "a voxel that lies among others is the lightest")
  })

  it("is a background that the config names, only as an input of the run that has not changed", async () => {
    const { folder, manifest, atlasFile } = newOutput()
    const withBackground = (background: string): Manifest => ({
      ...manifest,
      config: { ...(manifest.config as object), report: { background } }
    })
    const { entries } = indexStudy(folder, withBackground(atlasFile)).index
    assert.deepStrictEqual(entries[0]!.backgrounds[0], { name: "atlas.nii.gz", address: "/background.nii.gz" })
    assert.deepStrictEqual(
      Buffer.from(await read(folder, withBackground(atlasFile), "/background.nii.gz")),
      readFileSync(atlasFile)
    )
    assert.match(await problemOf(folder, withBackground("/etc/passwd"), "/background.nii"), /not among the inputs/)
    writeFileSync(atlasFile, "other")
    assert.match(await problemOf(folder, withBackground(atlasFile), "/background.nii.gz"), /atlas\.nii\.gz/)
  })

  it("is the name of each voxel's parcel, where the atlas is still the one of the run", async () => {
    const { folder, manifest, atlasFile } = newOutput()
    const { names, runs }: ParcelsOnGrid = JSON.parse(
      String(Buffer.from(await read(folder, manifest, "/parcels/0-0.json")))
    )
    assert.deepStrictEqual(names, ["Left <b>side</b>", "Right side"])
    const parcelOf: Array<number> = []
    for (let n = 0; n < runs.length; n += 2) for (let m = 0; m < runs[n + 1]!; m++) parcelOf.push(runs[n]!)
    assert.strictEqual(parcelOf.length, voxelsOf(viewedGrid))
    assert.strictEqual(parcelOf[placeElement()], 1)
    assert.strictEqual(parcelOf[0], 0, "outside of the brain mask")
    writeFileSync(atlasFile, "other")
    assert.match(await problemOf(folder, manifest, "/parcels/0-0.json"), /atlas\.nii\.gz/)
  })

  it("has a background and parcels for each lesion where maps lie on the lesions' own grids", () => {
    const { folder, manifest } = newOutput()
    const config = { ...(manifest.config as object), output: { grid: "lesion" } }
    const { entries } = indexStudy(folder, { ...manifest, config }).index
    assert.deepStrictEqual(
      entries.map(({ backgrounds, parcellations }) => [backgrounds[0]!.address, parcellations[0]!.address]),
      [
        ["/masks/0.nii", "/parcels/0-0.json"],
        ["/masks/1.nii", "/parcels/1-0.json"]
      ]
    )
  })
})
