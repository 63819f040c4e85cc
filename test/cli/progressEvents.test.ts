/** `--progress json`: every line on standard error is an event that the JSON Schema in the docs describes. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Event } from "../../src/runtime/progressEvents.ts"
import { lnmHereSucceeds } from "../support/lnmHere.ts"
import { lnm, repository } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { lesionName, type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

let study: TinyStudy

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 4 })
  writeFileSync(join(study.folder, "lesions", lesionName("002")), "no NIfTI")
})

/** Fails where a line is no event, or has a key that no event has. */
const eventsIn = (stderr: string): ReadonlyArray<Event> =>
  stderr
    .trimEnd()
    .split("\n")
    .map((line) => Schema.decodeUnknownSync(Event)(JSON.parse(line), { onExcessProperty: "error" }))

describe("--progress json", () => {
  it("has warnings, with their fields, and progress to the end; the end itself is one object on standard output", async () => {
    const { code, stdout, stderr } = await lnm([
      ...["run", study.config, "--progress", "json", "--json"],
      ...["--set", "lesions.on_bad=skip"]
    ])
    assert.strictEqual(code, 0)
    const events = eventsIn(stderr)
    const [warning] = events.filter((event) => event.kind === "warning")
    assert.include(warning!.file, lesionName("002"))
    assert.include(warning!.taken, "The lesion was left out")
    const last = events.filter((event) => event.kind === "progress").at(-1)!
    assert.deepStrictEqual([last.subjects_done, last.subjects, last.lesions_done, last.lesions], [4, 4, 3, 3])
    const end = JSON.parse(stdout)
    assert.deepStrictEqual([end.output, end.lesions, end.subjects, end.warnings], [study.output, 3, 4, 1])
  })

  it("has an error with its exit code as the last event", async () => {
    const { code, stderr } = await lnm(["run", study.config, "--progress", "json", "--output", join(scratch, "none")])
    assert.strictEqual(code, 2)
    const events = eventsIn(stderr)
    const last = events.at(-1)!
    assert.isTrue(last.kind === "error" && last.exit_code === 2 && last.message.includes(lesionName("002")))
  })

  it("is described by docs/progress.schema.json, which is what `lnm schema --progress` prints", async () => {
    const { stdout } = await lnmHereSucceeds(["schema", "--progress"])
    assert.strictEqual(readFileSync(join(repository, "docs/progress.schema.json"), "utf8"), stdout)
  })
})
