import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Grid } from "../../src/imaging/Grid.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { commonCuts } from "../../src/report/commonCuts.ts"
import { encodePng } from "../../src/report/encodePng.ts"
import { writeOverlapMaps } from "../../src/report/overlapMaps.ts"
import { overlapFileNames } from "../../src/report/overlapNames.ts"
import { writePictures } from "../../src/report/pictureFiles.ts"
import { pictureFileNames } from "../../src/report/pictureNames.ts"
import type { LesionFindings, SlicePicture } from "../../src/report/ReportData.ts"
import { decodePng } from "../support/decodePng.ts"

const png = encodePng({ pixels: new Uint8Array(6), width: 3, height: 2, palette: [[1, 2, 3, 255]] })

const slice = (direction: SlicePicture["direction"], positionMm: number): SlicePicture => ({
  direction,
  positionMm,
  png,
  width: 3,
  height: 2
})

const lesion = {
  maps: "sub-01/sub-01_space-X_desc-boes",
  scale: { statistic: "t", threshold: 5, limit: 20, positive: [], negative: [] },
  ownSlices: [slice("sagittal", -3), slice("coronal", 2.5), slice("axial", 40.0000001)],
  commonSlices: commonCuts.map(([direction], n) => slice(direction, n))
} as unknown as LesionFindings

describe("the pictures of a lesion", () => {
  it.effect("are the files that a plan names, each with what it shows", () =>
    Effect.gen(function* () {
      const files = new Map<string, Uint8Array>()
      yield* Effect.provide(writePictures(lesion), OutputFolder.layerMemory(files))
      assert.deepStrictEqual([...files.keys()].sort(), [...pictureFileNames(lesion.maps, ["r", "t"])].sort())
      const named = (cut: string) => decodePng(files.get(`${lesion.maps}_stat-t_${cut}.png`)!).texts
      assert.deepStrictEqual(named("cut-peak_axial"), [
        "Description\0axial, z = 40 mm; left is the left of the brain; t from 5, full colour at 20, warm positive, cool negative"
      ])
      assert.match(named("cut-2_sagittal")[0]!, /sagittal, x = 1 mm; left is the back;/)
    })
  )

  it("are of the first of t, z and r that is written, and of no other map", () => {
    assert.match(pictureFileNames("a", ["r", "z"])[0]!, /^a_stat-z_cut-peak_sagittal\.png$/)
    assert.deepStrictEqual(pictureFileNames("a", ["p", "pfdr"]), [])
  })
})

describe("the maps of the overlap", () => {
  it.effect("are the files that a plan names, with how many lesions there are", () =>
    Effect.gen(function* () {
      const files = new Map<string, Uint8Array>()
      const grid: Grid = { shape: [2, 2, 1], affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1] }
      const maps = ([1, -1] as const).flatMap((sign) =>
        [5, 7, 9].map((tau) => ({ tau, sign, of: 3, grid, space: "X", counts: Int32Array.of(0, 1, 2, 3) }))
      )
      const written = writeOverlapMaps(maps, { method: "boes" })
      yield* Effect.provide(written, OutputFolder.layerMemory(files))
      assert.deepStrictEqual([...files.keys()], overlapFileNames("X"))
      const sidecar = JSON.parse(Buffer.from(files.get("space-X_desc-overlap_stat-tneg7_statmap.json")!).toString())
      assert.deepInclude(sidecar, { Description: "Share of lesions with t ≤ -7", Threshold: -7, Lesions: 3 })
    })
  )
})
