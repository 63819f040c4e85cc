import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { outputNameOf } from "../../src/lesions/Lesion.ts"
import { nameLesions } from "../../src/lesions/lesionNames.ts"
import { settleOutputNames } from "../../src/lesions/outputNames.ts"

const location = "/study"

const settled = (files: ReadonlyArray<string>, folder?: string) =>
  settleOutputNames(nameLesions(files.map((file) => ({ file: `${location}/${file}`, location }))), {
    space: "X",
    method: "boes",
    folder
  })

/** The r map of each lesion. */
const maps = (...files: ReadonlyArray<string>) =>
  settled(files).pipe(
    Effect.map((namings) =>
      namings.map((naming) => outputNameOf({ name: "", naming }, { space: "X", description: "boes" }).stem("r", "map"))
    )
  )

const refusal = (files: ReadonlyArray<string>, folder?: string) =>
  Effect.map(Effect.flip(settled(files, folder)), ({ message }) => message)

describe("settleOutputNames", () => {
  it.effect("keeps the description of lesions that differ by it only, after the method", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* maps(
          "sub-1_label-L_desc-T1lesion_mask.nii",
          "sub-1_label-L_desc-manual_mask.nii",
          "sub-1_label-L_mask.nii",
          "sub-2_label-L_desc-manual_mask.nii"
        ),
        [
          "sub-1_space-X_label-L_desc-boesT1lesion_stat-r_map",
          "sub-1_space-X_label-L_desc-boesManual_stat-r_map",
          "sub-1_space-X_label-L_desc-boes_stat-r_map",
          "sub-2_space-X_label-L_desc-boes_stat-r_map"
        ]
      )
    })
  )

  it.effect("labels the files of one sub- folder by their names, where they have no sub- or label- of their own", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* maps("sub-1/left side.nii", "sub-1/right.nii", "sub-2/lesion.nii"), [
        "sub-1_space-X_label-leftside_desc-boes_stat-r_map",
        "sub-1_space-X_label-right_desc-boes_stat-r_map",
        "sub-2_space-X_desc-boes_stat-r_map"
      ])
    })
  )

  it.effect("lists all files that would write the same maps, on a disk that does not tell cases apart too", () =>
    Effect.gen(function* () {
      const message = yield* refusal(["a/sub-1_mask.nii", "b/sub-1_roi.nii", "sub-A_mask.nii", "sub-a_mask.nii"])
      assert.include(message, "/study/a/sub-1_mask.nii and /study/b/sub-1_roi.nii would both write sub-1/sub-1_space-X")
      assert.include(message, "/study/sub-A_mask.nii and /study/sub-a_mask.nii would both write sub-A/sub-A_space-X")
      assert.include(message, "on a disk that does not tell capital from small letters")
      assert.include(yield* refusal(["a.nii", "a.nii.gz"]), "would both write sub-a/sub-a_space-X_desc-boes…")
    })
  )

  it.effect("refuses names of which no output can be made, all of them, with what a terminal would obey escaped", () =>
    Effect.gen(function* () {
      const control = yield* refusal(["sub-1\t2_mask.nii", "a\u001b[31m.nii", "sub-3_mask.nii"])
      assert.include(control, "/study/sub-1\\t2_mask.nii: its name holds a control character")
      assert.include(control, "/study/a\\x1b[31m.nii: its name holds")
      assert.notInclude(control, "sub-3")
    })
  )

  it.effect("refuses names that are longer than a disk takes, as bytes and while they are written", () =>
    Effect.gen(function* () {
      // With `_space-X_desc-boes_stat-pfdrthreshold_mask.nii.gz`, the dot, `.partial-` and 7 digits: 255 bytes.
      const longest = 255 - 4 - 49 - 17
      assert.lengthOf(yield* settled([`sub-${"x".repeat(longest)}_mask.nii`]), 1)
      const message = yield* refusal([`sub-${"x".repeat(longest + 1)}_mask.nii`, `sub-${"\u00e4".repeat(93)}_mask.nii`])
      assert.include(message, "its name is too long: the names of its maps would have 256 bytes, and may have 255")
      assert.strictEqual(message.split("too long").length, 3)
      const path = yield* refusal(["sub-1_mask.nii"], `/${"y/".repeat(2050)}`)
      assert.include(path, "the paths of its maps would have")
    })
  )
})
