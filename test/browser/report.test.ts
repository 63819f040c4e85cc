/** The report in a browser: no errors, no requests, and usable by eye, keyboard and screen reader, at any width. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { assert, it } from "@effect/vitest"
import type { Page } from "playwright-core"
import { reportPage } from "../../src/report/reportPage.ts"
import { madeUpRun } from "../support/madeUpFindings.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { seriousViolations } from "./accessibility.ts"
import { describeInBrowser } from "./chromium.ts"
import { textPlaces } from "./overlappingTexts.ts"
import { keepScreenshot } from "./screenshots.ts"
import { watchPage, withPage } from "./withPage.ts"

const scratch = scratchFolder()

/** A report as a file, as people open it. */
const reportOf = (file: string, names: ReadonlyArray<string>): string => {
  writeFileSync(join(scratch, file), [...reportPage(madeUpRun(names))].join(""))
  return pathToFileURL(join(scratch, file)).href
}

const hostile = [
  `<img src=x onerror="document.title='owned'">`,
  `"><script>document.title='owned'</script>`,
  "=1+1\nnext"
]

const plain = [
  "sub-10_mask.nii.gz",
  "sub-9_mask.nii.gz",
  "sub-2_mask.nii.gz",
  "a lesion with a name that is rather long and goes on_mask.nii.gz"
]

/** The first cells of the rows that are seen, in their order. */
const namesIn = (page: Page): Promise<ReadonlyArray<string>> =>
  page.locator("#lesion-table tbody tr:visible th").allInnerTexts()

const numbersIn = async (page: Page, column: number): Promise<ReadonlyArray<number>> =>
  (await page.locator(`#lesion-table tbody td:nth-child(${column})`).allInnerTexts()).map(Number)

describeInBrowser("the report in the browser", (browser) => {
  it("sorts by names and numbers when heads are pressed, and says how", async () => {
    await withPage(browser, reportOf("sorted.html", plain), async (page) => {
      const head = page.locator("#lesion-table thead th", { hasText: "Lesion" })
      await head.getByRole("button").click()
      assert.deepStrictEqual(await namesIn(page), plain.toReversed())
      assert.strictEqual(await head.getAttribute("aria-sort"), "ascending")
      const volume = page.locator("#lesion-table thead th", { hasText: "Volume" })
      await volume.getByRole("button").focus()
      await page.keyboard.press("Enter")
      const numbers = await numbersIn(page, 2)
      assert.deepStrictEqual(
        numbers.toSorted((a, b) => b - a),
        numbers
      )
      assert.strictEqual(await volume.getAttribute("aria-sort"), "descending")
      assert.strictEqual(await head.getAttribute("aria-sort"), "none")
      await page.keyboard.press("Enter")
      assert.deepStrictEqual(await numbersIn(page, 2), numbers.toReversed())
    })
  })

  it("shows the lesions whose names are asked for, in the table, the overview and below", async () => {
    await withPage(browser, reportOf("filtered.html", plain), async (page) => {
      await page.getByLabel("Show lesions whose name holds").fill("SUB-")
      assert.deepStrictEqual(await namesIn(page), plain.slice(0, 3))
      assert.strictEqual(await page.locator(".overview li:visible").count(), 3)
      assert.strictEqual(await page.locator("section.lesion:visible").count(), 3)
      assert.strictEqual(await page.locator("#shown").innerText(), "3 of 4")
    })
  })

  it("takes names that hold tags, scripts and line breaks for what they are", async () => {
    await withPage(browser, reportOf("hostile.html", hostile), async (page) => {
      assert.deepStrictEqual(
        await namesIn(page),
        hostile.map((name) => name.replace("\n", "\\n"))
      )
      assert.include(await page.title(), "Lesion network maps")
    })
  })

  it("does not run a script that its policy does not know, even where it is within", async () => {
    const watched = await watchPage(browser, reportOf("policy.html", plain), async (page) => {
      const title = await page.evaluate<string>(`(() => {
        const script = document.createElement("script")
        script.textContent = "document.title = 'owned'"
        document.body.append(script)
        return document.title
      })()`)
      assert.notStrictEqual(title, "owned")
    })
    assert.match(watched.errors.join("\n"), /Content Security Policy/)
  })

  for (const [width, colorScheme] of [
    [320, "light"],
    [800, "light"],
    [1280, "dark"],
    [2560, "light"]
  ] as const) {
    it(`fits a window of ${width} pixels, ${colorScheme}: nothing is cut, no text lies over another, and axe finds nothing serious`, async () => {
      await withPage(
        browser,
        reportOf(`wide-${width}.html`, [...plain, ...hostile]),
        async (page) => {
          const places = await textPlaces(page)
          assert.isAbove(places.texts, 300)
          assert.deepStrictEqual(places.found, [])
          assert.strictEqual(places.width, width)
          assert.deepStrictEqual(await seriousViolations(page), [])
          await keepScreenshot(page, `report-${width}`, true)
        },
        { width, colorScheme }
      )
    })
  }
})
