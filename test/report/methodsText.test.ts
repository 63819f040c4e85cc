import { assert, describe, it } from "@effect/vitest"
import { methodsText } from "../../src/report/methodsText.ts"
import type { RunFacts } from "../../src/report/RunFacts.ts"
import { madeUpFacts } from "../support/madeUpFindings.ts"

const textOf = (facts: Partial<RunFacts>, comparesDegree = false) => {
  const sentences = methodsText({ ...madeUpFacts(), ...facts }, comparesDegree).flatMap(({ sentences }) => sentences)
  return { text: sentences.map(({ text }) => text).join(" "), cites: new Set(sentences.flatMap(({ cites }) => cites)) }
}

describe("the methods text", () => {
  it("names connectome, subjects, time points, voxels and space, and cites Boes", () => {
    const { text, cites } = textOf({})
    assert.include(text, "2 lesions")
    assert.include(
      text,
      '"GSP1000": 1\u202f000 subjects, 120 to 240 time points each, 228\u202f453 voxels of 2 × 2 × 2 mm inside the brain mask, space MNI152NLin6Asym'
    )
    assert.include(text, "999 degrees of freedom, two-tailed")
    assert.isTrue(cites.has("boes"))
  })

  it("says nothing of what was not made: with r alone there is no test, no correction, and no refined seed", () => {
    const { text, cites } = textOf({ maps: ["r"] })
    assert.notMatch(text, /t test|false discovery|two-tailed|\bp\b|principal|weight|atlas|grid|degree/)
    assert.deepStrictEqual([...cites].sort(), ["bids", "boes"])
    assert.include(text, "hyperbolic tangent")
  })

  it("says of how many subjects some were chosen, and what a map of sd is", () => {
    const { connectome } = madeUpFacts()
    const { text } = textOf({ connectome: { ...connectome, subjects: 480, chosenFrom: 1000 }, maps: ["t", "sd"] })
    assert.include(text, '"GSP1000": 480 of 1\u202f000 subjects, 120 to 240 time points each')
    assert.include(text, "479 degrees of freedom")
    assert.include(text, "Maps of sd are the sample standard deviation of z over subjects.")
    assert.notInclude(textOf({}).text, "Maps of sd")
  })

  it("leaves out what is not known of the connectome", () => {
    const { text } = textOf({
      connectome: {
        name: "store",
        isDemo: false,
        subjects: 1,
        voxels: undefined,
        timePoints: undefined,
        voxelMm: undefined,
        space: undefined
      }
    })
    assert.include(text, '("store": 1 subject).')
  })

  it("says where r was averaged over the runs of a subject, and only there", () => {
    const { connectome } = madeUpFacts()
    assert.include(textOf({ connectome: { ...connectome, averagesRuns: true } }).text, "their mean over the runs")
    assert.notInclude(textOf({}).text, "runs was taken")
  })

  it("never calls the demo's connectome one of persons", () => {
    const { text } = textOf({ connectome: { ...madeUpFacts().connectome, isDemo: true } })
    assert.include(text, "a synthetic connectome, made for demonstration (1\u202f000 subjects")
    assert.notInclude(text, "normative")
  })

  it("says how PINI refined the seeds, over which subjects, and cites it", () => {
    const over = (scope: "connectome" | "file") => textOf({ pini: { percentile: 20, scope } })
    assert.include(over("connectome").text, "over all subjects, the first principal component")
    assert.include(over("connectome").text, "percentile 20")
    assert.include(over("file").text, "over the subjects of each file of the connectome apart")
    assert.isTrue(over("file").cites.has("pini"))
  })

  it("says what was taken as lesion", () => {
    const of = (lesionMasks: Partial<RunFacts["lesionMasks"]>) =>
      textOf({ lesionMasks: { weights: "binary", threshold: null, values: null, ...lesionMasks } }).text
    assert.include(of({}), "Voxels above 0 in a lesion image were taken as lesion.")
    assert.include(of({ threshold: 0.5 }), "Voxels of 0.5 or more")
    assert.include(of({ values: [1, 3] }), "Voxels labelled 1, 3")
    assert.include(of({ weights: "values" }), "weighted mean")
  })

  it("tells of thresholds, atlases, the matrix, other grids, lesions left out and the degree where they are", () => {
    const { text, cites } = textOf(
      { tThreshold: 5, parcellations: ["AAL", "Yeo7"], matrix: true, grid: "lesion", leftOut: 1, invalid: "error" },
      true
    )
    for (const part of [
      "|t| of 5 or more",
      "the atlases AAL and Yeo7",
      "every two lesions",
      "by linear interpolation",
      "1 lesion image could not be used and was left out",
      "connectome's degree"
    ]) {
      assert.include(text, part)
    }
    assert.notInclude(text, "counted as a correlation of 0")
    assert.isTrue(cites.has("degree") && cites.has("fdr"))
  })
})
