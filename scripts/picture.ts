/**
 * `npm run docs:picture`: makes `docs/images/report.png`, the picture in the README, of the report of the demo, in Chromium. `$LNM_CHROMIUM` is
 * its program, if it is not on the path.
 */
import { execFileSync } from "node:child_process"
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { pathToFileURL } from "node:url"
import { chromium, type Page } from "playwright-core"

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

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const findChromium = (): string => {
  const folders = (process.env.PATH ?? "").split(path.delimiter)
  const onPath = folders.flatMap((folder) => names.map((name) => path.join(folder, name)))
  const found = process.env.LNM_CHROMIUM ?? onPath.find(isProgram)
  if (found === undefined) throw new Error("Chromium is missing: apt-get install chromium, or set LNM_CHROMIUM")
  return found
}

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
  // Chromium refuses its sandbox to root.
  const args = process.getuid?.() === 0 ? ["--no-sandbox", "--hide-scrollbars"] : ["--hide-scrollbars"]
  await using browser = await chromium.launch({ executablePath: findChromium(), args })
  const page = await browser.newPage()
  await page.goto(pathToFileURL(report).href)
  console.log(`${picture}: ${await takePicture(page)}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
