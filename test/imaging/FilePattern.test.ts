import { assert, describe, it } from "@effect/vitest"
import { makeFilePattern } from "../../src/imaging/FilePattern.ts"

describe("makeFilePattern", () => {
  it("matches an extension in any case, whichever the pattern is in, and nothing else so", () => {
    for (const pattern of ["**/*_mask.nii.gz", "**/*_mask.NII.GZ", "**/*_mask.Nii*"]) {
      const { matches } = makeFilePattern(pattern)
      for (const name of ["a_mask.nii.gz", "a_mask.NII.GZ", "deep/a_mask.Nii.gz"]) assert.isTrue(matches(name), name)
      assert.isFalse(matches("a_MASK.nii.gz"))
    }
    assert.isFalse(makeFilePattern("*.nii").matches("a.nii.gz"))
  })

  it("matches hidden names only where the pattern has their dot", () => {
    const { matches, reaches } = makeFilePattern("**/*.nii")
    assert.deepStrictEqual([".a.nii", "._a.nii", ".b/a.nii"].map(matches), [false, false, false])
    assert.deepStrictEqual(["a", "a/b", ".b", "a/.b"].map(reaches), [true, true, false, false])
    const hidden = makeFilePattern("**/.b/*.nii")
    assert.isTrue(hidden.reaches("a/.b") && hidden.matches("a/.b/c.nii"))
    assert.isFalse(hidden.reaches("a/.c"))
  })

  it("reaches only the folders in which a match may lie", () => {
    const { matches, reaches } = makeFilePattern("./sub-*/func/*_bold.nii.gz")
    assert.isTrue(matches("sub-1/func/a_bold.nii.gz"))
    assert.deepStrictEqual(["sub-1", "sub-1/func", "code", "sub-1/anat", "sub-1/func/x"].map(reaches), [
      true,
      true,
      false,
      false,
      false
    ])
    assert.isFalse(makeFilePattern("*.nii").reaches("a"))
    const spanning = makeFilePattern("{a/b,c}/*.nii")
    assert.isTrue(spanning.reaches("a") && spanning.matches("a/b/x.nii"))
  })
})
