/** Whether people who use a page without a mouse or without seeing it can do so, as far as axe-core can tell. */
import axe from "axe-core"
import type { Page } from "playwright-core"

interface Violation {
  readonly id: string
  readonly impact: string | null
  readonly help: string
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary?: string }>
}

/** What axe-core counts as serious or critical (contrast, missing labels, order of headings …), one line each. */
export const seriousViolations = async (page: Page): Promise<ReadonlyArray<string>> => {
  // Not as an element of the page, whose security policy may refuse it.
  await page.evaluate(axe.source)
  const violations: ReadonlyArray<Violation> = await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'] }).then((results) => results.violations)"
  )
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`)
}
