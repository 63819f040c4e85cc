/** The report of a group in a browser: no errors, no requests, and usable by eye and screen reader, at any width. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { assert, beforeAll, it } from "@effect/vitest"
import { Effect } from "effect"
import { analyseGroup } from "../../src/report/group/analyseGroup.ts"
import { groupReportPage } from "../../src/report/group/groupReportPage.ts"
import { writeMadeUpGroup } from "../support/madeUpGroup.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { seriousViolations } from "./accessibility.ts"
import { describeInBrowser } from "./chromium.ts"
import { textPlaces } from "./overlappingTexts.ts"
import { keepScreenshot } from "./screenshots.ts"
import { withPage } from "./withPage.ts"

const scratch = scratchFolder()
const file = join(scratch, "report.html")
const address = pathToFileURL(file).href

const warnings = [
  {
    file: "/data/participants.tsv",
    found: "contrast aphasia: its groups have 10 and 50 patients, and where their variances differ, p is wrong",
    taken: "Their variances are taken as equal"
  }
]

beforeAll(async () => {
  const contrasts = ["aphasia", "aContrastWithANameThatIsRatherLongAndGoesOnForAWhile"]
  const made = writeMadeUpGroup(join(scratch, "group"), { contrasts, warnings })
  const group = await Effect.runPromise(Effect.scoped(analyseGroup({ ...made, background: undefined })))
  writeFileSync(file, [...groupReportPage(group)].join(""))
})

describeInBrowser("the report of a group in the browser", (browser) => {
  it("leads from the overview to each contrast", async () => {
    await withPage(browser, address, async (page) => {
      await page.locator("#overview table a").first().click()
      assert.isTrue(await page.locator("#contrast-1-title").isVisible())
      assert.match(page.url(), /#contrast-1$/)
      const drawn = await page.evaluate<ReadonlyArray<number>>(`Promise.all(
        [...document.querySelectorAll("#contrast-1 img")].map(async (image) => {
          image.loading = "eager"
          await image.decode()
          return image.naturalWidth
        })
      )`)
      assert.isAbove(drawn.length, 20)
      assert.isTrue(drawn.every((width) => width > 20))
    })
  })

  for (const [width, colorScheme] of [
    [320, "light"],
    [800, "dark"],
    [1280, "light"]
  ] as const) {
    it(`fits a window of ${width} pixels, ${colorScheme}: nothing is cut, no text lies over another, and axe finds nothing serious`, async () => {
      await withPage(
        browser,
        address,
        async (page) => {
          const places = await textPlaces(page)
          assert.isAbove(places.texts, 300)
          assert.deepStrictEqual(places.found, [])
          assert.strictEqual(places.width, width)
          assert.deepStrictEqual(await seriousViolations(page), [])
          await keepScreenshot(page, `group-report-${width}`, true)
        },
        { width, colorScheme }
      )
    })
  }
})
