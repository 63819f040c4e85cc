import { assert, describe, it } from "@effect/vitest"
import { entityOf, outputName, parseBidsName } from "../../src/imaging/BidsName.ts"

const options = { space: "MNI152NLin6Asym", description: "boes" }
const mapOf = (file: string, space: string | undefined = options.space) =>
  outputName(file, { ...options, space }).stem("r", "statmap")

describe("parseBidsName", () => {
  it("takes a name apart in its order", () => {
    const name = parseBidsName("sub-01_ses-02_space-X_label-lesion_mask.nii.gz")
    const pairs = name.entities.map(({ key, value }) => `${key}=${value}`)
    assert.deepStrictEqual(pairs, ["sub=01", "ses=02", "space=X", "label=lesion"])
    assert.strictEqual(name.suffix, "mask")
    assert.strictEqual(name.extension, ".nii.gz")
    assert.strictEqual(entityOf(name, "space"), "X")
    assert.isUndefined(entityOf(name, "run"))
  })

  it("keeps dots inside a name apart from its extension", () => {
    assert.strictEqual(parseBidsName("lesion.v2.nii.gz").extension, ".nii.gz")
    assert.strictEqual(parseBidsName("lesion.v2.nii.gz").suffix, "lesion.v2")
    assert.strictEqual(parseBidsName("sub-01_bold.json").extension, ".json")
    assert.strictEqual(parseBidsName("mask").extension, "")
    assert.isUndefined(parseBidsName("sub-01.nii").suffix)
  })
})

describe("outputName", () => {
  it("derives a lesion's folder and maps from its name", () => {
    const name = outputName("sub-01_ses-02_space-X_label-lesion_mask.nii.gz", { space: "X", description: "boes" })
    assert.strictEqual(name.subject, "01")
    assert.strictEqual(name.directory, "sub-01/ses-02")
    assert.strictEqual(name.stem("r", "statmap"), "sub-01_ses-02_space-X_label-lesion_desc-boes_stat-r_statmap")
    assert.strictEqual(
      name.stem("tthreshold", "mask"),
      "sub-01_ses-02_space-X_label-lesion_desc-boes_stat-tthreshold_mask"
    )
  })

  it("puts the connectome's space where BIDS has it", () => {
    const space = "space-MNI152NLin6Asym"
    const end = "desc-boes_stat-r_statmap"
    assert.strictEqual(mapOf("sub-01_mask.nii"), `sub-01_${space}_${end}`)
    assert.strictEqual(mapOf("sub-01_space-Y_mask.nii"), `sub-01_${space}_${end}`)
    assert.strictEqual(
      mapOf("sub-01_ses-2_acq-3_run-4_label-L_mask.nii"),
      `sub-01_ses-2_acq-3_run-4_${space}_label-L_${end}`
    )
  })

  it("drops what says how the lesion file was made, not which lesion it is", () => {
    const file = "sub-01_hemi-L_space-Y_res-1_den-1k_label-core_desc-manual_stat-x_mask.nii.gz"
    assert.strictEqual(mapOf(file, "Z"), "sub-01_hemi-L_space-Z_label-core_desc-boes_stat-r_statmap")
  })

  it("keeps the lesion's own space where the connectome's is not known", () => {
    const name = outputName("sub-01_space-Y_mask.nii", { space: undefined, description: "pini" })
    assert.strictEqual(name.stem("t", "statmap"), "sub-01_space-Y_desc-pini_stat-t_statmap")
    const none = outputName("sub-01_mask.nii", { space: undefined, description: "pini" })
    assert.strictEqual(none.stem("t", "statmap"), "sub-01_desc-pini_stat-t_statmap")
  })

  it("makes a subject of a name that has none", () => {
    const name = outputName("Patient_07 left-MCA.v2.nii.gz", { space: "Z", description: "boes" })
    assert.strictEqual(name.subject, "Patient07leftMCAv2")
    assert.strictEqual(name.directory, "sub-Patient07leftMCAv2")
    assert.strictEqual(name.stem("r", "statmap"), "sub-Patient07leftMCAv2_space-Z_desc-boes_stat-r_statmap")
    assert.strictEqual(
      outputName("ses-1_label-L_mask.nii", { space: "Z", description: "boes" }).directory,
      "sub-ses1labelLmask"
    )
    assert.strictEqual(outputName("La\u0308sion.nii", options).subject, "L\u00e4sion")
    assert.strictEqual(outputName("__.nii", options).subject, "unnamed")
  })
})
