/**
 * Opens a page in a browser and watches it: what it writes to the console as an error, what it throws, and every request that it
 * makes. A page that errs, or asks for anything beyond loopback, fails its test.
 */
import { assert } from "@effect/vitest"
import type { Page } from "playwright-core"
import type { GetBrowser } from "./chromium.ts"

export interface PageOptions {
  /** Of the window, in CSS pixels. Default: 1280 × 900. */
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: "light" | "dark"
  readonly reducedMotion?: "reduce" | "no-preference"
}

/** What a page did while it was open. */
export interface Watched {
  /** Errors on the console, uncaught ones, and requests that failed. */
  readonly errors: ReadonlyArray<string>
  readonly requests: ReadonlyArray<string>
  /** Requests that leave this machine, or read another file of it. */
  readonly foreign: ReadonlyArray<string>
}

const loopback = ["127.0.0.1", "localhost", "[::1]"]

/** Whether a page may ask for an address: itself, data that it holds, or a server on loopback. */
export const isLocal = (address: string, page: string): boolean => {
  const { protocol, hostname, pathname } = new URL(address)
  if (protocol === "data:" || protocol === "blob:" || address === "about:blank") return true
  if (protocol === "file:") return new URL(page).protocol === "file:" && pathname === new URL(page).pathname
  return loopback.includes(hostname)
}

/** Opens the page, uses it, and tells what it did, without a judgement. */
export const watchPage = async (
  browser: GetBrowser,
  address: string,
  use: (page: Page) => Promise<void>,
  { width = 1280, height = 900, ...options }: PageOptions = {}
): Promise<Watched> => {
  const context = await browser().newContext({ viewport: { width, height }, ...options })
  const [errors, requests]: [Array<string>, Array<string>] = [[], []]
  try {
    const page = await context.newPage()
    context.on("request", (request) => requests.push(request.url()))
    context.on("requestfailed", (request) => {
      // A page that goes on to something else gives up what it was loading.
      if (request.failure()?.errorText !== "net::ERR_ABORTED") {
        errors.push(`${request.url()}: ${request.failure()?.errorText}`)
      }
    })
    context.on("console", (message) => {
      if (message.type() === "error") errors.push(`console: ${message.text()} ${message.location().url}`)
    })
    page.on("pageerror", (error) => errors.push(`uncaught: ${error.message}`))
    page.on("crash", () => errors.push("the page has crashed"))
    await page.goto(address)
    await use(page)
  } finally {
    await context.close()
  }
  return { errors, requests, foreign: requests.filter((request) => !isLocal(request, address)) }
}

/** Opens the page and uses it; fails where it erred, or asked for anything beyond loopback. */
export const withPage = async (
  browser: GetBrowser,
  address: string,
  use: (page: Page) => Promise<void>,
  options: PageOptions = {}
): Promise<Watched> => {
  const watched = await watchPage(browser, address, use, options)
  assert.deepStrictEqual(watched.errors, [], "errors of the page")
  assert.deepStrictEqual(watched.foreign, [], "requests beyond loopback")
  return watched
}
