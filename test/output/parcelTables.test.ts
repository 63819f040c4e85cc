import { assert, describe, it } from "@effect/vitest"
import type { ParcelTable } from "../../src/elements/ParcelTable.ts"
import { wideTables } from "../../src/output/parcelTables.ts"
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
