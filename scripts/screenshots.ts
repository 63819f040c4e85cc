/**
 * Pictures of a whole report at two widths, for whoever reviews a change of it:
 *
 *     npm run docs:screenshots -- REPORT.html FOLDER
 */
import { mkdirSync } from "node:fs"
import path from "node:path"
import { pathToFileURL } from "node:url"
import { launchChromium } from "./chromium.ts"

const widths = [1280, 800]

/** By then the slices are decoded and drawn. */
const settledMillis = 2000

const [report, folder] = process.argv.slice(2)
if (report === undefined || folder === undefined)
  throw new Error("usage: node scripts/screenshots.ts REPORT.html FOLDER")
mkdirSync(folder, { recursive: true })
await using browser = await launchChromium()
for (const width of widths) {
  const page = await browser.newPage({ viewport: { width, height: 900 } })
  await page.goto(pathToFileURL(path.resolve(report)).href)
  // Slices are loaded when they come into view: in a window as high as the page they all are.
  const height = await page.locator("html").evaluate(({ scrollHeight }) => scrollHeight)
  await page.setViewportSize({ width, height })
  await page.waitForTimeout(settledMillis)
  const file = path.join(folder, `demo-report-${width}.png`)
  await page.screenshot({ path: file })
  console.log(file)
}
