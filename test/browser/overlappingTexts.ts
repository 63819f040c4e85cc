/** Texts of a page that lie over one another, or reach out of the window without a frame that scrolls: told as one line each. */
import type { Page } from "playwright-core"

/** Runs in the page. Each text is compared with those that follow soon, which are near it. */
const script = `(() => {
  // Parts that are not laid out yet have no places.
  for (const element of document.querySelectorAll(".lesion, .overview li")) element.style.contentVisibility = "visible"
  const seen = [...document.querySelectorAll("h1, h2, h3, h4, h5, p, figcaption, dt, dd, th, td, svg text, label")]
    .filter((element) => element.closest(".unseen, [hidden], nav, details") === null)
    .map((element) => ({ element, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 1 && box.height > 1)
  const found = []
  seen.forEach((one, n) => {
    const framed = one.element.closest(".table-frame") !== null
    if (!framed && (one.box.left < -1 || one.box.right > innerWidth + 1)) found.push("cut: " + one.element.textContent)
    for (const other of seen.slice(n + 1, n + 40)) {
      if (one.element.contains(other.element) || other.element.contains(one.element)) continue
      const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left)
      const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top)
      if (across > 2 && down > 3) found.push(one.element.textContent + " over " + other.element.textContent)
    }
  })
  return { width: document.documentElement.scrollWidth, texts: seen.length, found }
})()`

export interface TextPlaces {
  /** Of the page, which is wider than the window where something is cut. */
  readonly width: number
  readonly texts: number
  readonly found: ReadonlyArray<string>
}

export const textPlaces = (page: Page): Promise<TextPlaces> => page.evaluate<TextPlaces>(script)
