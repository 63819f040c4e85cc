import { assert, describe, it } from "@effect/vitest"
import { centralityByGroup, centralityWarnings } from "../../../src/stages/group/centralityByGroup.ts"
import { diagnosisWords } from "../../../src/stages/group/diagnosisWords.ts"
import { designOf } from "../../support/nullCohort.ts"

const symptom = [0, 1, 0, 1, 0, 1, 0, 1]
const outside = Float64Array.of(0.1, 0.2, 0.12, 0.25, 0.08, 0.21, 0.11, 0.19)
const whole = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8)

const config = { name: "aphasia", of: "symptom", covariates: [] as ReadonlyArray<string> }

const described = async (cells: ReadonlyArray<number | null>, covariates: ReadonlyArray<string> = []) => ({
  config: { ...config, covariates },
  design: await designOf({ effect: { name: "symptom", cells }, missing: "drop" })
})

describe("the centrality by group of a contrast", () => {
  it("has mean and deviation of each group, and how it goes with the effect", async () => {
    const rows = centralityByGroup(await described(symptom), { outsideLesions: outside, ofWholeMaps: whole })
    assert.deepStrictEqual(
      rows.map(({ group, patients, measure }) => [group, patients, measure]),
      [
        ["0", 4, "mean z outside of the lesion"],
        ["1", 4, "mean z outside of the lesion"]
      ]
    )
    assert.closeTo(rows[0]!.mean, 0.1025, 1e-12)
    assert.closeTo(rows[1]!.mean, 0.2125, 1e-12)
    assert.closeTo(rows[0]!.sd, 0.017078251276599333, 1e-12)
    // scipy.stats.pearsonr
    assert.closeTo(rows[0]!.r!, 0.9441103659303238, 1e-9)
    assert.closeTo(rows[0]!.p!, 0.0004183590591411749, 1e-9)
  })

  it("is of whole maps where the lesion of one of its patients is not known, and only then", async () => {
    const partly = outside.map((value, i) => (i === 3 ? Number.NaN : value))
    const centralities = { outsideLesions: partly, ofWholeMaps: whole }
    const [first] = centralityByGroup(await described(symptom), centralities)
    assert.strictEqual(first!.measure, "mean z of the whole map")
    assert.strictEqual(first!.mean, 4)
    const without = symptom.map((value, i) => (i === 3 ? null : value))
    const [known] = centralityByGroup(await described(without), centralities)
    assert.strictEqual(known!.measure, "mean z outside of the lesion")
    const [none] = centralityByGroup(await described(symptom), { outsideLesions: undefined, ofWholeMaps: whole })
    assert.strictEqual(none!.measure, "mean z of the whole map")
  })

  it("has one row of a score", async () => {
    const rows = centralityByGroup(await described([1, 5, 2, 6, 1, 4, 3, 7]), {
      outsideLesions: outside,
      ofWholeMaps: whole
    })
    assert.deepStrictEqual(
      rows.map(({ group, patients }) => [group, patients]),
      [["all", 8]]
    )
  })

  it("is warned of where it goes with the effect, unless it is a covariate or of whole maps", async () => {
    const centralities = { outsideLesions: outside, ofWholeMaps: whole }
    const rows = centralityByGroup(await described(symptom), centralities)
    const [warning] = centralityWarnings(rows, "people.tsv")
    assert.include(warning!.found, "centrality (mean z outside of the lesion) goes with symptom (r = 0.9")
    const taken = centralityByGroup(await described(symptom, ["centrality"]), centralities)
    assert.deepStrictEqual(centralityWarnings(taken, "people.tsv"), [])
    const ofMaps = centralityByGroup(await described(symptom), { outsideLesions: undefined, ofWholeMaps: outside })
    assert.isBelow(ofMaps[0]!.p!, 0.05)
    assert.deepStrictEqual(centralityWarnings(ofMaps, "people.tsv"), [])
    const unrelated = centralityByGroup(await described([0, 0, 1, 1, 0, 0, 1, 1]), centralities)
    assert.deepStrictEqual(centralityWarnings(unrelated, "people.tsv"), [])
  })
})

describe("the words of a diagnosis", () => {
  const row = (map: string, comparedWith: string, r: number | undefined) => {
    return { map, comparedWith, voxels: 100, r, dice: r === undefined ? undefined : 0.5 }
  }
  const words = (rows: Parameters<typeof diagnosisWords>[0]) => diagnosisWords(rows, [], "mean").join("\n")

  it("say of each map whether it is like the degree, and of the mean that this is no evidence", () => {
    const text = words([row("mean", "degree", 0.9), row("desc-x_stat-t", "degree", 0.7), row("other", "degree", -0.2)])
    assert.include(text, "It does not show that the symptom comes from the network")
    assert.include(text, "r = 0.90, Dice of the largest 5 % 0.50). Averages of lesion network maps do")
    assert.include(text, "t of x is much like the connectome's degree (r = 0.70")
    assert.include(text, "other is not much like the connectome's degree (r = -0.20")
  })

  it("say where nothing is compared with the degree, and name the component that a map goes with", () => {
    const rows = [row("mean", "component1", 0.9), row("t", "component1", 0.2), row("t", "component2", -0.8)]
    const text = words([row("t", "degree", undefined), ...rows])
    assert.include(text, "No map is compared with the connectome's degree")
    assert.include(text, "t goes with component2 of the patients' maps (|r| = 0.80)")
    assert.notInclude(text, "component1")
  })
})
