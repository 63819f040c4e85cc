import { cpSync, mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { withSubjects } from "../../src/connectome/chosenSubjects.ts"
import { openHdf5Connectome } from "../../src/connectome/hdf5/Hdf5Connectome.ts"
import { describeStudy, fingerprintStudy, type StudyMethod } from "../../src/output/fingerprints.ts"
import { differencesOf, fingerprintOf, type StudyDescription } from "../../src/output/studyDescription.ts"
import { connectomeOf, memoryConnectome } from "../support/memoryConnectome.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { storesIn } from "../support/storesIn.ts"
import { writeHdf5 } from "../support/tinyConnectome.ts"

const scratch = scratchFolder()

const method: StudyMethod = {
  method: { name: "boes" },
  invalid: "zero",
  stages: [{ name: "ingest" }, { name: "reduce" }],
  arithmetic: "fast",
  fused: true,
  fractionBits: 40
}

const options = { subjects: 3, timePoints: [9, 9, 8], voxels: 12 }

const described = (how: StudyMethod = method, changed: Partial<Parameters<typeof memoryConnectome>[0]> = {}) =>
  describeStudy(memoryConnectome({ ...options, ...changed }), how)

/** As a file keeps it. */
const kept = (description: StudyDescription): StudyDescription => JSON.parse(JSON.stringify(description))

describe("differencesOf", () => {
  it.effect("names each key that differs, with both values where they are short", () =>
    Effect.gen(function* () {
      const saved = kept(yield* described())
      const of = (current: StudyDescription) => differencesOf(saved, current)
      assert.deepStrictEqual(of(yield* described()), [])
      const pini = { name: "pini", percentile: 20, scope: "connectome" }
      assert.deepStrictEqual(of(yield* described({ ...method, method: pini, invalid: "error" })), [
        "invalid is error, was zero",
        "method is pini, was boes",
        "pini_percentile is 20, was not there",
        "pini_scope is connectome, was not there"
      ])
      assert.deepStrictEqual(of(yield* described({ ...method, arithmetic: "strict" })), [
        "compute.arithmetic is strict, was fast"
      ])
      const stages = [{ name: "ingest" }, { name: "own" }, { name: "reduce" }]
      assert.deepStrictEqual(of(yield* described({ ...method, stages })), [
        "the row of stages is ingest, own, reduce, was ingest, reduce"
      ])
    })
  )

  it.effect("is empty exactly where the fingerprints are equal", () =>
    Effect.gen(function* () {
      const one = yield* described()
      assert.strictEqual(fingerprintOf(kept(one)), fingerprintOf(one))
      const others = [
        yield* described(method, { seed: 2 }),
        yield* described(method, { voxels: 13 }),
        yield* described(method, { shape: [2, 14, 1] }),
        yield* described(method, { timePoints: [9, 8, 9] }),
        yield* described({ ...method, fused: false }),
        yield* described({ ...method, fractionBits: 52 })
      ]
      for (const other of others) {
        assert.notStrictEqual(fingerprintOf(other), fingerprintOf(one))
        assert.isNotEmpty(differencesOf(kept(one), other))
      }
      const renamed = { ...one, names: ["other"] }
      assert.strictEqual(fingerprintOf(renamed), fingerprintOf(one))
      assert.deepStrictEqual(differencesOf(kept(one), renamed), [])
      const ofStudy = fingerprintStudy(memoryConnectome(options), method)
      assert.strictEqual(yield* ofStudy, fingerprintOf(one))
    })
  )

  it.effect("names the files of the connectome that have changed, were added, or are gone, and no others", () =>
    Effect.gen(function* () {
      const folder = join(scratch, "connectome")
      mkdirSync(folder)
      // HDF5 keeps times of writing, so equal files are copies.
      const files = ["one", "two", "three"].map((name) => join(scratch, `${name}.h5`))
      for (const [n, file] of files.entries())
        yield* Effect.promise(() => writeHdf5(file, { firstSubject: n, subjects: 1 }))
      const put = (content: Readonly<Record<string, number>>) => {
        rmSync(folder, { recursive: true })
        mkdirSync(folder)
        for (const [name, n] of Object.entries(content)) cpSync(files[n]!, join(folder, name))
        return openHdf5Connectome(folder).pipe(
          Effect.flatMap((connectome) => describeStudy(connectome, method)),
          Effect.map(({ content, names }) => ({ decides: {}, content, names })),
          Effect.scoped
        )
      }
      const saved = kept(yield* put({ "a.h5": 0, "b.h5": 1 }))
      assert.deepStrictEqual(differencesOf(saved, yield* put({ "c.h5": 0, "d.h5": 1 })), [])
      assert.deepStrictEqual(differencesOf(saved, yield* put({ "a.h5": 0, "b.h5": 2 })), [
        "connectome file b.h5 has changed"
      ])
      assert.deepStrictEqual(differencesOf(saved, yield* put({ "a.h5": 0, "c.h5": 2 })), [
        "connectome file c.h5 was not there",
        "connectome file b.h5 is gone"
      ])
      assert.deepStrictEqual(differencesOf(saved, yield* put({ "a.h5": 1, "b.h5": 0 })), [
        "the files of the connectome are in another order"
      ])
    })
  )

  it.effect(
    "says that other subjects were chosen, of a store and of files, and by fingerprint only where that decides",
    () =>
      Effect.gen(function* () {
        const stores = storesIn(scratch)
        const store = yield* stores(memoryConnectome({ subjects: 5, timePoints: 8, voxels: 12 }), "int16")
        const chosen = (...positions: ReadonlyArray<number>) => describeStudy(withSubjects(store, positions), method)
        const saved = kept(yield* chosen(0, 2))
        assert.deepStrictEqual(differencesOf(saved, yield* chosen(0, 2)), [])
        assert.deepStrictEqual(differencesOf(saved, yield* chosen(0, 3)), [
          "connectome.subjects chooses other subjects"
        ])
        const more = differencesOf(saved, yield* chosen(0, 2, 4))
        assert.include(more, "connectome.subjects chooses 3 of 5 subjects, was 2 of 5 subjects")
        assert.include(
          differencesOf(saved, yield* describeStudy(store, method)),
          "connectome.subjects chooses all subjects, was 2 of 5 subjects"
        )
        const alone = yield* stores(
          connectomeOf(
            [0, 2].map((subject) => memoryConnectome({ subjects: 5, timePoints: 8, voxels: 12 }).timeSeries[subject]!),
            12
          ),
          "int16"
        )
        assert.strictEqual(fingerprintOf(yield* describeStudy(alone, method)), fingerprintOf(saved))
        const folder = join(scratch, "rows")
        mkdirSync(folder)
        for (const n of [0, 1]) {
          yield* Effect.promise(() => writeHdf5(join(folder, `${n}.h5`), { firstSubject: 3 * n, subjects: 3 }))
        }
        const files = yield* Effect.scoped(openHdf5Connectome(folder))
        const inFiles = (...positions: ReadonlyArray<number>) => describeStudy(withSubjects(files, positions), method)
        assert.deepStrictEqual(differencesOf(yield* inFiles(0, 1, 4), yield* inFiles(0, 2, 4)), [
          "the choice of subjects within files of the connectome (connectome.subjects) has changed"
        ])
        const ofOneFile = yield* inFiles(3, 4, 5)
        const lone = yield* Effect.scoped(openHdf5Connectome(join(folder, "1.h5")))
        assert.strictEqual(fingerprintOf(ofOneFile), fingerprintOf(yield* describeStudy(lone, method)))
      })
  )

  it("takes keys that a damaged file has made up for what they are, and quotes no control character", () => {
    const current = { decides: { a: "red" }, content: [], names: [] }
    const saved = { decides: { a: "\u001b[31mred", constructor: [] }, content: ["x"], names: ["\u0007.h5"] }
    assert.deepStrictEqual(differencesOf(saved, current), [
      "a is red, was \\x1b[31mred",
      "constructor is not there, was ",
      "connectome file \\x07.h5 is gone"
    ])
  })
})
