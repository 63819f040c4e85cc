/**
 * `npm run docs:picture`: makes `docs/images/report.png`, the picture in the README, of the report of the demo, with Chromium. `$CHROMIUM` is where
 * that is, if it is not on the path.
 */
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { pathToFileURL } from "node:url"

const repository = path.join(import.meta.dirname, "..")
const picture = path.join(repository, "docs/images/report.png")

/** What a README's picture may weigh. */
const mostBytes = 200_000

/** Pixels of the window, the largest first: the first whose picture is small enough is kept. */
const sizes = [
  [1280, 900],
  [1120, 780],
  [960, 680],
  [800, 560]
] as const

const browsers = [process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"].filter(
  (name) => name !== undefined
)

const runs = (name: string): boolean => {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

const shoot = (browser: string, page: string, [width, height]: readonly [number, number], profile: string): number => {
  const options = [
    ...[
      "--headless",
      "--hide-scrollbars",
      "--disable-gpu",
      "--force-device-scale-factor=1",
      "--virtual-time-budget=5000"
    ],
    // Chromium has no sandbox for root.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ...[`--user-data-dir=${profile}`, `--window-size=${width},${height}`, `--screenshot=${picture}`]
  ]
  execFileSync(browser, [...options, pathToFileURL(page).href], { stdio: ["ignore", "ignore", "ignore"] })
  return statSync(picture).size
}

const browser = browsers.find(runs)
if (browser === undefined) throw new Error("there is no Chromium: install it (Debian: chromium), or set $CHROMIUM")
const folder = mkdtempSync(path.join(tmpdir(), "lnm-picture-"))
try {
  execFileSync(process.execPath, [path.join(repository, "bin/lnm.js"), "demo", folder, "--progress", "off"], {
    stdio: ["ignore", "ignore", "inherit"]
  })
  const report = path.join(folder, "maps/report.html")
  if (!existsSync(report)) throw new Error(`the demo has written no ${report}`)
  mkdirSync(path.dirname(picture), { recursive: true })
  const size = sizes.find((size) => shoot(browser, report, size, path.join(folder, "profile")) < mostBytes)
  if (size === undefined)
    throw new Error(`${picture} has more than ${mostBytes} bytes even at ${sizes.at(-1)?.join(" × ")}`)
  console.log(`${picture}: ${size.join(" × ")} pixels, ${statSync(picture).size} bytes`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
