/** Stores that the command makes, from HDF5 and from NIfTI, give the maps of a run on the scans themselves. */
import { readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { contentOf, filesIn } from "../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { largestDifference, makeStoreIn, runStudyOn, writePrepareConfig } from "../support/preparedStores.ts"
import { lnmSucceeds } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeNiftiScans } from "../support/tinyConnectome.ts"
import { type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
const subjects = 20
const dead = [5, 200]

let study: TinyStudy
let direct: string
let hdf5: Readonly<Record<string, unknown>>
let nifti: Readonly<Record<string, unknown>>
/** Stores of the same subjects in int16. */
let fromHdf5: string
let fromNifti: string

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects, files: 3, gzip: true })
  const scans = writeNiftiScans(join(scratch, "study"), { subjects })
  hdf5 = { source: { path: "connectome" } }
  nifti = { source: { path: scans.path, mask: scans.mask } }
  direct = await runStudyOn(study, "direct", { path: "connectome" })
  fromHdf5 = await makeStoreIn(study.folder, "from-hdf5", hdf5)
  fromNifti = await makeStoreIn(study.folder, "from-nifti", { ...nifti, compute: { workers: 1 } })
})

/** As a share of the larger, where that is not next to nothing. */
const relative = (a: number, b: number): number => Math.abs(a - b) / Math.max(1, Math.abs(a), Math.abs(b))

describe("a run on a store", () => {
  it("of float32 gives the maps of the run on the scans, as close as float32 is", async () => {
    await makeStoreIn(study.folder, "float32", { ...hdf5, precision: "float32" })
    const maps = await runStudyOn(study, "maps-float32", { path: "float32.zarr" })
    assert.isBelow(largestDifference(direct, maps, "r"), 2e-6)
    assert.isBelow(largestDifference(direct, maps, "z", relative), 4e-6)
    assert.isBelow(largestDifference(direct, maps, "t", relative), 2e-4)
  })

  it("of int16 gives them within what 16 bits take: 5e-6 of r at 20 subjects", async () => {
    const maps = await runStudyOn(study, "maps-int16", { path: fromNifti })
    assert.isBelow(largestDifference(direct, maps, "r"), 5e-6)
    assert.isBelow(largestDifference(direct, maps, "z", relative), 2e-5)
    assert.isBelow(largestDifference(direct, maps, "t", relative), 2e-3)
  })

  it("counts a voxel without variance as the run on the scans does", async () => {
    const flat = await writeTinyStudy(join(scratch, "flat"), { subjects: 5, deadVoxels: dead })
    const { stdout } = await lnmSucceeds([
      "run",
      writePrepareConfig(flat.folder, "flat", { source: { path: "connectome" }, precision: "float32" }),
      "--progress",
      "off"
    ])
    assert.include(stdout, "10 voxel time series have no variance")
    const [onScans, onStore] = [
      await runStudyOn(flat, "on-scans", { path: "connectome" }),
      await runStudyOn(flat, "on-store", { path: "flat.zarr" })
    ]
    assert.isBelow(largestDifference(onScans, onStore, "r"), 2e-6)
    const invalid = (folder: string) => {
      const [head, row] = readFileSync(join(folder, "summary.tsv"), "utf8")
        .split("\n")
        .map((line) => line.split("\t"))
      return row![head!.indexOf("invalid_voxels")]
    }
    assert.strictEqual(invalid(onScans), "10")
    assert.strictEqual(invalid(onStore), "10")
  })
})

describe("the bytes of a store", () => {
  const arrays = (file: string): boolean => file !== "zarr.json"

  it("are the same from HDF5 and from NIfTI, but for what the subjects are called", () => {
    assert.deepStrictEqual(contentOf(fromHdf5, arrays), contentOf(fromNifti, arrays))
    assert.isAbove(filesIn(fromHdf5).length, 3 * subjects)
  })

  it("do not depend on workers, nor on where the scans lie", async () => {
    const moved = join(scratch, "study/moved")
    renameSync(join(scratch, "study/scans"), moved)
    const source = { path: moved, mask: join(scratch, "study/brain_mask.nii.gz") }
    const three = await makeStoreIn(study.folder, "three", { source, compute: { workers: 3 } })
    renameSync(moved, join(scratch, "study/scans"))
    assert.deepStrictEqual(contentOf(three), contentOf(fromNifti))
  })

  it("are what `lnm inspect --check` finds whole", async () => {
    const { stdout } = await lnmHereSucceeds(["inspect", fromHdf5, "--check"])
    assert.include(stdout, `${subjects}`)
  })
})

describe("lnm plan of a preparation", () => {
  it("looks at every scan and says what the store will take, and writes nothing", async () => {
    const config = writePrepareConfig(study.folder, "planned", nifti)
    const before = filesIn(study.folder)
    const { stdout } = await lnmHereSucceeds(["plan", config, "--json", "--workers", "1"])
    const plan = JSON.parse(stdout) as Record<string, number>
    assert.strictEqual(plan.subjects, subjects)
    assert.strictEqual(plan.workers, 1)
    assert.deepStrictEqual(filesIn(study.folder), before)
    const series = filesIn(fromNifti).filter((file) => /^(timeseries|sd|step)\/c\//.test(file))
    const bytes = series.reduce((sum, file) => sum + readFileSync(join(fromNifti, file)).length, 0)
    assert.strictEqual(plan.store_bytes, bytes)
  })

  it("refuses more workers than the memory holds, before anything is read", async () => {
    const config = writePrepareConfig(study.folder, "large", nifti)
    const ended = await lnmHere(["run", config, "--workers", "4", "--memory", "250MB"])
    assert.strictEqual(ended.code, 2, ended.stderr)
    assert.match(ended.stderr, /compute\.memory: 4 worker\(s\).+Set compute\.workers to \d/)
  })
})
