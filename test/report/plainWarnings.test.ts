import { assert, describe, it } from "@effect/vitest"
import { leftOutWords } from "../../src/lesions/badLesions.ts"
import { plainWarnings } from "../../src/report/plainWarnings.ts"
import type { Warning } from "../../src/runtime/Warnings.ts"

const warning = (found: string, taken = "It was taken", file = "/data/a.nii"): Warning => ({ file, found, taken })

const titleOf = (one: Warning): string => plainWarnings([one])[0]!.title

describe("warnings in plain words", () => {
  it("know what runs warn of", () => {
    const titles: ReadonlyArray<readonly [Warning, string]> = [
      [warning("it is empty", leftOutWords), "A lesion was left out"],
      [
        warning("31 % of it lies in the connectome's brain mask: 3 of 10 voxels"),
        "A lesion lies partly outside the brain"
      ],
      [warning("it covers 62 % of the brain mask"), "A lesion covers most of the brain"],
      [warning("it holds several values: 1 (3), 2 (5)"), "A lesion image is not a plain mask"],
      [warning("3 voxels hold an infinity"), "A lesion image is not a plain mask"],
      [
        warning("this brain mask holds 3 different values, from 0 to 2"),
        "The connectome's brain mask is not a plain mask"
      ],
      [
        warning("its seed has no valid time series in 2 of 7 subjects"),
        "Some of the connectome's signals could not be used"
      ],
      [warning("its sform and its qform disagree: voxel (0, 0, 0)"), "An image does not say clearly where it lies"],
      [
        warning("no float64", "All stages run plain, in float64"),
        "The run was computed in another way than it could be"
      ],
      [warning("the moon is full"), "Something may not be as it was meant"]
    ]
    for (const [one, title] of titles) assert.strictEqual(titleOf(one), title, one.found)
  })

  it("come as one a kind, in the order of the first, with files together where all else is the same", () => {
    const some = plainWarnings([
      warning("it covers 62 % of the brain mask", "All", "a"),
      warning("the moon is full", "Nothing", "b"),
      warning("it covers 62 % of the brain mask", "All", "c"),
      warning("it covers 70 % of the brain mask", "All", "d")
    ])
    assert.deepStrictEqual(
      some.map(({ details }) => details.map(({ files }) => files)),
      [[["a", "c"], ["d"]], [["b"]]]
    )
    assert.isUndefined(some[1]!.means)
  })
})
