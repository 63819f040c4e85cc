/** CITATION.cff and CHANGELOG.md say the version that the package has. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { parse } from "yaml"
import { repository } from "../support/runLnm.ts"

const text = (file: string): string => readFileSync(join(repository, file), "utf8")
const { name, version, license } = JSON.parse(text("package.json"))

describe("CITATION.cff", () => {
  it("has what its format needs, and the package's version and licence", () => {
    const citation = parse(text("CITATION.cff"))
    assert.strictEqual(citation["cff-version"], "1.2.0")
    assert.include(citation.title, name)
    assert.deepStrictEqual([citation.version, citation.license], [version, license])
    for (const key of ["message", "authors"]) assert.isNotEmpty(citation[key], key)
    assert.includeMembers(
      citation.references.map(({ doi }: { doi: string }) => doi),
      ["10.1093/brain/awv228", "10.1093/braincomms/fcab259"]
    )
  })
})

describe("CHANGELOG.md", () => {
  const headings = [...text("CHANGELOG.md").matchAll(/^## \[(.+?)\](?: - (.+))?$/gm)].map(([, title]) => title!)

  it("has what is unreleased first, or else the package's version", () => {
    assert.isTrue(headings[0] === "Unreleased" || headings[0] === version, headings[0])
  })

  it("groups changes as its form says", () => {
    const groups = [...text("CHANGELOG.md").matchAll(/^### (.+)$/gm)].map(([, title]) => title!)
    assert.isNotEmpty(groups)
    for (const group of groups) assert.match(group, /^(Added|Changed|Deprecated|Removed|Fixed|Security)$/)
  })
})
