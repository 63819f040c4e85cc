/**
 * Debian's Chromium for tests of pages: where it is, and how it is started. Where it is missing, tests are skipped with the reason;
 * under CI they fail, as that must not go unnoticed.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { type Browser, chromium } from "playwright-core"
import { findChromium } from "../../scripts/chromium.ts"

const launchArguments = [
  // Chromium refuses its sandbox to root, as which CI runs.
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  // WebGL 2 by the processor: no graphics card is needed, and pixels are the same everywhere.
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  // No name but loopback's is ever looked up, whatever a page asks for.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
  "--force-color-profile=srgb",
  "--hide-scrollbars"
]

export const launchChromium = (program: string): Promise<Browser> =>
  chromium.launch({ executablePath: program, args: launchArguments })

/** A browser that is there once the tests of its group run. */
export type GetBrowser = () => Browser

/** A group of tests with one browser for all of them. */
export const describeInBrowser = (title: string, tests: (browser: GetBrowser) => void): void => {
  const program = findChromium()
  const { CI = "" } = process.env
  const isRequired = !["", "0", "false"].includes(CI)
  const reason = "Chromium is missing: apt-get install chromium, or set LNM_CHROMIUM to its program"
  if (program === undefined) console.warn(`${title}: skipped. ${reason}`)
  if (program === undefined && isRequired) {
    describe(title, () => {
      it("finds a browser", () => assert.fail(`under CI tests of pages may not be skipped. ${reason}`))
    })
    return
  }
  describe.skipIf(program === undefined)(title, () => {
    let browser: Browser | undefined
    beforeAll(async () => {
      browser = await launchChromium(program!)
    })
    afterAll(() => browser?.close())
    tests(() => browser!)
  })
}
