/** The report of a group's folder, from its files to the page: everything that is there is shown, and nothing else is said. */
import { createHash } from "node:crypto"
import { appendFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { encodeNifti } from "../../../src/imaging/nifti/writeNifti.ts"
import { analyseGroup } from "../../../src/report/group/analyseGroup.ts"
import type { ReportedGroup } from "../../../src/report/group/GroupFindings.ts"
import { groupReportPage } from "../../../src/report/group/groupReportPage.ts"
import {
  type GroupOptions,
  groupPatients,
  groupPlace,
  type MadeUpGroup,
  writeMadeUpGroup
} from "../../support/madeUpGroup.ts"
import {
  assertNothingFetched,
  assertOwnCodeAlone,
  assertReadable,
  tagsOf,
  unbalanced,
  withoutCode
} from "../../support/pageMarkup.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const scratch = scratchFolder()

const analyse = (made: MadeUpGroup): Promise<ReportedGroup> =>
  Effect.runPromise(Effect.scoped(analyseGroup({ ...made, background: undefined })))

const pageOf = (group: ReportedGroup): string => [...groupReportPage(group)].join("")

const groupOf = (name: string, options: GroupOptions = {}) => analyse(writeMadeUpGroup(join(scratch, name), options))

const whole = await groupOf("whole", { contrasts: ["aphasia", "neglect"] })
const page = pageOf(whole)

const sectionsIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/<section id="(overview|contrasts|overlap|prediction|diagnosis|patients|run)"/g)].map(
    ([, id]) => id!
  )

describe("the report of a group as a page", () => {
  it("has every part whose files are there, in order, in the page and its menu", () => {
    assert.deepStrictEqual(whole.notes, [])
    const parts = ["overview", "contrasts", "overlap", "prediction", "diagnosis", "patients", "run"]
    assert.deepStrictEqual(sectionsIn(page), parts)
    const menu = /<nav.*?<\/nav>/s.exec(page)![0]
    assert.deepStrictEqual(
      [...menu.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id),
      parts
    )
  })

  it("opens and closes every tag, fetches nothing, runs its own code alone, and can be read aloud", () => {
    assert.deepStrictEqual(unbalanced(withoutCode(page)), [])
    assertOwnCodeAlone(page)
    assertNothingFetched(page)
    assertReadable(page)
  })

  it("shows no part whose files are not there, and says nothing of it", async () => {
    const only = (path: string) => /desc-aphasia_stat-(effect|t|r|p|pfwe|pfdr)_|^contrasts/.test(path)
    const bare = await groupOf("bare", { only })
    const text = withoutCode(pageOf(bare))
    assert.deepStrictEqual(sectionsIn(text), ["overview", "contrasts", "run"])
    assert.notMatch(text, /TFCE|Design matrix|chance alone|overlap|predict|Dice|Coverage/i)
    assert.deepStrictEqual(unbalanced(text), [])
    assertReadable(text)
    assert.deepStrictEqual(bare.notes, [])
  })

  it("is a page also where there is neither a map nor a table", async () => {
    const none = await groupOf("none", { only: () => false })
    assert.deepStrictEqual(sectionsIn(pageOf(none)), ["overview", "run"])
  })

  it("has for texts of files that hold anything the same tags as for plain ones", async () => {
    const nasty = `<img src=x onerror='alert("1")'>`
    const replaced = JSON.parse(
      JSON.stringify({ ...whole, contrasts: [], prediction: { ...whole.prediction!, of: "plain" } })
        .replaceAll("sub-01", JSON.stringify(nasty).slice(1, -1))
        .replaceAll("component1", JSON.stringify(nasty).slice(1, -1))
        .replaceAll('"plain"', JSON.stringify(nasty))
    ) as ReportedGroup
    const strip = (group: ReportedGroup): ReportedGroup => ({
      ...group,
      overlap: undefined,
      model: undefined,
      diagnosis: { ...group.diagnosis!, mean: undefined, components: [] },
      cohort: { ...group.cohort, coverage: undefined },
      notes: ["plain"],
      manifest: { ...group.manifest, warnings: [{ file: "plain", found: "plain", taken: "plain" }] }
    })
    const odd = pageOf({
      ...strip(replaced),
      notes: [nasty],
      manifest: { ...whole.manifest, warnings: [{ file: nasty, found: nasty, taken: nasty }] }
    })
    assert.deepStrictEqual(tagsOf(odd), tagsOf(pageOf(strip({ ...whole, contrasts: [] }))))
    assert.isAbove(odd.split("&lt;img src=x onerror=&#39;alert(&quot;1&quot;)&#39;&gt;").length, 8)
  })
})

describe("what other parts of the analysis have written", () => {
  it("is shown in words: sentences of the diagnosis, read-outs, names of maps, folders by their last part", () => {
    assert.include(page, "<li>The mean map is like the degree.</li>")
    assert.include(page, "Partial Spearman, given lesion volume and centrality")
    assert.include(page, "</title>neglect t</text>")
    assert.include(page, "other-connectome")
    assert.notInclude(page, "/data/of/mine")
    // Of the two permuted read-outs each has its own observed value.
    assert.deepStrictEqual(
      [...page.matchAll(/permuted over 200 permutations[^"]*observed ([\d.]+)/g)].map(([, observed]) => observed),
      ["0.620", "0.550"]
    )
  })
})

describe("a contrast in the report", () => {
  const [contrast] = whole.contrasts

  it("has its strongest voxel where it is, and slices through it and at the common places", () => {
    assert.deepStrictEqual(contrast!.pictures.peakMm, [...groupPlace])
    assert.deepStrictEqual(
      contrast!.pictures.peakSlices.map(({ direction, positionMm }) => [direction, positionMm]),
      [
        ["sagittal", groupPlace[0]],
        ["coronal", groupPlace[1]],
        ["axial", groupPlace[2]]
      ]
    )
    assert.strictEqual(contrast!.pictures.commonSlices.length, 7)
    assert.deepStrictEqual(
      contrast!.outlinedBy.map(({ title }) => /TFCE|extent|conjunction/.exec(title)![0]),
      ["TFCE", "extent", "conjunction"]
    )
  })

  it("counts what is significant by each rule, as its maps have it", () => {
    const rules = contrast!.inferences.map(({ by, positive, negative }) => [by, positive > 0, negative > 0])
    assert.deepStrictEqual(rules, [
      ["voxel", true, false],
      ["tfce", true, true],
      ["extent", true, false],
      ["mass", true, false],
      ["fdr", true, true]
    ])
  })

  it("says what a voxel needs, from the permutations, and what was observed", () => {
    const [t] = contrast!.maxima
    assert.strictEqual(t!.values.length, 999)
    // 48 maxima may be reached: (1 + 48)/1000 < 0.05.
    assert.strictEqual(t!.needed, [...t!.values].sort((a, b) => b - a)[48])
    assert.strictEqual(t!.observed, Math.abs(contrast!.pictures.peak))
    assert.deepStrictEqual(
      contrast!.maxima.map(({ of, observed }) => [of, observed !== undefined]),
      [
        ["t", true],
        ["tfce", true],
        ["extent", true],
        ["mass", true]
      ]
    )
  })

  it("is told with what it does not show, by the covariates that it has", () => {
    assert.include(page, "It does not show that injury of this network causes aphasia")
    assert.include(page, "how well connected the injured tissue is (centrality)")
    assert.notInclude(page, "the size of the lesions")
    const design = { ...contrast!.design, covariates: ["lesion_volume", "centrality"] }
    const adjusted = pageOf({ ...whole, contrasts: [{ ...contrast!, design }] })
    assert.include(adjusted, "Lesion volume and centrality are among the covariates")
    assert.notInclude(adjusted, "would look the same here")
  })

  it("without a significant voxel is no evidence that there is nothing", () => {
    const inferences = contrast!.inferences.map((one) => ({ ...one, positive: 0, negative: 0 }))
    const text = pageOf({ ...whole, contrasts: [{ ...contrast!, inferences }] })
    assert.include(text, "Nothing is significant")
    assert.include(text, "It would have taken |t| above 4.02")
    assert.notInclude(text, "What this shows, and what it does not")
    assert.include(page, "What this shows, and what it does not")
  })
})

describe("the methods text of a group", () => {
  const methods = /<div class="methods">.*?<\/div>/s.exec(page)![0]

  it("says what the sidecars say", () => {
    assert.include(methods, "Contrast aphasia tested aphasia (0: 30, 1: 30)")
    assert.include(methods, "with the covariates age and lesion_volume, by t with 56 degrees of freedom")
    assert.include(methods, "999 random permutations within the blocks of site")
    assert.include(methods, `of ${groupPatients} patients`)
    assert.include(methods, "leave-one-out")
  })

  it("cites the papers of what was done, and no others", async () => {
    assert.include(methods, "10.1016/j.neuroimage.2008.03.061")
    const without = await groupOf("notfce", { only: (path) => !/tfce|overlap|diagnosis/.test(path) })
    const text = /<div class="methods">.*?<\/div>/s.exec(pageOf(without))![0]
    assert.notMatch(text, /2008\.03\.061|enhancement|awv228|s41593/)
    assert.include(text, "10.1016/j.neuroimage.2014.01.060")
  })
})

describe("files that are not as they were written", () => {
  it("are not shown, and named", async () => {
    const made = writeMadeUpGroup(join(scratch, "changed"))
    const file = (name: string) => join(made.folder, name)
    appendFileSync(file("diagnosis.tsv"), "more\n")
    rmSync(file("prediction.tsv"))
    const group = await analyse(made)
    assert.isUndefined(group.prediction)
    assert.isUndefined(group.diagnosis?.comparisons)
    assert.strictEqual(group.notes.length, 2)
    assert.match(group.notes.join("\n"), /prediction\.tsv/)
    assert.match(group.notes.join("\n"), /diagnosis\.tsv/)
    assert.include(pageOf(group), "Not shown here")
  })

  it("are not read where the manifest does not list them", async () => {
    const made = writeMadeUpGroup(join(scratch, "foreign"), { only: (path) => path !== "diagnosis.tsv" })
    writeFileSync(join(made.folder, "diagnosis.tsv"), "map\tcompared_with\tr\tdice\nx\tdegree\t1\t1\n")
    assert.isUndefined((await analyse(made)).diagnosis?.comparisons)
  })

  it("are not shown where they lie on another grid", async () => {
    const made = writeMadeUpGroup(join(scratch, "grids"))
    const path = "space-MNI152NLin6Asym_desc-component2_statmap.nii.gz"
    const grid = { shape: [3, 3, 3], affine: [5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1] } as const
    const bytes = gzipSync(encodeNifti({ grid, values: new Float32Array(27).fill(1) }))
    writeFileSync(join(made.folder, path), bytes)
    const record = {
      path,
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex")
    }
    const outputs = made.manifest.outputs.map((file) => (file.path === path ? record : file))
    const group = await analyse({ ...made, manifest: { ...made.manifest, outputs } })
    assert.deepStrictEqual(
      group.diagnosis!.components.map(({ title }) => title),
      ["Component 1", "Component 3"]
    )
    assert.match(group.notes.join("\n"), /another grid.*component2/)
  })
})
