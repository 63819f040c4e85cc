/** Chromium for scripts that take pictures: `$LNM_CHROMIUM`, or what is on the path. */
import { accessSync, constants } from "node:fs"
import path from "node:path"
import { type Browser, chromium } from "playwright-core"

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

export const launchChromium = (): Promise<Browser> => {
  // Chromium refuses its sandbox to root.
  const args = process.getuid?.() === 0 ? ["--no-sandbox", "--hide-scrollbars"] : ["--hide-scrollbars"]
  return chromium.launch({ executablePath: findChromium(), args })
}
