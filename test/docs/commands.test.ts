/** Commands in the documentation exist, with the options that are given to them; configs in it are configs. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parse } from "yaml"
import { loadAnyConfig } from "../../pipelines/registry.ts"
import { lnmHere } from "../support/lnmHere.ts"
import { repository } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeFile } from "../support/tinyStudy.ts"
import { blocksOf, codeLinesOf, pages } from "./pages.ts"

const scratch = scratchFolder()
const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"))

/** `lnm SUBCOMMAND ARGUMENTS` of a line, without comments and what follows the command. */
const lnmCallsIn = (line: string): ReadonlyArray<ReadonlyArray<string>> =>
  [...line.matchAll(/(?:^|&& |; |\| )(?:lnm|node \S*bin\/lnm\.js) +([^#|;&]*)/g)].map(([, words]) =>
    words!.trim().split(/\s+/)
  )

/** The same in the text: `lnm plan CONFIG`. */
const inlineIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/`(lnm [a-z][^`\n]*)`/g)].map(([, code]) => code!)

const calls = pages.flatMap((page) =>
  [...codeLinesOf(page), ...inlineIn(page.text)].flatMap((line) =>
    lnmCallsIn(line).map((words) => ({ file: page.file, words }))
  )
)

describe("commands in the documentation", () => {
  const flagsOf = new Map<string, ReadonlySet<string>>()

  beforeAll(async () => {
    for (const name of new Set(calls.map(({ words }) => words[0]!))) {
      const { code, stdout } = await lnmHere([name, "--help"])
      if (code === 0) flagsOf.set(name, new Set(stdout.match(/--[a-z-]+/g)))
    }
  })

  it("are subcommands of lnm, with flags that these have", () => {
    assert.isAbove(calls.length, 60)
    const wrong = calls.flatMap(({ file, words: [name, ...rest] }) => {
      const flags = flagsOf.get(name!)
      if (flags === undefined) return [`${file}: there is no lnm ${name}`]
      const given = rest.map((word) => /^\[?(--[a-z-]+)/.exec(word)?.[1]).filter((flag) => flag !== undefined)
      return given.filter((flag) => !flags.has(flag)).map((flag) => `${file}: lnm ${name} has no ${flag}`)
    })
    assert.deepStrictEqual(wrong, [])
  })

  it("name npm scripts that are there", () => {
    const named = pages.flatMap(({ file, text }) =>
      [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => ({ file, script: script! }))
    )
    assert.isAbove(named.length, 5)
    assert.deepStrictEqual(
      named.filter(({ script }) => !(script in scripts)),
      []
    )
  })

  it("hold the README's two", () => {
    const readme = readFileSync(join(repository, "README.md"), "utf8")
    assert.include(readme, "\n    npm ci && npm run demo\n")
    assert.include(readme, "\n    npm ci && npm test\n")
  })
})

describe("configs in the documentation", () => {
  const configs = pages.flatMap((page) =>
    blocksOf(page).flatMap(({ language, code }) =>
      language === "yaml" && parse(code)?.pipeline !== undefined ? [{ file: page.file, code }] : []
    )
  )

  it("are there", () => assert.isAtLeast(configs.length, 5))

  for (const [position, { file, code }] of configs.entries()) {
    it.effect(`are decoded without a complaint: ${file}, ${position + 1}`, () =>
      Effect.map(loadAnyConfig(writeFile(join(scratch, `${position}.yaml`), code)), ({ definition }) =>
        assert.include(code, `pipeline: ${definition.name}`)
      )
    )
  }
})
