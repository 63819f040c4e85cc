import { assert, describe, it } from "@effect/vitest"
import { kindByName, splitByName } from "../../src/lesions/lesionByName.ts"

describe("kindByName", () => {
  it("knows lesions by any label that is no tissue, and by words for them", () => {
    for (const name of [
      "sub-1_label-L_mask.nii.gz",
      "sub-1_label-acuteinfarct_desc-brain_mask.nii.gz",
      "sub-1_T1w_label-core_roi.nii.gz",
      "sub-1_desc-T1lesion_mask.nii.gz",
      "sub-1_lesion.nii.gz"
    ]) {
      assert.strictEqual(kindByName(name), "lesion", name)
    }
  })

  it("knows masks of the brain, of tissues, and images", () => {
    for (const name of [
      "sub-1_space-X_res-2_desc-brain_mask.nii.gz",
      "sub-1_desc-aparcaseg_mask.nii.gz",
      "sub-1_label-GM_mask.nii.gz",
      "sub-1_label-csf_probseg.nii.gz",
      "sub-1_T1w.nii.gz",
      "sub-1_desc-lesionfilled_T1w.nii.gz",
      "brain_mask.nii.gz"
    ]) {
      assert.strictEqual(kindByName(name), "other", name)
    }
  })

  it("leaves open what a name does not say", () => {
    for (const name of ["sub-1_mask.nii.gz", "sub-1_desc-manual_mask.nii", "patient7.nii", "lesion_left.nii"]) {
      assert.strictEqual(kindByName(name), "unsaid", name)
    }
  })
})

describe("splitByName", () => {
  it("leaves out what says nothing only beside a lesion of the same person", () => {
    const files = ["sub-1_label-L_mask.nii", "sub-1_mask.nii", "sub-2_mask.nii", "sub-2_desc-brain_mask.nii"]
    const { taken, leftOut } = splitByName(
      files,
      (file) => file,
      (file) => file.slice(0, 5)
    )
    assert.deepStrictEqual(taken, ["sub-1_label-L_mask.nii", "sub-2_mask.nii"])
    assert.deepStrictEqual(leftOut, ["sub-1_mask.nii", "sub-2_desc-brain_mask.nii"])
  })
})
