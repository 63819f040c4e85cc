import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { ParcelTable } from "../../src/elements/ParcelTable.ts"
import { formatLongTable, parseLongTable, wideTables } from "../../src/output/parcelTables.ts"
import type { Parcellation } from "../../src/parcellations/Parcellation.ts"

const tableOf = (names: ReadonlyArray<string>): ParcelTable => {
  const parcellation: Parcellation = {
    name: "Atlas",
    file: "atlas.nii",
    labelsFile: "names.tsv",
    kind: "labels",
    parcels: names.map((name, n) => ({ index: 10 + n, name })),
    starts: Int32Array.from(names.keys()),
    voxels: Int32Array.from(names.keys()),
    weights: undefined
  }
  const values = Float64Array.from(names, (_, n) => n / 8)
  return { parcellation, values: { r: values, z: values, t: values, lesionload: values } }
}

describe("wideTables", () => {
  it("keep parcels of one name apart, each with its value, and say so", () => {
    const [r] = wideTables([{ lesion: "a.nii", parcels: [tableOf(["Insula", "Pole", "Insula"])] }], "boes")
    assert.strictEqual([...r!.table.pieces()].join(""), "lesion\tInsula_10\tPole\tInsula_12\na.nii\t0\t0.125\t0.25\n")
    assert.deepInclude(r!.sidecar, {
      ColumnsNamedWithIndex: { Insula_10: { index: 10, name: "Insula" }, Insula_12: { index: 12, name: "Insula" } }
    })
  })

  it("say nothing of it where names differ", () => {
    const [r] = wideTables([{ lesion: "a.nii", parcels: [tableOf(["Insula", "Pole"])] }], "boes")
    assert.notProperty(r!.sidecar, "ColumnsNamedWithIndex")
  })
})

describe("parseLongTable", () => {
  const names = ["Insula", "tab\there", "Insula", "n/a"]

  it("gives numbers that wide tables write as those that the long table was made of", () => {
    const number = fc.oneof(fc.double({ noDefaultInfinity: true }), fc.float(), fc.integer(), fc.constant(Number.NaN))
    const values = fc.array(number, { minLength: names.length, maxLength: names.length })
    fc.assert(
      fc.property(values, values, (some, others) => {
        const made = [some, others].map((ofTable) => {
          const { parcellation } = tableOf(names)
          const column = Float64Array.from(ofTable)
          return { parcellation, values: { r: column, z: column, t: column, lesionload: column } }
        })
        const read = parseLongTable(
          formatLongTable(made),
          made.map(({ parcellation }) => parcellation)
        )
        const written = (parcels: typeof made) =>
          wideTables([{ lesion: "a.nii", parcels }], "boes").map(({ table }) => [...table.pieces()].join(""))
        assert.deepStrictEqual(written(read as typeof made), written(made))
      })
    )
  })

  it("gives none where the table is of other parcels, cut off or no such table", () => {
    const table = tableOf(names)
    const text = formatLongTable([table])
    assert.isDefined(parseLongTable(text, [table.parcellation]))
    for (const other of ["", "lesion\n", text.slice(0, text.lastIndexOf("\n", text.length - 2))]) {
      assert.isUndefined(parseLongTable(other, [table.parcellation]))
    }
    assert.isUndefined(parseLongTable(text, [tableOf(["Insula"]).parcellation]))
    assert.isUndefined(parseLongTable(text, []))
  })
})
