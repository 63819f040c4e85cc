import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { assert, describe, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import { makeDemoBrain } from "../../src/demo/DemoBrain.ts"
import { demoDataIn } from "../../src/demo/DemoData.ts"
import { DemoSubject } from "../../src/demo/DemoSubject.ts"
import { refuseForeignFiles } from "../../src/demo/refuseForeignFiles.ts"
import { writeConnectomePart } from "../../src/demo/writeConnectomePart.ts"
import { writeDemoData } from "../../src/demo/writeDemoData.ts"
import { writeLesions } from "../../src/demo/writeLesions.ts"
import { writeNetworks } from "../../src/demo/writeNetworks.ts"

const brain = makeDemoBrain(1)

const temporaryFolder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "lnm-demo-"))),
  (folder) => Effect.promise(() => rm(folder, { recursive: true }))
)

const put = (file: string) =>
  Effect.promise(async () => {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, "mine")
  })

const text = (file: string) => Effect.promise(() => readFile(file, "utf8"))

describe("the demo's files", () => {
  it.live("hold the subjects' time series and the mask as HDF5, plain and compressed alike", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const timePoints = 7
      const expected = new Float32Array(timePoints * brain.voxels)
      const subject = new DemoSubject(brain, 1, 4)
      for (let t = 0; t < timePoints; t++) {
        subject.nextTimePoint(expected.subarray(t * brain.voxels, (t + 1) * brain.voxels))
      }
      for (const gzip of [false, true]) {
        const file = join(folder, `part-${gzip}.h5`)
        yield* writeConnectomePart({ file, brain, seed: 1, firstSubject: 3, subjects: 2, timePoints, gzip })
        const { default: h5wasm } = yield* Effect.promise(() => import("h5wasm/node"))
        const root = new h5wasm.File(file, "r")
        const timeseries = root.get("timeseries") as InstanceType<typeof h5wasm.Dataset>
        const indices = root.get("mask_indices") as InstanceType<typeof h5wasm.Dataset>
        assert.deepStrictEqual(timeseries.shape, [2, timePoints, brain.voxels])
        assert.strictEqual(timeseries.filters.length, gzip ? 1 : 0)
        assert.deepStrictEqual(timeseries.slice([[1, 2], [], []]), expected)
        assert.deepStrictEqual(indices.value, brain.maskIndices)
        assert.strictEqual(root.get_attribute("space", false), "MNI152NLin6Asym")
        root.close()
      }
      assert.deepStrictEqual((yield* Effect.promise(() => readdir(folder))).sort(), ["part-false.h5", "part-true.h5"])
    }).pipe(Effect.scoped)
  )

  it.live("are the same bytes at any time, plain and compressed HDF5 alike", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (const gzip of [false, true]) {
        const written: Array<Buffer> = []
        for (const seconds of [1_000_000_000, 1_500_000_000]) {
          const file = join(folder, `at-${seconds}.h5`)
          // HDF5, compiled for JavaScript, takes its time from here.
          const clock = vi.spyOn(Date, "now").mockReturnValue(1000 * seconds)
          yield* writeConnectomePart({ file, brain, seed: 1, firstSubject: 0, subjects: 1, timePoints: 3, gzip })
          assert.isAbove(clock.mock.calls.length, 0)
          clock.mockRestore()
          written.push(yield* Effect.promise(() => readFile(file)))
        }
        assert.isTrue(written[0]!.equals(written[1]!))
      }
    }).pipe(Effect.scoped)
  )

  it.live("are the same bytes each time, lesions and networks", () =>
    Effect.gen(function* () {
      const [a, b] = [demoDataIn(yield* temporaryFolder), demoDataIn(yield* temporaryFolder)]
      for (const data of [a, b]) {
        yield* writeLesions(brain, data.lesions)
        yield* writeNetworks(brain, data.networks, data.networksTable)
      }
      const files = (data: typeof a) => [...data.lesionFiles.map(({ file }) => file), data.networks, data.networksTable]
      for (const [index, file] of files(a).entries()) {
        const [first, second] = yield* Effect.promise(() => Promise.all([readFile(file), readFile(files(b)[index]!)]))
        assert.isTrue(first.equals(second), file)
      }
      assert.include(yield* text(join(a.lesions, "participants.tsv")), "sub-06\tright\tDorsalAttention")
      assert.match(yield* text(a.networksTable), /^index\tname\t.*\n1\tVisual\t/)
    }).pipe(Effect.scoped)
  )

  it.live("never take the place of files that the demo did not write", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const data = demoDataIn(folder)
      yield* put(data.connectomeFiles[1]!)
      const failure = yield* Effect.flip(writeDemoData(folder, { cohort: false }))
      assert.strictEqual(failure.file, data.connectomeFiles[1])
      assert.match(failure.message, /was not written by it\. Name another folder/)
      assert.strictEqual(yield* text(data.connectomeFiles[1]!), "mine")
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(folder)), ["connectome"])
    }).pipe(Effect.scoped)
  )

  it.live("may be written anew, unless something else lies among them", () =>
    Effect.gen(function* () {
      const data = demoDataIn(yield* temporaryFolder)
      yield* put(data.marker)
      yield* put(data.connectomeFiles[0]!)
      yield* put(`${data.connectomeFiles[1]!}.partial`)
      yield* put(join(data.folder, "notes.txt"))
      yield* refuseForeignFiles(data)
      const foreign = join(data.connectome, "my-connectome.h5")
      yield* put(foreign)
      assert.strictEqual((yield* Effect.flip(refuseForeignFiles(data))).file, foreign)
    }).pipe(Effect.scoped)
  )

  it.live("are not put among masks of somebody else's, where the cohort goes", () =>
    Effect.gen(function* () {
      const data = demoDataIn(yield* temporaryFolder)
      yield* put(data.marker)
      yield* put(data.cohortTable)
      yield* refuseForeignFiles(data)
      const foreign = join(data.cohort, "sub-99/sub-99_label-lesion_mask.nii.gz")
      yield* put(foreign)
      assert.strictEqual((yield* Effect.flip(refuseForeignFiles(data))).file, foreign)
    }).pipe(Effect.scoped)
  )

  it.live("fail with the reason and a remedy where the folder cannot be made", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* put(join(folder, "file"))
      const failure = yield* Effect.flip(writeDemoData(join(folder, "file", "demo"), { cohort: false }))
      assert.strictEqual(failure._tag, "DemoNotWritten")
      assert.match(failure.message, /a part of the path is a file, not a folder.*Name a folder/)
    }).pipe(Effect.scoped)
  )
})
