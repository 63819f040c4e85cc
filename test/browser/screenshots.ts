/** Screenshots that a person can look at afterwards: in the folder that LNM_SCREENSHOTS names, else in the temporary one. */
import { mkdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Page } from "playwright-core"

export const screenshotFolder = process.env.LNM_SCREENSHOTS || join(tmpdir(), "lnm-screenshots")

/** Keeps what the window shows, or the whole page, as NAME.png; gives the file. */
export const keepScreenshot = async (page: Page, name: string, whole = false): Promise<string> => {
  mkdirSync(screenshotFolder, { recursive: true })
  const file = join(screenshotFolder, `${name}.png`)
  await page.screenshot({ path: file, fullPage: whole })
  return file
}
