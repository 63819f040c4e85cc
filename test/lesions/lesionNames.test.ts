import { assert, describe, it } from "@effect/vitest"
import { nameLesions, otherSubjectOf } from "../../src/lesions/lesionNames.ts"

const location = "/study/masks"

/** The entities of each file, `sub=01 label=L`, and what tables call it. */
const named = (...files: ReadonlyArray<string>) =>
  nameLesions(files.map((file) => ({ file: `${location}/${file}`, location }))).map(({ entities, name }) => [
    entities.map(({ key, value }) => `${key}=${value}`).join(" "),
    name
  ])

const entities = (...files: ReadonlyArray<string>) => named(...files).map(([of]) => of)

describe("nameLesions", () => {
  it("takes sub- and ses- from the name, else from the nearest folders", () => {
    assert.deepStrictEqual(
      entities(
        "sub-01/ses-1/sub-01_ses-1_label-L_mask.nii.gz",
        "sub-01/ses-2/anat/label-L_mask.nii.gz",
        "sub-02/lesion.nii.gz",
        "sub-03/ses-1/sub-03_mask.nii.gz",
        "sub-03/ses-1/sub-03_ses-2_mask.nii.gz"
      ),
      ["sub=01 ses=1 label=L", "sub=01 ses=2 label=L", "sub=02", "sub=03 ses=1", "sub=03 ses=2"]
    )
  })

  it("calls a file without sub- by its name, as long as that tells all apart", () => {
    assert.deepStrictEqual(entities("a.nii.gz", "b.nii.gz"), ["sub=a", "sub=b"])
    assert.deepStrictEqual(entities("strokes/p1.nii", "tumours/Patient_2 left.nii"), ["sub=p1", "sub=Patient2left"])
    assert.deepStrictEqual(entities("ses-2_label-L.nii"), ["sub=ses2labelL"])
  })

  it("takes the folders where names are the same, or say only what is in the file", () => {
    assert.deepStrictEqual(entities("patient01/lesion.nii.gz"), ["sub=patient01"])
    assert.deepStrictEqual(entities("patient01/anat/lesion.nii.gz", "patient02/anat/lesion.nii.gz"), [
      "sub=patient01",
      "sub=patient02"
    ])
    assert.deepStrictEqual(entities("strokes/1.nii", "tumours/1.nii"), ["sub=strokes1", "sub=tumours1"])
    assert.deepStrictEqual(entities("p1/lesion.nii", "p1/mask.nii"), ["sub=p1lesion", "sub=p1mask"])
    assert.deepStrictEqual(entities("p1/ses-1/lesion.nii", "p1/ses-2/lesion.nii"), ["sub=p1 ses=1", "sub=p1 ses=2"])
    assert.deepStrictEqual(entities("lesion.nii"), ["sub=lesion"])
  })

  it("takes the searched folders themselves where nothing below them tells files apart", () => {
    const found = ["/a/siteA", "/a/siteB"].map((folder) => ({ file: `${folder}/1.nii`, location: folder }))
    assert.deepStrictEqual(
      nameLesions(found).map(({ entities, name }) => [entities[0]!.value, name]),
      [
        ["siteA1", "siteA/1.nii"],
        ["siteB1", "siteB/1.nii"]
      ]
    )
    const given = ["/a/p1/lesion.nii", "/a/p2/lesion.nii"].map((file) => ({ file, location: file }))
    assert.deepStrictEqual(
      nameLesions(given).map(({ entities, name }) => [entities[0]!.value, name]),
      [
        ["p1", "p1/lesion.nii"],
        ["p2", "p2/lesion.nii"]
      ]
    )
  })

  it("gives tables the file's name, and as much of its path as tells it apart", () => {
    assert.deepStrictEqual(
      named("sub-01/lesion.nii", "sub-02/lesion.nii", "sub-03/other.nii").map(([, name]) => name),
      ["sub-01/lesion.nii", "sub-02/lesion.nii", "other.nii"]
    )
  })
})

describe("otherSubjectOf", () => {
  it("finds where name and folder contradict each other", () => {
    assert.deepStrictEqual(otherSubjectOf("/x/sub-01/anat/sub-02_mask.nii"), { named: "02", folder: "01" })
    assert.isUndefined(otherSubjectOf("/x/sub-01/sub-01_mask.nii"))
    assert.isUndefined(otherSubjectOf("/x/sub-01/mask.nii"))
  })
})
