/**
 * `npm run docs:picture`: makes `docs/images/report.png`, the picture in the README, of the report of the demo, in Chromium. `$LNM_CHROMIUM` is
 * its program, if it is not on the path.
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { pathToFileURL } from "node:url"
import type { Page } from "playwright-core"
import { launchChromium } from "./chromium.ts"

const repository = path.join(import.meta.dirname, "..")
const picture = path.join(repository, "docs/images/report.png")

/** The part of the report that is shown: a lesion in the Default network, which many readers know. */
const shown = "#lesion-3"

/** What a README's picture may weigh. */
const mostBytes = 200_000

/** Pixels of the window, the largest first: the first whose picture is small enough is kept. */
const sizes = [
  { width: 1280, height: 900 },
  { width: 1120, height: 780 },
  { width: 960, height: 680 },
  { width: 800, height: 560 }
]

/** Runs the demo into a folder; gives its report. */
const makeReport = (folder: string): string => {
  const demo = [path.join(repository, "bin/lnm.js"), "demo", folder, "--progress", "off"]
  execFileSync(process.execPath, demo, { stdio: ["ignore", "ignore", "inherit"] })
  return path.join(folder, "maps/report.html")
}

/** The first picture that is small enough. */
const takePicture = async (page: Page): Promise<string> => {
  for (const size of sizes) {
    await page.setViewportSize(size)
    await page.locator(shown).evaluate((section) => section.scrollIntoView({ behavior: "instant", block: "start" }))
    const bytes = await page.screenshot()
    if (bytes.length >= mostBytes) continue
    mkdirSync(path.dirname(picture), { recursive: true })
    writeFileSync(picture, bytes)
    return `${size.width} × ${size.height} pixels, ${bytes.length} bytes`
  }
  throw new Error(`no picture has less than ${mostBytes} bytes`)
}

const folder = mkdtempSync(path.join(tmpdir(), "lnm-picture-"))
try {
  const report = makeReport(folder)
  await using browser = await launchChromium()
  const page = await browser.newPage()
  await page.goto(pathToFileURL(report).href)
  console.log(`${picture}: ${await takePicture(page)}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
