/** Some subjects of a connectome as a connectome: what is read is the other's, and nothing else is. */
import { stat, writeFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import { withSubjects } from "../../src/connectome/chosenSubjects.ts"
import { openHdf5Connectome } from "../../src/connectome/hdf5/Hdf5Connectome.ts"
import { readSlab } from "../../src/connectome/hdf5/hdf5Block.ts"
import { loadHdf5Library } from "../../src/connectome/hdf5/hdf5Library.ts"
import { readDirectly } from "../../src/connectome/hdf5/readDirectly.ts"
import { openConnectome } from "../../src/connectome/openConnectome.ts"
import { choiceOfIds } from "../../src/connectome/subjectChoice.ts"
import { signal, writeHdf5File } from "../support/hdf5Files.ts"
import { memoryConnectome } from "../support/memoryConnectome.ts"
import { temporaryFolder } from "../support/niftiBytes.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { storesIn } from "../support/storesIn.ts"
import { writeNiftiScans } from "../support/tinyConnectome.ts"

const scratch = scratchFolder()

/** Positions of some of so many subjects, ascending. */
const someOf = (subjects: number) =>
  fc.subarray(
    Array.from({ length: subjects }, (_, n) => n),
    { minLength: 1 }
  )

const emptySeries = ({ subjects, voxels }: Connectome, first: number, count: number) =>
  subjects.slice(first, first + count).map(({ timePoints }) => new Float32Array(timePoints * voxels))

/** Every range of subjects that a run may ask for. */
const ranges = (subjects: number) =>
  Array.from({ length: subjects }, (_, first) =>
    Array.from({ length: subjects - first }, (_, n) => [first, n + 1] as const)
  ).flat()

/** Three HDF5 files of subjects of their own lengths, with two subjects in a storage chunk. */
const hdf5 = Effect.fnUntraced(function* (type: "f4" | "f8") {
  const folder = yield* temporaryFolder
  for (const [n, subjects] of [3, 2, 4].entries()) {
    const value = (s: number, t: number, v: number) => signal(10 * n + s, t, v)
    const fields = { subjects, timePoints: 5 + n, voxels: 6, chunks: [2, 3, 4], filter: "gzip", value, type } as const
    yield* writeHdf5File(folder, `part-${n}.h5`, fields)
  }
  return yield* openHdf5Connectome(folder)
})

const [perFile, last] = [[3, 2, 4], 9]

describe("withSubjects", () => {
  it.effect.each(["f4", "f8"] as const)(
    "reads of HDF5 (%s) what the chosen subjects have, whole or in parts, whatever the gaps",
    (type) =>
      Effect.gen(function* () {
        const whole = yield* hdf5(type)
        const library = yield* Effect.promise(loadHdf5Library)
        const all = emptySeries(whole, 0, last)
        yield* whole.read(0, all)
        const check = Effect.fnUntraced(function* (positions: ReadonlyArray<number>) {
          const chosen = withSubjects(whole, positions)
          assert.deepStrictEqual(
            chosen.subjects.map(({ index, id }) => [index, id]),
            positions.map((position, index) => [index, whole.subjects[position]!.id])
          )
          for (const [first, count] of ranges(positions.length)) {
            const expected = positions.slice(first, first + count).map((position) => all[position]!)
            const read = emptySeries(chosen, first, count)
            yield* chosen.read(first, read)
            assert.deepStrictEqual(read, expected)
            const inParts = emptySeries(chosen, first, count)
            for (const { block, into } of chosen.parts(first, inParts)) {
              const { chunkIndex, path } = block
              if (chunkIndex !== undefined) readDirectly(block, chunkIndex, into)
              const file = library.open(path)
              readSlab(file, block, into)
              file.close()
            }
            assert.deepStrictEqual(inParts, expected)
          }
        })
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(someOf(last), (positions) => Effect.runPromise(Effect.scoped(check(positions)))),
            { numRuns: 12, seed: 1 }
          )
        )
      })
  )

  it.effect("keeps the files of chosen subjects, and counts the storage chunks that are read of them", () =>
    Effect.gen(function* () {
      const whole = yield* hdf5("f4")
      const sizes = yield* Effect.forEach(whole.files, (file) =>
        Effect.map(
          Effect.promise(() => stat(file)),
          ({ size }) => size
        )
      )
      // The first file's second chunk has one subject; of the third file's first chunk one is chosen, of the second both.
      const chosen = withSubjects(whole, [2, 5, 7, 8])
      assert.deepStrictEqual(
        chosen.files.map((file) => basename(file)),
        ["part-0.h5", "part-2.h5"]
      )
      assert.strictEqual(chosen.bytesToRead, sizes[0]! / perFile[0]! + sizes[2]!)
      assert.deepStrictEqual(chosen.chosen, {
        from: last,
        rows: [
          { file: 0, subjects: [2] },
          { file: 1, subjects: [0, 2, 3] }
        ]
      })
      // Each storage chunk that holds one of them is inflated once.
      const blocks = chosen.parts(0, emptySeries(chosen, 0, 4)).map(({ block }) => block)
      const inflated = blocks.flatMap(({ path, chunkIndex }) =>
        chunkIndex?.kind === "chunked" ? chunkIndex.chunks.map(([address]) => `${path} ${address}`) : []
      )
      // Chunks of 2 × 3 × 4 in 5 and in 7 time points × 6 voxels.
      assert.strictEqual(inflated.length, 2 * 2 + 2 * (3 * 2))
      assert.strictEqual(new Set(inflated).size, inflated.length)
      const wholeFiles = withSubjects(whole, [3, 4])
      assert.deepStrictEqual(wholeFiles.chosen, { from: last, rows: [] })
      assert.strictEqual(wholeFiles.bytesToRead, sizes[1])
      const again = withSubjects(chosen, [0, 3])
      assert.strictEqual(again.bytesToRead, sizes[0]! / perFile[0]! + sizes[2]! / 2)
      assert.strictEqual(withSubjects(whole, [...whole.subjects.keys()]), whole)
      const virtual = yield* openHdf5Connectome(join(import.meta.dirname, "hdf5/fixtures/virtual-f4.h5"))
      assert.deepStrictEqual(withSubjects(virtual, [0, 2]).files, virtual.files)
    })
  )

  it.effect("of a store looks at the chunk files of chosen subjects alone, and names a damaged one's subject", () =>
    Effect.gen(function* () {
      const whole = yield* storesIn(scratch)(
        memoryConnectome({ subjects: 5, timePoints: [5, 7, 6, 8, 5], voxels: 20 }),
        "int16"
      )
      const chosen = withSubjects(whole, [1, 4])
      const read = emptySeries(chosen, 0, 2)
      yield* chosen.read(0, read)
      const expected = [7, 5].map((timePoints) => new Float32Array(timePoints * 20))
      yield* whole.read(1, [expected[0]!])
      yield* whole.read(4, [expected[1]!])
      assert.deepStrictEqual(read, expected)
      assert.deepStrictEqual(chosen.stored.filesOf(1), whole.stored.filesOf(4))
      assert.strictEqual(chosen.stored.unreadable("a", 1, new Error("x")).subject, whole.subjects[4]!.id)
      assert.strictEqual(chosen.bytesToRead, (whole.bytesToRead * 2) / 5)
      assert.deepStrictEqual(chosen.files, whole.files)
    })
  )
})

describe("openConnectome with a choice of subjects", () => {
  it.effect("asks for two of them at least, and passes over others that are empty", () =>
    Effect.gen(function* () {
      for (const name of ["unwritten-f4.h5", "partly-written-f4.h5"]) {
        const path = join(import.meta.dirname, "hdf5/fixtures", name)
        const open = (...rows: ReadonlyArray<number>) =>
          openConnectome({ path, choose: choiceOfIds(rows.map((row) => `${name}[${row}]`)).choose })
        const { message } = yield* Effect.flip(open(0))
        assert.include(message, "connectome.subjects chooses 1 of its 3 subjects")
        assert.strictEqual((yield* open(0, 1)).subjects.length, 2)
        assert.include((yield* Effect.flip(open(0, 2))).message, `1 subject(s) are `)
      }
    })
  )

  it.effect("of NIfTI looks at no header of another subject's scan", () =>
    Effect.gen(function* () {
      const { path, mask, scans } = writeNiftiScans(join(scratch, "nifti"), { subjects: 4, timePoints: 6 })
      yield* Effect.promise(() => writeFile(scans[1]!, "no scan"))
      const open = (ids: ReadonlyArray<string>) => openConnectome({ path, mask, choose: choiceOfIds(ids).choose })
      const { files, subjects, chosen } = yield* open(["04", "01", "03"])
      assert.deepStrictEqual(files, [mask, scans[0]!, scans[2]!, scans[3]!])
      assert.deepStrictEqual([subjects.map(({ index }) => index), chosen], [[0, 1, 2], { from: 4, rows: [] }])
      assert.include((yield* Effect.flip(open(["01", "02"]))).message, scans[1]!)
    })
  )

  it.effect("of a Lead-DBS connectome, with the runs of each subject", () =>
    Effect.gen(function* () {
      const path = join(import.meta.dirname, "leaddbs/fixtures/mat73-format2")
      const open = (ids?: ReadonlyArray<string>) =>
        openConnectome({
          path,
          space: "X",
          runs: "average",
          ...(ids === undefined ? {} : { choose: choiceOfIds(ids).choose })
        })
      const whole = yield* open()
      const chosen = yield* open([whole.subjects[2]!.id, whole.subjects[0]!.id])
      const [, ...others] = whole.subjects
      assert.deepStrictEqual(
        chosen.subjects.map(({ id, runs }) => [id, runs]),
        [whole.subjects[0]!, others[1]!].map(({ id, runs }) => [id, runs])
      )
      const [all, some] = [emptySeries(whole, 0, 3), emptySeries(chosen, 0, 2)]
      yield* whole.read(0, all)
      yield* chosen.read(0, some)
      assert.deepStrictEqual(some, [all[0], all[2]])
      assert.isBelow(chosen.bytesToRead, whole.bytesToRead)
    })
  )
})
