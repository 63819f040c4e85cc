/** Chromium for scripts that take pictures and tests of pages: `$LNM_CHROMIUM`, what is on the path, or what is at one of the usual places. */
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import { type Browser, chromium } from "playwright-core"

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]

const usualPlaces = [
  "/usr/lib/chromium/chromium",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium"
]

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The browser's program: what LNM_CHROMIUM names, else the first on the path, else at one of the usual places. */
export const findChromium = (environment: NodeJS.ProcessEnv = process.env): string | undefined => {
  if (environment.LNM_CHROMIUM) return environment.LNM_CHROMIUM
  const onPath = (environment.PATH ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  return [...onPath, ...usualPlaces].find(isProgram)
}

export const launchChromium = (): Promise<Browser> => {
  const executablePath = findChromium()
  if (executablePath === undefined)
    throw new Error("Chromium is missing: apt-get install chromium, or set LNM_CHROMIUM")
  // Chromium refuses its sandbox to root.
  const args = process.getuid?.() === 0 ? ["--no-sandbox", "--hide-scrollbars"] : ["--hide-scrollbars"]
  return chromium.launch({ executablePath, args })
}
