/** Links within the documentation lead somewhere, and the index has every page. */
import { existsSync, readFileSync, statSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { repository } from "../support/runLnm.ts"
import { anchorsOf, linksOf, type Page, pageOf, pages } from "./pages.ts"

const isLocal = (target: string): boolean => !/^[a-z]+:/i.test(target)

/** What is wrong with a link of a page; undefined if it leads somewhere. */
const problemOf = (page: Page, target: string): string | undefined => {
  const [place = "", anchor] = target.split("#")
  const file = place === "" ? page.file : normalize(join(dirname(page.file), place))
  if (file.startsWith("..") || !existsSync(join(repository, file))) return "there is no such file"
  if (anchor === undefined) return undefined
  const linked = pages.find((other) => other.file === file)
  if (linked === undefined) return "an anchor of a file that is no page"
  return anchorsOf(linked).has(anchor) ? undefined : "there is no such heading"
}

describe("links of the documentation", () => {
  for (const page of pages) {
    it(`lead to files and headings: ${page.file}`, () => {
      const problems = linksOf(page)
        .filter(isLocal)
        .flatMap((target) => {
          const problem = problemOf(page, target)
          return problem === undefined ? [] : [`${target}: ${problem}`]
        })
      assert.deepStrictEqual(problems, [])
    })
  }

  it("are seen, also those with anchors and images", () => {
    const all = pages.flatMap(linksOf)
    assert.isAbove(all.filter(isLocal).length, 60)
    assert.isAbove(all.filter((target) => target.includes("#")).length, 4)
    assert.include(linksOf(pageOf("README.md")), "docs/images/report.png")
    const page = pageOf("README.md")
    assert.strictEqual(problemOf(page, "docs/nothing.md"), "there is no such file")
    assert.strictEqual(problemOf(page, "docs/method.md#nothing"), "there is no such heading")
    assert.isUndefined(problemOf(page, "docs/method.md#what-differs-from-other-tools"))
  })
})

describe("the index", () => {
  it("has every page", () => {
    const listed = new Set(linksOf(pageOf("docs/README.md")))
    const inDocs = pages.flatMap(({ file }) => (file.startsWith("docs/") ? [file.slice("docs/".length)] : []))
    assert.deepStrictEqual(
      inDocs.filter((file) => file !== "README.md" && !listed.has(file)),
      []
    )
  })
})

describe("the picture of a report", () => {
  it("is a PNG below 200 kB", () => {
    const file = join(repository, "docs/images/report.png")
    assert.isBelow(statSync(file).size, 200_000)
    assert.strictEqual(readFileSync(file).subarray(1, 4).toString(), "PNG")
  })
})
