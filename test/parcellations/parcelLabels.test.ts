import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parseParcelLabels, readParcelLabels } from "../../src/parcellations/parcelLabels.ts"
import { temporaryFile } from "../support/niftiBytes.ts"

const parsed = (text: string, file = "labels.tsv") =>
  Effect.map(parseParcelLabels(text, file), (labels) => labels.map(({ index, name }) => [index, name]))

const problem = (text: string, file = "labels.txt") =>
  Effect.map(Effect.flip(parseParcelLabels(text, file)), ({ message }) => message)

describe("parseParcelLabels", () => {
  it.effect("reads a BIDS table, whatever the order of its columns and rows", () =>
    Effect.gen(function* () {
      const text = "\uFEFFname\tcolor\tindex\r\nRight Thalamus\t#fff\t49\r\nLeft Thalamus\t#eee\t10\r\n"
      assert.deepStrictEqual(yield* parsed(text), [
        [10, "Left Thalamus"],
        [49, "Right Thalamus"]
      ])
    })
  )

  it.effect("reads rows of number, name and colours, separated by tabs or by spaces, with comments", () =>
    Effect.gen(function* () {
      const schaefer = "1\t7Networks_LH_Vis_1\t120\t18\t131\t0\n2\t7Networks_LH_Vis_2\t120\t18\t132\t0\n"
      assert.deepStrictEqual(yield* parsed(schaefer, "order.txt"), [
        [1, "7Networks_LH_Vis_1"],
        [2, "7Networks_LH_Vis_2"]
      ])
      const lookup =
        "#No. Label Name: R G B A\n\n0   Unknown   0 0 0 0\n1002   ctx-lh-caudalanteriorcingulate   125 100 160 0\n"
      assert.deepStrictEqual(yield* parsed(lookup, "LUT.txt"), [
        [0, "Unknown"],
        [1002, "ctx-lh-caudalanteriorcingulate"]
      ])
      assert.deepStrictEqual(yield* parsed("1 Precentral_L 2001\n2 Precentral_R 2002", "AAL.txt"), [
        [1, "Precentral_L"],
        [2, "Precentral_R"]
      ])
    })
  )

  it.effect("reads comma-separated columns with the headers that atlases use", () =>
    Effect.gen(function* () {
      const text = 'ROI Label,ROI Name,R,A,S\n2,"LH_Vis_2",-3,4,5\n1,LH_Vis_1,1,2,3\n'
      assert.deepStrictEqual(yield* parsed(text, "centroids.csv"), [
        [1, "LH_Vis_1"],
        [2, "LH_Vis_2"]
      ])
      // `label` is a name beside an index.
      assert.deepStrictEqual(yield* parsed("index,label\n7,Insula\n", "a.csv"), [[7, "Insula"]])
    })
  )

  it.effect("reads a list of names, the first for parcel 1, spaces and all", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* parsed("Frontal Pole\nInsular Cortex\n", "names.txt"), [
        [1, "Frontal Pole"],
        [2, "Insular Cortex"]
      ])
    })
  )

  it.effect("refuses what it cannot understand, and names the line", () =>
    Effect.gen(function* () {
      assert.include(yield* problem("# nothing\n\n"), "labels.txt: it names no parcels. Give a table")
      assert.include(yield* problem("1 A\nB\n"), "line 2 has no whole number and name")
      assert.include(yield* problem("index\tname\n1\tA\n1.5\tB\n"), "line 3 has no whole number and name")
      assert.include(yield* problem("1\n2\n"), "line 1 has no whole number and name")
      assert.include(yield* problem("# colours\n1 A\n2 B\n1 C\n"), "line 4 names parcel 1 a second time")
    })
  )
})

describe("readParcelLabels", () => {
  it.effect("reads a file, and says which one is missing", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile("labels.tsv", "index\tname\n3\tInsula\n")
      assert.deepStrictEqual(yield* readParcelLabels(file), [{ index: 3, name: "Insula" }])
      const { message } = yield* Effect.flip(readParcelLabels(`${file}.gone`))
      assert.include(message, `${file}.gone: there is no such file`)
    }).pipe(Effect.scoped)
  )
})
