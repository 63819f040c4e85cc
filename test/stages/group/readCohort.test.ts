import { mkdtempSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Xoshiro128 } from "../../../src/demo/Xoshiro128.ts"
import { encodeNifti } from "../../../src/imaging/nifti/writeNifti.ts"
import { Progress } from "../../../src/runtime/Progress.ts"
import { readTile } from "../../../src/stages/group/CohortSource.ts"
import { checkCohort, readCohort } from "../../../src/stages/group/readCohort.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const folder = scratchFolder()
const voxels = 120
const patients = 5
const grid = { shape: [6, 5, 4], affine: [4, 0, 0, -20, 0, 4, 0, -18, 0, 0, 4, -16, 0, 0, 0, 1] } as const

const encoded = (map: Float32Array) => encodeNifti({ grid, space: "MNI152NLin6Asym", values: map })

/** Values of the maps: patient 2 has two maps, patient 3 one of r; single voxels have no value in some patient. */
const values = (() => {
  const random = new Xoshiro128(11, 0)
  const maps = Array.from({ length: patients + 1 }, () => {
    const map = new Float32Array(voxels)
    random.fillGaussian(map)
    return map.map((value) => value / 4)
  })
  maps[0]![0] = 0
  maps[1]![7] = Number.NaN
  maps[2]![9] = Number.POSITIVE_INFINITY
  maps[5]![11] = 0
  return maps
})()

const maps = values.map((map, n) => {
  const stored = n === 3 ? map.map(Math.tanh) : map
  const file = join(folder, `sub-${n}_space-MNI152NLin6Asym_stat-${n === 3 ? "r" : "z"}_statmap.nii.gz`)
  writeFileSync(file, gzipSync(encoded(stored)))
  return { patient: String(n % patients), file, statistic: n === 3 ? "r" : "z" } as const
})
const names = Array.from({ length: patients }, (_, n) => String(n))
const byPatient = names.map((name) => maps.filter(({ patient }) => patient === name))

const lesions = [[1, 2, 3], [], [0, 50, 119], [7], [4, 5]].map((elements) => Int32Array.from(elements))

/** The mean z of a patient's maps, in float64; NaN where one has no value. Patient 0 has the maps 0 and 5. */
const expected = names.map((_, patient) =>
  Array.from({ length: voxels }, (_, v) => {
    const own = values.filter((_, n) => n % patients === patient).map((map) => map[v]!)
    const all = own.map((value) => (value === 0 || !Number.isFinite(value) ? Number.NaN : value))
    return all.reduce((sum, value) => sum + value, 0) / all.length
  })
)

const readIt = (workers: number, cohortMaps: typeof byPatient = byPatient, scratch?: string) =>
  Effect.flatMap(checkCohort(names, cohortMaps, undefined), (cohort) =>
    readCohort(cohort, lesions, { workers, ...(scratch && { scratch: { folder: scratch, bytes: 81_920 } }) }).pipe(
      Effect.provide(Progress.layerOff)
    )
  )

describe("readCohort", () => {
  it.effect("gives the mean z of each patient where all have a value, coverage and centrality", () =>
    Effect.gen(function* () {
      const { source, elements, coverage, centralities } = yield* readIt(2)
      const inAll = [...Array(voxels).keys()].filter((v) => expected.every((map) => !Number.isNaN(map[v]!)))
      assert.deepStrictEqual([...elements], inAll)
      assert.deepStrictEqual(inAll.length, voxels - 4)
      const tile = readTile(source, Int32Array.of(4, 0, 3), { firstVoxel: 3, voxels: 60 })
      for (const [row, patient] of [4, 0, 3].entries()) {
        // The map of r is float32, as z is: each is rounded once.
        for (let k = 0; k < 60; k++) assert.closeTo(tile[60 * row + k]!, expected[patient]![inAll[3 + k]!]!, 2e-7)
      }
      for (let v = 0; v < voxels; v++) {
        assert.strictEqual(coverage[v], expected.filter((map) => !Number.isNaN(map[v]!)).length)
      }
      for (const [n, lesion] of lesions.entries()) {
        const outside = expected[n]!.filter((z, v) => !Number.isNaN(z) && !lesion.includes(v))
        const mean = outside.reduce((sum, z) => sum + z, 0) / outside.length
        if (lesion.length === 0) assert.isNaN(centralities[n]!)
        else assert.closeTo(centralities[n]!, mean, 1e-7)
      }
    })
  )

  it.effect("gives the same bits for any number of workers, and a fingerprint of what the maps hold alone", () =>
    Effect.gen(function* () {
      const [one, three] = [yield* readIt(1), yield* readIt(3)]
      assert.deepStrictEqual(one, three)
      const copy = join(folder, "sub-4_copy_space-MNI152NLin6Asym_stat-z_statmap.nii")
      const withCopy = [...byPatient.slice(0, 4), [{ ...byPatient[4]![0]!, file: copy }]]
      writeFileSync(copy, encoded(values[4]!))
      assert.strictEqual((yield* readIt(1, withCopy)).fingerprint, one.fingerprint)
      writeFileSync(copy, encoded(values[4]!.map((value, v) => (v === 60 ? value + 1e-6 : value))))
      assert.notStrictEqual((yield* readIt(1, withCopy)).fingerprint, one.fingerprint)
    })
  )

  it.effect("gives the same from a scratch file, of which nothing is seen and nothing is left", () =>
    Effect.gen(function* () {
      const own = mkdtempSync(join(folder, "scratch-"))
      const inMemory = yield* readIt(2)
      const onDisk = yield* readIt(2, byPatient, own)
      assert.notProperty(onDisk.source, "maps")
      assert.deepStrictEqual({ ...onDisk, source: 0 }, { ...inMemory, source: 0 })
      const [all, range] = [Int32Array.of(0, 1, 2, 3, 4), { firstVoxel: 0, voxels: voxels - 4 }]
      assert.deepStrictEqual(readTile(onDisk.source, all, range), readTile(inMemory.source, all, range))
      assert.deepStrictEqual(readdirSync(own), [])
      const opened = yield* Effect.scoped(Effect.map(readIt(1, byPatient, own), ({ source }) => source))
      assert.throws(() => readTile(opened, all, range), "EBADF")
      const failed = yield* Effect.flip(readIt(1, byPatient, join(own, "missing")))
      assert.strictEqual(failed._tag, "ScratchNotWritten")
    })
  )

  it.effect("names the map that is damaged, and one that is said to hold r and cannot", () =>
    Effect.gen(function* () {
      const bad = join(folder, "bad_space-MNI152NLin6Asym_stat-z_statmap.nii.gz")
      const withBad = [...byPatient.slice(0, 4), [{ ...byPatient[4]![0]!, file: bad }]]
      const whole = gzipSync(encoded(values[4]!))
      writeFileSync(bad, whole.subarray(0, whole.length - 40))
      const truncated = yield* Effect.flip(readIt(2, withBad))
      assert.include(truncated.message, `${bad}: the file is truncated`)
      const wrong = [...byPatient.slice(0, 4), [{ ...byPatient[4]![0]!, statistic: "r" as const }]]
      writeFileSync(byPatient[4]![0]!.file, gzipSync(encoded(values[4]!.map((value, v) => (v < 3 ? 1.5 : value)))))
      const beyond = yield* Effect.flip(readIt(2, wrong))
      assert.include(beyond.message, `${byPatient[4]![0]!.file}: it is said to hold r, but`)
    })
  )

  it.effect("reads a map that only the main thread can", () =>
    Effect.gen(function* () {
      const { fingerprint } = yield* readIt(2)
      const long = join(folder, "long_space-MNI152NLin6Asym_stat-z_statmap.nii.gz")
      writeFileSync(long, gzipSync(Buffer.concat([encoded(values[1]!), Buffer.alloc(200_000)])))
      const withLong = byPatient.map((own, n) => (n === 1 ? [{ ...own[0]!, file: long }] : own))
      assert.strictEqual((yield* readIt(2, withLong)).fingerprint, fingerprint)
    })
  )
})
