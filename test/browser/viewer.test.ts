/** `lnm view` as a person uses it: the map is seen, left is left, thresholds and keys work, and no name of a lesion does harm. */
import { assert, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import type { Page } from "playwright-core"
import { indexStudy } from "../../src/report/viewer/indexStudy.ts"
import { pageFiles } from "../../src/report/viewer/pageFiles.ts"
import { ResourceUnavailable, type ViewerResources } from "../../src/report/viewer/ViewerResource.ts"
import { type ServedViewer, serveViewer } from "../../src/report/viewer/viewerServer.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { harmfulName, writeViewedOutput } from "../support/viewedOutput.ts"
import { seriousViolations } from "./accessibility.ts"
import { describeInBrowser, type GetBrowser } from "./chromium.ts"
import { eventually } from "./eventually.ts"
import { countPixels, type Pixels, pixelsOf } from "./pixels.ts"
import { keepScreenshot } from "./screenshots.ts"
import { type PageOptions, watchPage, withPage } from "./withPage.ts"

const output = writeViewedOutput(scratchFolder())

type Condition = (red: number, green: number, blue: number) => boolean

const isWarm: Condition = (red, green, blue) => red > blue + 60 && red > green
const isCool: Condition = (red, green, blue) => blue > red + 60 && blue > green - 30
/** The outline, and no text or paper. */
const isWhite: Condition = (red, green, blue) => Math.min(red, green, blue) > 252

/** Column of the first pixel of each row that fulfils a condition; width where there is none. */
const firstInRows = ({ width, height, rgb }: Pixels, condition: Condition): ReadonlyArray<number> =>
  Array.from({ length: height }, (_, y) => {
    for (let x = 0; x < width; x++) {
      const at = 3 * (y * width + x)
      if (condition(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!)) return x
    }
    return width
  })

const mapOf = (page: Page): Promise<Pixels> => pixelsOf(page.locator("#stage"))

const seen = (page: Page, condition: Condition) => async () => countPixels(await mapOf(page), condition)

const shows = (text: RegExp) => (found: string | null) => text.test(found ?? "")

const placeOf = (page: Page) => () => page.locator("#location").textContent()

/** Serves a viewer of its own, whose token nobody has used; `changed` takes the place of what it has at the same addresses. */
const whileServed = async (changed: ViewerResources, use: (served: ServedViewer) => Promise<void>): Promise<void> => {
  const scope = Scope.makeUnsafe()
  const start = Effect.gen(function* () {
    const page = yield* pageFiles()
    const study = indexStudy(output.folder, output.manifest)
    return yield* serveViewer({
      resources: new Map([...page.resources, ...study.resources, ...changed]),
      port: 0,
      policy: page.policy
    })
  })
  try {
    await use(await Effect.runPromise(Scope.provide(start, scope)))
  } finally {
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

/** Until the first map, its outline and its parcels are there. */
const waitForMap = async (page: Page): Promise<void> => {
  await eventually(seen(page, isWhite), (count) => count > 50, "the outline")
  await eventually(placeOf(page), shows(/Sides: /), "the parcel")
}

const withViewer = (
  browser: GetBrowser,
  use: (page: Page) => Promise<void>,
  options: PageOptions = {}
): Promise<void> =>
  whileServed(new Map(), async ({ address, port }) => {
    const begin = async (page: Page): Promise<void> => {
      await page.waitForURL(`http://127.0.0.1:${port}/`)
      await waitForMap(page)
      await use(page)
    }
    const { requests } = await withPage(browser, address, begin, options)
    assert.isAbove(requests.length, 10)
  })

/** Held to what people need who do not see the page or have no mouse; nothing of it is cut off at the sides. */
const assertUsable = async (page: Page): Promise<void> => {
  assert.deepStrictEqual(await seriousViolations(page), [])
  assert.isAtMost(Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth")), 0)
}

describeInBrowser("the viewer", (browser) => {
  it("shows the map above its threshold, positive and negative apart, with left on the left, and any name as it is written", async () => {
    await withViewer(browser, async (page) => {
      await page.keyboard.press("l")
      await eventually(placeOf(page), shows(/^x −35, y 10, z 15 mm/), "the lesion")
      const pixels = await mapOf(page)
      const [warm, cool] = [firstInRows(pixels, isWarm), firstInRows(pixels, isCool)]
      const rows = [...warm.keys()].filter((y) => warm[y]! < pixels.width && cool[y]! < pixels.width)
      assert.isAbove(rows.length, 50)
      // The map is positive on the left: in each slice of both sides, warm colours begin before cool ones.
      for (const y of rows) assert.isBelow(warm[y]!, cool[y]!, `row ${y}`)
      const threshold = page.getByLabel("Shown from")
      assert.strictEqual(await threshold.inputValue(), "5")
      await threshold.fill("8")
      await eventually(seen(page, isWarm), (count) => count > 100, "a map at its threshold itself")
      await threshold.fill("8.5")
      await eventually(seen(page, isWarm), (count) => count === 0, "a threshold above all values")
      assert.strictEqual(await page.locator("#shown").textContent(), "0 positive and 0 negative voxels shown")
      await page.getByLabel("Threshold, as a slider").fill("0.5")
      await eventually(seen(page, isWarm), (count) => count > countPixels(pixels, isWarm), "a low threshold")
      await threshold.fill("5")
      await assertUsable(page)
      await keepScreenshot(page, "viewer-1280")

      const button = page.locator("#entries button").nth(1)
      await button.click()
      const written = harmfulName.replace("\n", "\\n")
      await eventually(
        () => page.locator("#title").textContent(),
        (title) => title === `${written}: t`,
        "the title"
      )
      assert.strictEqual(await button.getAttribute("title"), written)
      assert.strictEqual(await page.locator("body img").count(), 0)
      assert.strictEqual(await page.title(), "maps · lnm view")
    })
  })

  it("goes by the keyboard: lesions, slices, statistics, outline, help; at 800 pixels, in the dark", async () => {
    const use = async (page: Page): Promise<void> => {
      const press = (key: string) => page.keyboard.press(key)
      const title = () => page.locator("#title").textContent()
      await press("l")
      await eventually(placeOf(page), shows(/^x −35, y 10, z 15 mm\W+t = 8\W+Sides: Left <b>side<\/b>$/), "the lesion")
      await assertUsable(page)
      await keepScreenshot(page, "viewer-800")
      await press("ArrowRight")
      await eventually(placeOf(page), shows(/^x −30, y 10, z 15 mm/), "a step to the right")
      await press("PageUp")
      await press("Shift+PageDown")
      await eventually(placeOf(page), shows(/^x −30, y 5, z 20 mm/), "a step up and one back")
      const told = () => page.locator("#announced").textContent()
      await eventually(told, shows(/^x −30, y 5, z 20 mm.*Sides: Left/), "what a screen reader is told")
      await press("o")
      await eventually(seen(page, isWhite), (count) => count < 20, "no outline")
      await press("2")
      await eventually(placeOf(page), shows(/pfdr = 0\.001/), "the other statistic")
      assert.match((await title())!, /: pfdr$/)
      await press("ArrowDown")
      await eventually(title, shows(/onerror/), "the next lesion")
      await press("?")
      assert.isTrue(await page.getByRole("dialog", { name: "Keyboard" }).isVisible())
      await assertUsable(page)
      await press("ArrowUp")
      await press("Escape")
      assert.isFalse(await page.getByRole("dialog").isVisible())
      assert.match((await title())!, /onerror/, "keys do nothing behind the help")
      await press("/")
      await page.keyboard.type("sub-01")
      assert.strictEqual(await page.locator("#count").textContent(), "1 of 2")
    }
    await withViewer(browser, use, { width: 800, colorScheme: "dark" })
  })
  it("shows no map, and says why, where the file of one has changed since the run; the next is shown again", async () => {
    const problem = "sub-img: its content has changed"
    const changed = Effect.fail(new ResourceUnavailable({ problem }))
    const resources: ViewerResources = new Map([["/maps/1-0.nii.gz", { type: "text/plain", read: changed }]])
    await whileServed(resources, async ({ address }) => {
      const watched = await watchPage(browser, address, async (page) => {
        await waitForMap(page)
        await page.locator("#entries button").nth(1).click()
        const told = () => page.locator("#problem").textContent()
        await eventually(told, (text) => text === problem, "the reason")
        assert.deepStrictEqual(
          [await seen(page, isWarm)(), await seen(page, isWhite)(), await placeOf(page)()],
          [0, 0, ""]
        )
        await page.locator("#entries button").nth(0).click()
        await waitForMap(page)
        assert.deepStrictEqual([(await seen(page, isWarm)()) > 0, await told()], [true, ""])
      })
      assert.match(watched.errors.join(), /^console: Failed to load resource: [^,]+404[^,]+\/maps\/1-0\.nii\.gz$/)
    })
  })
})
