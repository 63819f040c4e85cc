import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type AtlasLocation, readAtlasParcels } from "../../../src/lesions/seeds/atlasSeeds.ts"
import { collectWarnings } from "../../support/collectWarnings.ts"
import { type NiftiFields, niftiBytes, temporaryFolder, writeBytes } from "../../support/niftiBytes.ts"

const atlasOf = (stored: ReadonlyArray<number>, fields: Partial<NiftiFields> = {}) =>
  niftiBytes({ dims: [2, 2, 2], datatype: "int16", stored, ...fields })

const three = atlasOf([0, 3, 3, 7, 0, 12, 7, 3])
const table = "index\tname\n3\tNet_Vis_1\n7\tNet_Vis_2\n12\tNet_Mot_1\n"

interface Files {
  readonly atlas?: Uint8Array
  readonly name?: string
  readonly tables?: Readonly<Record<string, string>>
  readonly labels?: AtlasLocation["labels"]
  readonly names?: string
}

const read = ({ atlas = three, name = "atlas.nii", tables = {}, labels, names }: Files) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    mkdirSync(join(folder, "tables"))
    const file = yield* writeBytes(join(folder, name), atlas)
    for (const [called, text] of Object.entries(tables)) yield* writeBytes(join(folder, called), text)
    const { parcels, namesFile } = yield* readAtlasParcels({
      atlas: file,
      ...(labels === undefined ? {} : { labels }),
      ...(names === undefined ? {} : { names: join(folder, names) })
    })
    const found = parcels.map(({ label, name, elements }) => [label, name, [...elements]])
    return { found, names: namesFile?.slice(folder.length + 1) }
  }).pipe(Effect.scoped)

const problem = (files: Files) => Effect.map(Effect.flip(read(files)), ({ message }) => message)

const vis1 = [3, "Net_Vis_1", [1, 2, 7]]
const vis2 = [7, "Net_Vis_2", [3, 6]]
const mot = [12, "Net_Mot_1", [5]]

describe("parcels of an atlas", () => {
  it.effect("are all of it, by their numbers, where nothing else is said", () =>
    Effect.gen(function* () {
      const { found } = yield* read({})
      assert.deepStrictEqual(found, [
        [3, "label 3", [1, 2, 7]],
        [7, "label 7", [3, 6]],
        [12, "label 12", [5]]
      ])
    })
  )

  it.effect("are called by the table beside the atlas, or the one that is given", () =>
    Effect.gen(function* () {
      for (const [name, beside] of [
        ["atlas.nii", "atlas.tsv"],
        ["tpl-X_res-02_atlas-Y_dseg.nii", "tpl-X_atlas-Y_dseg.tsv"],
        ["tpl-X_res-02_dseg.nii", "tpl-X_res-02_dseg.txt"]
      ] as const) {
        const { found, names } = yield* read({ name, tables: { [beside]: table } })
        assert.deepStrictEqual([found, names], [[vis1, vis2, mot], beside])
      }
      const given = yield* read({ names: "tables/names.txt", tables: { "tables/names.txt": "3 A\n7 B\n12 A\n" } })
      assert.deepStrictEqual(
        given.found.map(([, name]) => name),
        ["A_3", "B", "A_12"]
      )
    })
  )

  it.effect("are those of the numbers, names and patterns that are asked for, each once and in that order", () =>
    Effect.gen(function* () {
      const tables = { "atlas.tsv": table }
      assert.deepStrictEqual((yield* read({ tables, labels: [12, "Net_Vis_1", 3] })).found, [mot, vis1])
      assert.deepStrictEqual((yield* read({ tables, labels: ["*_Vis_*"] })).found, [vis1, vis2])
      assert.deepStrictEqual((yield* read({ labels: [7] })).found, [[7, "label 7", [3, 6]]])
    })
  )

  it.effect("are refused where the atlas does not have them, all at once", () =>
    Effect.gen(function* () {
      const tables = { "atlas.tsv": table }
      const several = yield* problem({ tables, labels: [3, 4, "Net_Vis_3", "x*"] })
      assert.include(several, "no voxel has the label 4: it has 3 labels, 3 to 12")
      assert.include(several, "no parcel is called Net_Vis_3 (did you mean Net_Vis_1?)")
      assert.include(several, "no parcel is called x*")
      assert.include(yield* problem({ labels: ["Net_Vis_1"] }), "give one as seeds.names")
      const twice = { "atlas.tsv": table.replace("Net_Mot_1", "Net_Vis_1") }
      assert.include(yield* problem({ tables: twice, labels: ["Net_Vis_1"] }), "give the number, one of 3, 12")
      assert.include(yield* problem({ names: "none.tsv" }), "Check seeds.names")
    })
  )

  it.effect("are refused of what is no image of labels", () =>
    Effect.gen(function* () {
      const probabilities = atlasOf(Array(16).fill(1), { dims: [2, 2, 2, 2] })
      assert.include(yield* problem({ atlas: probabilities }), "it has 2 volumes, as atlases of probabilities have")
      assert.include(yield* problem({ atlas: atlasOf(Array(8).fill(0)) }), "every voxel is 0")
      assert.include(yield* problem({ atlas: atlasOf([0, 1, -2, 0, 0, 0, 0, 0]) }), "a voxel has the value -2")
    })
  )

  it.effect("pass over a table beside them that does not fit, with a warning, unless names are asked for", () =>
    Effect.gen(function* () {
      const tables = { "atlas.tsv": "index\tname\n1\tA\n" }
      const { value, warnings } = yield* collectWarnings(read({ tables, labels: [3] }))
      assert.deepStrictEqual(value, { found: [[3, "label 3", [1, 2, 7]]], names: undefined })
      assert.include(warnings[0]!.found, "it lies beside the atlas and does not name its parcels")
      assert.include(yield* problem({ tables, labels: ["A"] }), "it has no name for")
      assert.include(yield* problem({ tables, names: "atlas.tsv" }), "it has no name for")
    })
  )
})
