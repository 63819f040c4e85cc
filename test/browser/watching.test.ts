/** What tests of pages rely on: that errors and requests are seen, that WebGL 2 draws, and that pixels are counted as they are. */

import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { findChromium } from "../../scripts/chromium.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { seriousViolations } from "./accessibility.ts"
import { describeInBrowser } from "./chromium.ts"
import { countPixels, isColoured, pixelsOf } from "./pixels.ts"
import { servePage } from "./servePage.ts"
import { isLocal, watchPage, withPage } from "./withPage.ts"

const scratch = scratchFolder()

const page = (body: string): string =>
  `<!doctype html><html lang="en"><head><title>page</title><link rel="icon" href="data:,"></head><body style="margin:0">${body}</body></html>`

/** Draws the left half of the canvas red, the right half grey, by WebGL 2. */
const drawing = `<canvas id="drawn" width="200" height="100"></canvas><script>
  const gl = document.getElementById("drawn").getContext("webgl2", { preserveDrawingBuffer: true })
  gl.enable(gl.SCISSOR_TEST)
  for (const [x, red, other] of [[0, 1, 0], [100, 0.5, 0.5]]) {
    gl.scissor(x, 0, 100, 100)
    gl.clearColor(red, other, other, 1)
    gl.clear(gl.COLOR_BUFFER_BIT)
  }
</script>`

describe("finding a browser", () => {
  it("takes what LNM_CHROMIUM names before anything else", () => {
    assert.strictEqual(findChromium({ LNM_CHROMIUM: "/some/browser", PATH: process.env.PATH }), "/some/browser")
  })
})

describe("what a page may ask for", () => {
  it("is itself, what it holds, and loopback; no other host and no other file", () => {
    const report = "file:///maps/report.html"
    for (const address of [report, `${report}#sub-01`, "data:,x", "blob:null/1", "http://127.0.0.1:8000/a"]) {
      assert.isTrue(isLocal(address, report), address)
    }
    for (const address of ["https://example.org/a.js", "file:///etc/passwd", "http://127.0.0.1.example.org/"]) {
      assert.isFalse(isLocal(address, report), address)
    }
    assert.isFalse(isLocal(report, "http://127.0.0.1:8000/"))
  })
})

describeInBrowser("a page in the browser", (browser) => {
  it("is seen to err on the console, by what it throws, and by requests beyond loopback", async () => {
    const bad = `<img src="https://example.invalid/x.png" alt=""><script>console.error("one"); throw new Error("two")</script>`
    await using served = await servePage(page(bad))
    const watched = await watchPage(browser, served.address, async (opened) => {
      await opened.waitForLoadState("networkidle")
    })
    assert.deepStrictEqual(watched.foreign, ["https://example.invalid/x.png"])
    assert.match(watched.errors.join("\n"), /^console: one /m)
    assert.include(watched.errors, "uncaught: two")
    const failed = await withPage(browser, served.address, async () => {}).then(
      () => false,
      () => true
    )
    assert.isTrue(failed, "a page that errs fails its test")
  })

  it("draws by WebGL 2, and its pixels are those that were drawn", async () => {
    const file = join(scratch, "drawing.html")
    writeFileSync(file, page(drawing))
    await withPage(browser, pathToFileURL(file).href, async (opened) => {
      const pixels = await pixelsOf(opened.locator("canvas"))
      assert.deepStrictEqual([pixels.width, pixels.height], [200, 100])
      assert.strictEqual(countPixels(pixels, isColoured), 100 * 100)
      assert.strictEqual(countPixels(pixels, isColoured, { left: 0.5 }), 0)
      assert.strictEqual(
        countPixels(pixels, (red, green, blue) => red === 255 && green === 0 && blue === 0, { right: 0.5 }),
        100 * 100
      )
    })
  })

  it("is held to what people need who do not see it: a picture without words is told", async () => {
    const picture = `<main><h1>Maps</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="></main>`
    await using served = await servePage(page(picture))
    await withPage(browser, served.address, async (opened) => {
      assert.match((await seriousViolations(opened)).join("\n"), /^image-alt: /)
    })
    await using repaired = await servePage(page(picture.replace("<img", "<img alt='the left hemisphere'")))
    await withPage(browser, repaired.address, async (opened) => {
      assert.deepStrictEqual(await seriousViolations(opened), [])
    })
  })
})
