/** How far parts are is told from the files of the folder alone. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { statusOf } from "../../src/cluster/runStatus.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const output = scratchFolder()
const file = (...path: ReadonlyArray<string>) => join(output, ".lnm", ...path)

it("says which parts are done, which failed and why, and which were not begun", async () => {
  mkdirSync(file("parts"), { recursive: true })
  mkdirSync(file("slurm"))
  const units = [1, 2, 3].map((part) => ({ part, subjects: { count: 10 * part } }))
  writeFileSync(file("parts", "cut.json"), JSON.stringify({ parts: 3, counts: "permutations", units }))
  const record = {
    ...{ part: 1, cut: "", of: "permutations", host: "node7", fused: true, started: "2026-01-01T00:00:00Z" },
    ...{ seconds: 3, subjects_taken_over: 0, peak_memory_bytes: 1, subjects: 10, files: [] }
  }
  writeFileSync(file("parts", "part-1.json"), JSON.stringify(record))
  writeFileSync(file("slurm", "parts-2.log"), "begins\none\ntwo\nerror: no space left on the disk\n")
  const { parts, counts, merged, merge } = await Effect.runPromise(statusOf(output, undefined))
  assert.deepStrictEqual(
    parts.map(({ state, host, because }) => ({ state, host, because })),
    [
      { state: "done", host: "node7", because: undefined },
      { state: "failed", host: undefined, because: "one\ntwo\nerror: no space left on the disk" },
      { state: "not begun", host: undefined, because: undefined }
    ]
  )
  assert.deepStrictEqual([counts, merged, merge], ["permutations", false, undefined])
})

it("asks for a folder of a run", async () => {
  const failed = await Effect.runPromise(Effect.flip(statusOf(join(output, "none"), undefined)))
  assert.include(failed.message, "there are neither parts nor results of a run")
})
