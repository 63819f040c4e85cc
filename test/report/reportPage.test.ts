import { assert, describe, it } from "@effect/vitest"
import type { ReportedRun } from "../../src/report/ReportedRun.ts"
import { reportPage } from "../../src/report/reportPage.ts"
import { madeUpRun } from "../support/madeUpFindings.ts"
import {
  assertNothingFetched,
  assertOwnCodeAlone,
  assertReadable,
  tagsOf,
  unbalanced,
  withoutCode
} from "../support/pageMarkup.ts"

const pageOf = (run: ReportedRun): string => [...reportPage(run)].join("")

const page = pageOf(madeUpRun(["one", "two", "three"]))

const hostile = [
  `<script>alert(1)</script>`,
  `" onmouseover="alert(1)`,
  `a\n=HYPERLINK("x")`,
  `=1+1`,
  `'); //-->`,
  `</title>`
]

describe("the report as a page", () => {
  it("opens and closes every tag where it belongs", () => {
    assert.deepStrictEqual(unbalanced(withoutCode(page)), [])
  })

  it("has for names that hold anything the same tags and scripts as for plain ones", () => {
    const plain = pageOf(madeUpRun(hostile.map((_, n) => `lesion ${n}`)))
    const odd = pageOf(madeUpRun(hostile))
    assert.deepStrictEqual(tagsOf(odd), tagsOf(plain))
    assert.notInclude(odd, "<script>alert")
    assert.notInclude(odd, ' onmouseover="')
    assert.include(odd, "&lt;script&gt;alert(1)&lt;/script&gt;")
  })

  it("does the same with whatever else comes from files: warnings, parcels, atlases, settings, reasons", () => {
    const nasty = `<img src=x onerror='alert("1")'>`
    const { manifest, facts, findings } = madeUpRun(["one", "two"])
    const [first, second] = findings.lesions
    const run: ReportedRun = {
      manifest: {
        ...manifest,
        warnings: [{ file: nasty, found: nasty, taken: nasty }],
        outputs: [{ path: nasty, bytes: 1, sha256: "" }],
        trace: [0, 1, 2].map((seconds) => ({ seconds, phase: nasty, subjects: seconds, resident_bytes: 1e6 }))
      },
      facts: { ...facts, connectome: { ...facts.connectome, name: nasty, space: nasty }, parcellations: [nasty] },
      findings: {
        ...findings,
        background: nasty,
        notes: [nasty],
        group: { ...findings.group, noOverlapBecause: nasty },
        lesions: [
          { ...first!, networks: [{ parcellation: nasty, network: nasty, positive: 0.5, negative: 0 }] },
          {
            ...second!,
            clusters: [{ ...second!.clusters[0]!, parcels: [{ parcellation: nasty, parcel: nasty }] }]
          }
        ]
      }
    }
    const shown = pageOf(run)
    assert.isAbove(shown.split("&lt;img src=x onerror=&#39;alert(&quot;1&quot;)&#39;&gt;").length, 12)
    assert.notInclude(shown, "<img src=x")
    assert.deepStrictEqual(unbalanced(withoutCode(shown)), [])
  })

  it("forbids every request, and all scripts and styles but its own, by their hashes", () => {
    assertOwnCodeAlone(page)
  })

  it("refers to nothing outside but papers, and never in an attribute that fetches or runs", () => {
    assertNothingFetched(page)
  })

  it("has headings in order, a text for every image, a scope for every head, and a target for every link within", () => {
    assertReadable(page)
  })

  it("labels the sides of slices: left at the left of coronal and axial ones, back at the left of sagittal ones", () => {
    const captions = [...page.matchAll(/<figcaption><abbr title="(\w+)">.*?<span>(\w) = .*?title="(\w+)"/g)]
    const sides = new Set(captions.map(([, left, axis, right]) => `${axis}: ${left} ${right}`))
    assert.deepStrictEqual([...sides].sort(), ["x: back front", "y: left right", "z: left right"])
  })

  it("tells of warnings before anything else, in plain words and in those of the run", () => {
    const { manifest, ...run } = madeUpRun(["one"])
    const found = "31 % of it lies in the connectome's brain mask: 3 of 10 voxels on the connectome's grid"
    const warned = pageOf({
      ...run,
      manifest: { ...manifest, warnings: [{ file: "/home/me/one.nii", found, taken: "The map is made of that part" }] }
    })
    const at = (text: string) => warned.indexOf(text)
    assert.isAbove(at("A lesion lies partly outside the brain"), 0)
    assert.isBelow(at("A lesion lies partly outside the brain"), at("Methods, for a paper"))
    assert.include(warned, "<strong>one.nii</strong>: 31 % of it lies in the connectome&#39;s brain mask")
    assert.notInclude(warned, "/home/me")
    assert.include(page, "No warnings")
  })

  it("tells of warnings of a kind as one, the first of them at once", () => {
    const { manifest, ...run } = madeUpRun(["one"])
    const warnings = Array.from({ length: 9 }, (_, n) => ({
      file: `/lesions/${n}.nii`,
      found: `${n} % of it lies in the connectome's brain mask`,
      taken: "The map is made of that part"
    }))
    const warned = pageOf({ ...run, manifest: { ...manifest, warnings } })
    assert.strictEqual(warned.split("A lesion lies partly outside the brain").length, 2)
    assert.strictEqual(warned.split("% of it lies in").length, 10)
    assert.include(warned, '<summary>3 more</summary><p class="detail"><strong>6.nii</strong>')
  })

  it("says instead of comparing that the degree is tiny, where it is", () => {
    const { findings, ...run } = madeUpRun(["one", "two"])
    const lesions = findings.lesions.map((lesion) => ({ ...lesion, similarityToDegree: null }))
    const degree = { ...findings.group.degree!, rms: 0.0004, tiny: true }
    const tiny = pageOf({ ...run, findings: { ...findings, lesions, group: { ...findings.group, degree } } })
    assert.include(tiny, "root mean square 0.00040), as after global signal regression")
    assert.notMatch(tiny, /10\.1038\/s41593|Like the (connectome&#39;s )?degree/)
    assert.include(page, "10.1038/s41593-025-02196-7")
    assert.include(page, "Like the degree")
  })

  it("leaves out columns of the table of which nothing is known", () => {
    const { manifest, ...run } = madeUpRun(["one", "two"])
    const lesions = manifest.lesions.map((lesion) => ({ ...lesion, summary: { lesion: lesion.name } }))
    const bare = pageOf({ ...run, manifest: { ...manifest, lesions } })
    assert.include(page, "Largest t")
    assert.notInclude(bare, "Largest t")
    assert.include(bare, "Like the mean")
  })
})
