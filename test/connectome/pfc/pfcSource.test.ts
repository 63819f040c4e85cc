/** Folders of NumPy files: which files are subjects, the order of their voxels, and what is refused. */
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestConsole } from "effect/testing"
import { inspect } from "../../../src/cli/inspect.ts"
import { openConnectome } from "../../../src/connectome/openConnectome.ts"
import { niftiBytes, temporaryFolder, writeBytes } from "../../support/niftiBytes.ts"

/** Elements of a grid of 2 × 3 × 2, the first axis fastest. */
const inMask = [1, 2, 5, 6, 7]

/** The same voxels as NumPy lists them: by i, then j, then k. */
const listed = [6, 2, 1, 7, 5]

const voxels = listed.length

const maskBytes = niftiBytes({
  dims: [2, 3, 2],
  datatype: "uint8",
  sform: [2, 0, 0, -3, 0, 2, 0, -4, 0, 0, 2, -2],
  stored: Array.from({ length: 12 }, (_, element) => (inMask.includes(element) ? 1 : 0))
})

const value = (subject: number, t: number, element: number) => 100 * subject + ((17 * t * (element + 1)) % 23) + element

/** A file of numbers of 16, 32 or 64 bits, little endian. */
const npy = (
  rows: ReadonlyArray<ReadonlyArray<number>>,
  { bits = 32, order = "False", version = 1 }: { bits?: 16 | 32 | 64; order?: string; version?: 1 | 2 } = {}
): Uint8Array => {
  const shape = `(${rows.length}, ${rows[0]!.length})`
  const text = `${`{'descr': '<f${bits / 8}', 'fortran_order': ${order}, 'shape': ${shape}, }`.padEnd(117)}\n`
  const length = version === 1 ? [text.length & 255, text.length >> 8] : [text.length, 0, 0, 0]
  const values = rows.flat()
  const data = new DataView(new ArrayBuffer((values.length * bits) / 8))
  for (const [n, number] of values.entries()) {
    if (bits === 16) data.setFloat16(2 * n, number, true)
    else if (bits === 32) data.setFloat32(4 * n, number, true)
    else data.setFloat64(8 * n, number, true)
  }
  const beginning = [0x93, ...Buffer.from("NUMPY"), version, 0, ...length, ...Buffer.from(text)]
  return Buffer.concat([Buffer.from(beginning), Buffer.from(data.buffer)])
}

const rowsOf = (subject: number, timePoints: number) =>
  Array.from({ length: timePoints }, (_, t) => listed.map((element) => value(subject, t, element)))

const folderWith = Effect.fnUntraced(function* (files: Readonly<Record<string, Uint8Array>>) {
  const path = yield* temporaryFolder
  for (const [name, bytes] of Object.entries(files)) yield* writeBytes(join(path, name), bytes)
  const mask = yield* writeBytes(join(yield* temporaryFolder, "space-X_mask.nii"), maskBytes)
  return { path, mask }
})

const refusal = (files: Readonly<Record<string, Uint8Array>>, pattern?: string) =>
  Effect.flatMap(folderWith(files), (location) =>
    Effect.flip(openConnectome({ ...location, ...(pattern === undefined ? {} : { pattern }) }))
  ).pipe(Effect.map(({ message }) => message))

describe("a folder of NumPy files", () => {
  it.effect("has a subject a file, with its voxels in NumPy's order, of float16, float32 and float64", () =>
    Effect.gen(function* () {
      const location = yield* folderWith({
        "A.npy": npy(rowsOf(0, 7), { bits: 16 }),
        "A_norms.npy": npy([[1, 2, 3, 4, 5]]),
        "B.npy": npy(rowsOf(1, 6), { version: 2 }),
        "C.npy": npy(rowsOf(2, 8), { bits: 64 })
      })
      const { kind, space, subjects, gridIndex, read, storage } = yield* openConnectome(location)
      assert.deepStrictEqual([kind, space, storage], ["pfc", "X", "NumPy, float16; NumPy, float32; NumPy, float64"])
      assert.deepStrictEqual([...gridIndex], listed)
      assert.deepStrictEqual(
        subjects.map(({ id, timePoints }) => [id, timePoints]),
        [
          ["A", 7],
          ["B", 6],
          ["C", 8]
        ]
      )
      const series = subjects.map(({ timePoints }) => new Float32Array(timePoints * voxels))
      yield* read(0, series)
      assert.deepStrictEqual([...series[0]!], rowsOf(0, 7).flat())
      assert.deepStrictEqual([...series[1]!], rowsOf(1, 6).flat())
      // Of float64 each voxel first loses its value at the first time point.
      const first = rowsOf(2, 1)[0]!
      assert.deepStrictEqual(
        [...series[2]!],
        rowsOf(2, 8).flatMap((row) => row.map((x, v) => x - first[v]!))
      )
    })
  )

  it.effect("joins the files of one sub-", () =>
    Effect.gen(function* () {
      const location = yield* folderWith({
        "sub-1_run-1.npy": npy(rowsOf(0, 7)),
        "sub-1_run-2.npy": npy(rowsOf(1, 6)),
        "sub-2_run-1.npy": npy(rowsOf(2, 6))
      })
      const { subjects } = yield* openConnectome(location)
      assert.deepStrictEqual(
        subjects.map(({ id, runs }) => [id, runs?.length]),
        [
          ["sub-1", 2],
          ["sub-2", undefined]
        ]
      )
      const { subjects: apart } = yield* openConnectome({ ...location, runs: "separate" })
      assert.strictEqual(apart.length, 3)
    })
  )

  it.effect("is refused where a file has other voxels, another order, or another size than it says", () =>
    Effect.gen(function* () {
      const message = yield* refusal({
        "A.npy": npy([[1, 2, 3, 4]]),
        "B.npy": npy(rowsOf(1, 5), { order: "True" }),
        "C.npy": npy(rowsOf(1, 5)).subarray(0, 200),
        "D.npy": new Uint8Array(300)
      })
      assert.include(message, "A.npy: it is 1 × 4, not time points × 5 voxels of the mask")
      assert.include(message, "B.npy: it is 5 × 5, the first axis fastest, not")
      assert.include(message, "C.npy: it has 200 bytes instead of 228")
      assert.include(message, "D.npy: it is no NumPy file")
    })
  )

  it.effect("is NIfTI where the pattern says so, and says where a pattern matches nothing", () =>
    Effect.gen(function* () {
      const files = { "A.npy": npy(rowsOf(0, 7)) }
      assert.include(yield* refusal(files, "**/*_bold.nii.gz"), "no .nii or .nii.gz file matches")
      assert.include(yield* refusal(files, "B*.npy"), 'no NumPy file matches "B*.npy"')
    })
  )
})

describe("lnm inspect", () => {
  it.effect("says how many NumPy files a folder holds, and that they need their mask", () =>
    Effect.gen(function* () {
      const { path } = yield* folderWith({ "A.npy": npy(rowsOf(0, 7)), "B.npy": npy(rowsOf(1, 7)) })
      yield* inspect({ path, json: true, check: false })
      const facts = JSON.parse(String((yield* TestConsole.logLines).at(-1))) as Readonly<Record<string, unknown>>
      assert.deepStrictEqual(
        [facts.kind, facts.files, facts.first],
        ["folder of NumPy files (pfc-toolkit)", 2, "A.npy"]
      )
      assert.include(facts.mask, "connectome.mask")
    })
  )
})
