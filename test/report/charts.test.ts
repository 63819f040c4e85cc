import { assert, describe, it } from "@effect/vitest"
import { colourBar, countBar } from "../../src/report/colourBar.ts"
import { fileKinds } from "../../src/report/fileKinds.ts"
import { histogramChart } from "../../src/report/histogramChart.ts"
import { ticksUpTo } from "../../src/report/ticks.ts"
import { timeChart } from "../../src/report/timeChart.ts"
import { phasesOf, subjectRates } from "../../src/report/traceSeries.ts"

/** Texts of an SVG with their places along x. */
const textsOf = (svg: string): ReadonlyArray<readonly [number, string]> =>
  [...svg.matchAll(/<text[^>]* x="([-\d.]+)"[^>]*>([^<]*)</g)].map(([, x, text]) => [Number(x), text!])

describe("charts of the report", () => {
  it("have round ticks that reach the largest value", () => {
    assert.deepStrictEqual(ticksUpTo(870), [0, 500, 1000])
    assert.deepStrictEqual(ticksUpTo(0.37), [0, 0.1, 0.2, 0.3, 0.4])
    assert.deepStrictEqual(ticksUpTo(4), [0, 1, 2, 3, 4])
    assert.deepStrictEqual(
      [ticksUpTo(0), ticksUpTo(Number.NaN)],
      [
        [0, 1],
        [0, 1]
      ]
    )
  })

  it("show in the colour bar the negative limit first and the positive limit last, in their colours", () => {
    const { text } = colourBar({
      statistic: "t",
      threshold: 5,
      limit: 18.4,
      positive: ["#100000", "#ff0000"],
      negative: ["#000010", "#0000ff"]
    })
    const numbers = textsOf(text).filter(([, value]) => value !== "t")
    assert.deepStrictEqual(
      numbers.map(([, value]) => value),
      ["-18.4", "-5", "5", "18.4"]
    )
    assert.deepStrictEqual(
      numbers.map(([x]) => x).toSorted((a, b) => a - b),
      numbers.map(([x]) => x)
    )
    assert.deepStrictEqual(text.match(/#[0-9a-f]{6}/g), ["#0000ff", "#000010", "#100000", "#ff0000"])
  })

  it("say a long threshold once, so that its numbers do not touch", () => {
    const scale = { statistic: "r", limit: 0.191, positive: ["#100000"], negative: ["#000010"] } as const
    const numbersOf = (threshold: number) => textsOf(colourBar({ ...scale, threshold }).text).map(([, value]) => value)
    assert.deepStrictEqual(numbersOf(0.00955), ["-0.191", "±0.00955", "0.191", "r"])
    assert.deepStrictEqual(numbersOf(0.0955), ["-0.191", "-0.0955", "0.0955", "0.191", "r"])
    assert.deepStrictEqual(numbersOf(0.1), ["-0.191", "-0.1", "0.1", "0.191", "r"])
  })

  it("show counts of lesions from the least to the most", () => {
    const { text } = countBar({ from: 1, to: 96, colours: ["#000000", "#ffffff"] })
    assert.deepStrictEqual(
      textsOf(text).map(([, value]) => value),
      ["1", "96", "lesions"]
    )
  })

  it("draw a bar for each bin of a histogram that is not empty, as tall as its count", () => {
    const { text } = histogramChart({ from: -0.5, to: 0.5, counts: [0, 10, 5, 0] })
    const heights = [...text.matchAll(/class="bar"[^>]* height="([\d.]+)"/g)].map((match) => Number(match[1]))
    assert.strictEqual(heights.length, 2)
    assert.closeTo(heights[0]! / heights[1]!, 2, 1e-6)
    assert.include(text, "15 voxels, from -0.50 to 0.50")
  })

  it("stay within their frame over time, with the plan's line and a band for each phase", () => {
    const points = [0, 1, 2, 3].map((seconds) => ({ seconds, value: 100 * seconds }))
    const phases = [
      { name: "connectivity", seconds: 0 },
      { name: "writing maps", seconds: 2.9 }
    ]
    const limit = { name: "planned", value: 420 }
    const { text } = timeChart({ title: "Memory", unit: "MB", points, phases, seconds: 3, limit })
    assert.include(text, 'aria-label="Memory: at most 300.0 MB"')
    const [, line] = /class="line" d="M([^"]*)"/.exec(text)!
    const places = line!.split("L").map((pair) => pair.split(" ").map(Number))
    for (const [x, y] of places) assert.isTrue(x! >= 58 && x! <= 548 && y! >= 16 && y! <= 186, `${x} ${y}`)
    assert.strictEqual(text.match(/<title>/g)?.length, 2)
    assert.deepStrictEqual(
      textsOf(text).flatMap(([, name]) => (name.includes("i") && name.length > 8 ? [name] : [])),
      ["connectivity"],
      "a name is written where there is room"
    )
  })

  it("take rates between the points of a trace, and phases where they begin", () => {
    const at = (seconds: number, subjects: number, phase: string) => ({ seconds, subjects, phase, resident_bytes: 1 })
    const trace = [at(0, 0, "a"), at(1, 10, "a"), at(2, 30, "a"), at(4, 30, "b")]
    assert.deepStrictEqual(phasesOf(trace), [
      { name: "a", seconds: 0 },
      { name: "b", seconds: 4 }
    ])
    const rates = subjectRates(trace)
    assert.deepStrictEqual(
      rates.map(({ seconds }) => Number(seconds.toFixed(3))),
      [0.667, 2, 3.333]
    )
    const step = 4 / 3
    assert.closeTo(
      rates.reduce((sum, { value }) => sum + value * step, 0),
      30,
      1e-9,
      "no subject is lost"
    )
    assert.closeTo(rates[0]!.value, (10 + 20 / 3) / step, 1e-9)
    assert.deepStrictEqual(subjectRates([at(0, 0, "a")]), [])
  })

  it("count files of a kind in one row, and know each kind that a run writes", () => {
    const file = (path: string, bytes = 1) => ({ path, bytes, sha256: "" })
    const rows = fileKinds([
      file("README"),
      file("dataset_description.json"),
      file("sub-1/sub-1_space-X_label-lesion_desc-boes_stat-t_statmap.nii.gz", 10),
      file("sub-2/sub-2_space-X_label-lesion_desc-boes_stat-t_statmap.nii.gz", 20),
      file("sub-1/sub-1_space-X_label-lesion_desc-boes_stat-t_statmap.json"),
      file("sub-1/sub-1_space-X_label-lesion_desc-boes_parcels.tsv"),
      file("seg-AAL_desc-boes_stat-r_parcels.tsv"),
      file("mine.txt")
    ])
    assert.deepStrictEqual(
      rows.map(({ name, files, bytes }) => [name, files, bytes]),
      [
        ["sub-*_stat-t_statmap.nii.gz", 2, 30],
        ["sub-*_parcels.tsv", 1, 1],
        ["seg-*_parcels.tsv", 1, 1],
        ["*.json", 2, 2],
        ["README", 1, 1],
        ["mine.txt", 1, 1]
      ]
    )
    assert.include(rows[0]!.holds, "One-sample t over subjects")
  })
})
