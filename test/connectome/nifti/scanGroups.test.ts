/** Which scans are one person's, which are the same recording twice, and which tasks are there: by names alone. */
import { assert, describe, it } from "@effect/vitest"
import { findSameRecording, groupScans, taskWarnings } from "../../../src/connectome/nifti/scanGroups.ts"

const inData = (...names: ReadonlyArray<string>) => names.map((name) => `/data/${name}`)

describe("groupScans", () => {
  const files = inData(
    "sub-01/ses-a/func/sub-01_ses-a_task-rest_run-1_bold.nii.gz",
    "sub-01/ses-a/func/sub-01_ses-a_task-rest_run-2_bold.nii.gz",
    "sub-01/ses-b/func/sub-01_ses-b_task-rest_bold.nii.gz",
    "sub-02/rest.nii.gz",
    "sub-03/rest.nii.gz",
    "template.nii"
  )

  it("makes one subject of all scans of a sub-, in the name or in a folder, whatever the session", () => {
    assert.deepStrictEqual(
      groupScans("/data", files, "concatenate").map(({ id, files: runs }) => [id, runs.length]),
      [
        ["sub-01", 3],
        ["sub-02", 1],
        ["sub-03", 1],
        ["template", 1]
      ]
    )
  })

  it("makes each scan a subject where that is asked for, of names of their own", () => {
    const groups = groupScans("/data", files, "separate")
    assert.strictEqual(groups.length, 6)
    assert.strictEqual(new Set(groups.map(({ id }) => id)).size, 6)
  })
})

describe("findSameRecording", () => {
  const found = (...names: ReadonlyArray<string>) => findSameRecording("/data", inData(...names))?.differ

  it("finds versions and echoes of one recording, and one file in two formats", () => {
    assert.strictEqual(
      found("sub-1_task-rest_desc-preproc_bold.nii.gz", "sub-1_task-rest_desc-smooth_bold.nii.gz"),
      "desc-"
    )
    assert.strictEqual(found("sub-1_echo-1_bold.nii.gz", "sub-1_echo-2_bold.nii.gz"), "echo-")
    assert.strictEqual(found("sub-1_space-A_desc-x_bold.nii.gz", "sub-1_space-B_bold.nii.gz"), "desc- and space-")
    assert.strictEqual(found("sub-1_bold.nii", "sub-1_bold.nii.gz"), "extension")
  })

  it("takes runs, sessions, tasks and people for what they are", () => {
    assert.isUndefined(
      found(
        "sub-1_ses-1_task-rest_run-1_desc-preproc_bold.nii.gz",
        "sub-1_ses-1_task-rest_run-2_desc-preproc_bold.nii.gz",
        "sub-1_ses-2_task-rest_run-1_desc-preproc_bold.nii.gz",
        "sub-1_ses-2_task-film_run-1_desc-preproc_bold.nii.gz",
        "sub-2_ses-2_task-rest_run-1_desc-preproc_bold.nii.gz",
        "a/rest_desc-1.nii.gz",
        "a/rest_desc-2.nii.gz"
      )
    )
  })
})

describe("taskWarnings", () => {
  it("tells of several tasks, and of nothing where there is one or none", () => {
    const [warning] = taskWarnings("/data", inData("sub-1_task-rest_bold.nii.gz", "sub-1_task-film_bold.nii.gz"))
    assert.include(warning!.found, "several tasks (film, rest)")
    assert.deepStrictEqual(taskWarnings("/data", inData("sub-1_task-rest_bold.nii.gz", "sub-2_bold.nii.gz")), [])
  })
})
