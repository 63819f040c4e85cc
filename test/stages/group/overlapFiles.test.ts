/** Names of an overlap's files, which a plan lists and a run writes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { encodeNifti } from "../../../src/imaging/nifti/writeNifti.ts"
import { OutputFolder } from "../../../src/output/OutputFolder.ts"
import { mapOverlap } from "../../../src/stages/group/mapOverlap.ts"
import { overlapFiles } from "../../../src/stages/group/overlapFiles.ts"
import { overlapLevelsOf } from "../../../src/stages/group/planOverlap.ts"
import { temporaryFile } from "../../support/niftiBytes.ts"

const grid = { shape: [2, 1, 1], affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1] } as const
const space = "MNI152NLin6Asym"

describe("overlapFiles", () => {
  it.effect("lists what a run writes, each once, with letters and digits for any level and share", () =>
    Effect.gen(function* () {
      const choice = { t: 5.25, sweep: [5.25, 7, 7], share: 0.7500001, conjunction: "pfwe" } as const
      const written = new Map<string, Uint8Array>()
      const values = Float32Array.of(5.25, -8)
      const file = yield* temporaryFile("t.nii", encodeNifti({ grid, space, values }))
      const planned = { grid, space, files: [[file]], levels: overlapLevelsOf(choice), choice }
      const reached = yield* Effect.provide(mapOverlap(planned), OutputFolder.layerMemory(written))
      assert.deepStrictEqual([...reached.positive, ...reached.negative], [1, 0, 0, 1])
      const listed = overlapFiles(choice, space)
      assert.deepStrictEqual([...listed].sort(), [...written.keys()].sort())
      assert.strictEqual(new Set(listed).size, listed.length)
      assert.include(listed, `space-${space}_label-share75_desc-overlap_stat-tpos5p25_mask.nii.gz`)
      for (const name of listed.filter((one) => !one.endsWith(".tsv"))) {
        assert.match(name, /^(?:[a-z]+-[A-Za-z0-9]+_)+(?:statmap|mask)\.(?:nii\.gz|json)$/)
      }
    }).pipe(Effect.scoped)
  )
})
