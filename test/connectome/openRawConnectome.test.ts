/** Which subjects a source has: runs by their BIDS names, HDF5 files that must agree, and what is bad about others. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openNiftiConnectome } from "../../src/connectome/nifti/NiftiConnectome.ts"
import { openRawConnectome } from "../../src/connectome/openRawConnectome.ts"
import { openStoreConnectome } from "../../src/connectome/store/StoreConnectome.ts"
import { makeStoreIn } from "../support/preparedStores.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { ellipsoidIn, timeSeriesOf, tinyBrain, writeHdf5, writeNiftiScans } from "../support/tinyConnectome.ts"

const scratch = scratchFolder()

/** Scans under names of their own, in order. */
const scansAt = (folder: string, names: ReadonlyArray<string>) => {
  const { mask, scans, path } = writeNiftiScans(join(scratch, folder), { subjects: names.length, timePoints: 10 })
  const root = join(scratch, folder, "bids")
  for (const [n, name] of names.entries()) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    renameSync(scans[n]!, join(root, name))
  }
  return { path: root, mask, pattern: "**/*.nii.gz", left: path }
}

const names = [
  "sub-01/ses-a/func/sub-01_ses-a_task-rest_run-1_bold.nii.gz",
  "sub-01/ses-a/func/sub-01_ses-a_task-rest_run-2_bold.nii.gz",
  "sub-01/ses-b/func/sub-01_ses-b_task-rest_bold.nii.gz",
  "sub-02/func/bld001_rest_finalmask.nii.gz",
  "sub-02/func/bld002_rest_finalmask.nii.gz",
  "template.nii.gz"
]

describe("openRawConnectome of NIfTI", () => {
  it.effect(
    "joins the scans of one sub- of all sessions, named by file or folder; a file without is a subject of its own",
    () =>
      Effect.gen(function* () {
        const { subjects, bad } = yield* openRawConnectome(scansAt("joined", names), "concatenate")
        assert.deepStrictEqual(
          subjects.map(({ id, sources, timePoints }) => [id, sources, timePoints]),
          [
            ["sub-01", names.slice(0, 3), 30],
            ["sub-02", names.slice(3, 5), 20],
            ["template", names.slice(5), 10]
          ]
        )
        assert.deepStrictEqual(bad, [])
      })
  )

  it.effect("makes each run a subject where they are to be separate", () =>
    Effect.gen(function* () {
      const { subjects } = yield* openRawConnectome(scansAt("separate", names), "separate")
      assert.strictEqual(subjects.length, 6)
      assert.strictEqual(new Set(subjects.map(({ id }) => id)).size, 6)
      assert.strictEqual(subjects[1]!.id, "sub-01_ses-a_task-rest_run-2_bold")
      assert.deepStrictEqual(
        subjects.map(({ person }) => person),
        ["sub-01", "sub-01", "sub-01", "sub-02", "sub-02", undefined]
      )
    })
  )

  it.effect("lists a subject as bad for any of its runs, and changes its fingerprint with a file", () =>
    Effect.gen(function* () {
      const source = scansAt("bad", names)
      const before = yield* openRawConnectome(source, "concatenate")
      writeFileSync(join(source.path, names[1]!), "damaged")
      const { subjects, bad } = yield* openRawConnectome(source, "concatenate")
      assert.deepStrictEqual(
        subjects.map(({ id }) => id),
        ["sub-02", "template"]
      )
      assert.strictEqual(bad.length, 1)
      assert.strictEqual(bad[0]!.subject, "sub-01")
      assert.strictEqual(bad[0]!.file, join(source.path, names[1]!))
      assert.strictEqual(subjects[0]!.fingerprint, before.subjects[1]!.fingerprint)
    })
  )
})

describe("openRawConnectome of HDF5", () => {
  it.effect("takes the subjects of all files, and lists a file of another brain or a damaged one as bad", () =>
    Effect.gen(function* () {
      const folder = join(scratch, "hdf5")
      yield* Effect.promise(async () => {
        await writeHdf5(join(folder, "a.h5"), { subjects: 2 })
        await writeHdf5(join(folder, "b.h5"), { subjects: 1, brain: ellipsoidIn([10, 14, 12]) })
        await writeHdf5(join(folder, "d.h5"), { subjects: 3, firstSubject: 2, timePoints: 12 })
      })
      writeFileSync(join(folder, "c.h5"), "no HDF5")
      const { subjects, bad } = yield* openRawConnectome({ path: folder }, "concatenate")
      assert.deepStrictEqual(
        subjects.map(({ id, timePoints }) => [id, timePoints]),
        [
          ["a.h5[0]", 30],
          ["a.h5[1]", 30],
          ["d.h5[0]", 12],
          ["d.h5[1]", 12],
          ["d.h5[2]", 12]
        ]
      )
      assert.deepStrictEqual(
        bad.map(({ file }) => file),
        [join(folder, "b.h5"), join(folder, "c.h5")]
      )
      assert.include(bad[0]!.problem, "voxels")
    })
  )
})

describe("a store of joined runs", () => {
  it("holds each run without its mean, one after the other, and shorter subjects as they are", async () => {
    const source = scansAt("store", names.slice(0, 4))
    const store = await makeStoreIn(join(scratch, "store"), "runs", {
      source: { path: source.path, mask: source.mask, pattern: source.pattern },
      space: "MNI152NLin6Asym",
      precision: "float32"
    })
    assert.isTrue(existsSync(store))
    const voxels = tinyBrain.gridIndex.length
    const first = new Float32Array(30 * voxels)
    const second = new Float32Array(10 * voxels)
    const connectome = await Effect.runPromise(Effect.scoped(openStoreConnectome(store)))
    assert.deepStrictEqual(
      connectome.subjects.map(({ id, timePoints }) => [id, timePoints]),
      [
        ["sub-01", 30],
        ["sub-02", 10]
      ]
    )
    await Effect.runPromise(connectome.read(0, [first]))
    await Effect.runPromise(connectome.read(1, [second]))
    const direct = await Effect.runPromise(Effect.scoped(openNiftiConnectome(source)))
    const scanned = [new Float32Array(30 * voxels), new Float32Array(10 * voxels)]
    await Effect.runPromise(direct.read(0, scanned))
    assert.deepStrictEqual(
      direct.subjects.map(({ id }) => id),
      connectome.subjects.map(({ id }) => id)
    )
    // What `lnm run` makes of the scans themselves; values are of some tens, and rounded three times.
    for (const [n, value] of scanned[0]!.entries()) assert.approximately(value, first[n]!, 3e-5)
    const [runA, runB, runC, alone] = [0, 1, 2, 3].map((n) => timeSeriesOf(tinyBrain, n, 10))
    const moments = (series: Float32Array, v: number) => {
      const values = Array.from({ length: 10 }, (_, t) => series[t * voxels + v]!)
      const mean = values.reduce((sum, x) => sum + x, 0) / 10
      return { mean, sd: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 10) }
    }
    for (let v = 0; v < voxels; v += 7) {
      const [a, b, c, d] = [moments(runA!, v), moments(runB!, v), moments(runC!, v), moments(alone!, v)]
      const pooled = Math.sqrt((a.sd ** 2 + b.sd ** 2 + c.sd ** 2) / 3)
      for (let t = 0; t < 10; t++) {
        // Float32 of numbers of about 30, of a raw signal of thousands.
        assert.approximately(first[t * voxels + v]!, (pooled * (runA![t * voxels + v]! - a.mean)) / a.sd, 1e-4)
        assert.approximately(first[(10 + t) * voxels + v]!, (pooled * (runB![t * voxels + v]! - b.mean)) / b.sd, 1e-4)
        assert.approximately(first[(20 + t) * voxels + v]!, (pooled * (runC![t * voxels + v]! - c.mean)) / c.sd, 1e-4)
        assert.approximately(second[t * voxels + v]!, alone![t * voxels + v]! - d.mean, 1e-4)
      }
    }
  })
})
