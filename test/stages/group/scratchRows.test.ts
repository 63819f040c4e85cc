import { closeSync, openSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { type CohortSource, readTile } from "../../../src/stages/group/CohortSource.ts"
import { makeReader } from "../../../src/stages/group/mapReading.ts"
import { readScratchRow, scratchBytes, writeScratchRow } from "../../../src/stages/group/scratchRows.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const descriptor = openSync(join(scratchFolder(), "rows"), "w+")
afterAll(() => closeSync(descriptor))

const [patients, voxels] = [3, 10_000]
const valueOf = (patient: number, voxel: number): number => Math.fround(Math.sin(1 + patient * voxels + voxel))
const rows = { descriptor, patients, voxels }
for (const patient of [2, 0, 1]) {
  writeScratchRow(
    rows,
    patient,
    Float32Array.from({ length: voxels }, (_, v) => valueOf(patient, v))
  )
}

/** Voxels but every seventh. */
const columns = Int32Array.from([...Array(voxels).keys()].filter((v) => v % 7 !== 3))

describe("scratchRows", () => {
  it("gives back any range of a row, over the limits of blocks too", () => {
    for (const [first, count] of [
      [0, voxels],
      [4095, 2],
      [4096, 4096],
      [8191, 1809],
      [9999, 1]
    ] as const) {
      const into = new Float32Array(count)
      for (let patient = 0; patient < patients; patient++) {
        readScratchRow(rows, patient, first, into)
        assert.deepStrictEqual(
          into,
          Float32Array.from({ length: count }, (_, k) => valueOf(patient, first + k))
        )
      }
    }
    assert.strictEqual(scratchBytes(patients, voxels), 3 * 4096 * 3 * 4)
  })

  it("says where the file ends too early", () => {
    const longer = { ...rows, patients: 4 }
    assert.throws(() => readScratchRow(longer, 3, 8192, new Float32Array(5)), "the scratch file ends before")
  })
})

describe("readTile", () => {
  it("gives the same values from a scratch file as from memory, also where voxels between are left out", () => {
    const maps = Float32Array.from({ length: patients * columns.length }, (_, n) =>
      valueOf(Math.floor(n / columns.length), columns[n % columns.length]!)
    )
    const inMemory: CohortSource = { maps, rowVoxels: columns.length }
    for (const own of [columns, Int32Array.from(columns.keys())]) {
      const onDisk: CohortSource = { scratch: rows, columns: own }
      for (const range of [
        { firstVoxel: 0, voxels: 4096 },
        { firstVoxel: 4096, voxels: columns.length - 4096 },
        { firstVoxel: 17, voxels: 1 },
        { firstVoxel: 5, voxels: 0 }
      ]) {
        const tile = readTile(onDisk, Int32Array.of(2, 0), range)
        if (own === columns) assert.deepStrictEqual(tile, readTile(inMemory, Int32Array.of(2, 0), range))
        else
          for (const [k, value] of tile.entries()) {
            const [patient, voxel] = k < range.voxels ? [2, k] : [0, k - range.voxels]
            assert.strictEqual(value, valueOf(patient, range.firstVoxel + voxel))
          }
      }
    }
  })
})

describe.skipIf(process.platform !== "linux")("a reader whose disk is full", () => {
  it("answers with what the system said", () => {
    const full = openSync("/dev/full", "r+")
    const superset = Int32Array.of(0, 1)
    const read = makeReader({
      superset,
      rows: { descriptor: full, patients: 1, voxels: 2 },
      coverage: new Uint32Array(2)
    })
    const stored = { file: "", gzip: false, bytesPerVoxel: 4, voxOffset: 0, fileBytes: 0 } as never
    const done = read({
      kind: "read",
      patient: 0,
      maps: [{ stored, statistic: "z", values: Float64Array.of(1, 2) }],
      lesion: new Int32Array(0)
    })
    closeSync(full)
    assert.strictEqual(done.notWritten?.code, "ENOSPC")
  })
})
