/** What the end of a run says, for a person and for the shell that the commands are copied into. */
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import type { MadeResults } from "../../pipelines/PipelineEntry.ts"
import { endOfRun } from "../../src/cli/endOfRun.ts"
import { nextCommands } from "../../src/cli/nextCommands.ts"
import type { Style } from "../../src/cli/style.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeFile } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

const marked = (mark: string) => (text: string) => `${mark}${text}${mark}`
const style: Style = { dim: marked("."), strong: marked("*"), warning: marked("!"), failure: marked("?") }

const warningsOf = (count: number): MadeResults["warnings"] =>
  Array.from({ length: count }, (_, n) => ({ file: `sub-${n}.nii`, found: "it is odd", taken: "It was taken" }))

const end = (made: Partial<MadeResults> = {}, more: ReadonlyArray<string> = []) =>
  endOfRun(
    {
      text: "made",
      json: {},
      made: { kind: "maps", folder: "/out", warnings: [], warningsIn: "/out/manifest.json", ...made }
    },
    style,
    more
  ).split("\n")

describe("the end of a run", () => {
  it("names the three most useful commands", () => {
    assert.deepStrictEqual(end({}, ["as locked"]), [
      ...["made", "as locked", "", "next:"],
      ...["  *lnm view /out*", "      shows the maps in the browser"],
      ...["  *lnm report /out*", "      makes the report"],
      ...["  *lnm verify /out*", "      checks every file against the manifest"]
    ])
  })

  it("opens the report where there is one, and quotes its path", () => {
    const folder = join(scratch, "with blank")
    const report = writeFile(join(folder, "report.html"), "")
    const commands = nextCommands({ kind: "maps", folder }).map(({ command }) => command)
    assert.deepStrictEqual(commands[0], `lnm view '${folder}'`)
    assert.match(commands[1]!, /^(xdg-)?open '/)
    assert.include(commands[1], `'${report}'`)
    assert.strictEqual(commands.length, 3)
  })

  it("counts the warnings, tells three of them, and says where the others are", () => {
    assert.deepStrictEqual(end({ warnings: warningsOf(5) }).slice(1, 7), [
      "",
      "!5 warnings!, in full in /out/manifest.json:",
      ...[0, 1, 2].map((n) => `  sub-${n}.nii: it is odd`),
      "  and 2 more there"
    ])
    assert.deepStrictEqual(end({ warnings: warningsOf(1) }).slice(1, 4), [
      "",
      "!1 warning!, in full in /out/manifest.json:",
      "  sub-0.nii: it is odd"
    ])
  })

  it("has no control character of a name", () => {
    const name = "a\u001b[2J\n<b>\r"
    const warnings = [{ file: name, found: name, taken: name }]
    for (const line of end({ folder: name, warningsIn: `${name}/manifest.json`, warnings })) {
      assert.notMatch(line, /\p{Cc}/u)
    }
  })

  it("of a store, says how it is checked; of a pipeline that says nothing, nothing more", () => {
    assert.deepStrictEqual(end({ kind: "store" }).slice(1, 4), ["", "next:", "  *lnm inspect --check /out*"])
    assert.strictEqual(endOfRun({ text: "made", json: {} }, style), "made")
  })
})
