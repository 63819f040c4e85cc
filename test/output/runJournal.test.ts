import { assert, describe, it } from "@effect/vitest"
import type { LesionRecord } from "../../src/output/LesionRecord.ts"
import { type JournalStart, journalLine, parseJournal } from "../../src/output/runJournal.ts"

const recordOf = (name: string): LesionRecord => ({
  name: `${name}_mask.nii.gz`,
  maps: `${name}/${name}_desc-boes`,
  file: { path: `/lesions/${name}_mask.nii.gz`, bytes: 12, sha256: "ab" },
  fingerprint: "cd",
  summary: { lesion: name, t_max: 31.41592653589793, t_threshold_voxels: null, "1": "a\tb" },
  files: [{ path: `${name}/${name}_desc-boes_stat-r_statmap.nii.gz`, bytes: 5, sha256: "ef" }]
})

const start: JournalStart = {
  format_version: 1,
  maps: {
    study: { decides: { method: { name: "boes" } }, content: ["00"], names: ["a.h5"] },
    options: { "output.grid": "connectome" },
    made: { "statistic r": true }
  },
  begun: [{ maps: "sub-2/sub-2_desc-boes", files: ["sub-2/sub-2_desc-boes_stat-r_statmap.nii.gz"] }],
  others: ["README"],
  warnings: [{ file: "/a.h5", found: "it has\na line of its own", taken: "Nothing" }]
}

const records = ["sub-1", "sub-2", "sub-3"].map(recordOf)
const tables = [{ path: "space-X_desc-degree_stat-r_statmap.nii.gz", bytes: 7, sha256: "01" }]
const text = [start, { tables }, ...records].map(journalLine).join("")

describe("the journal of a run", () => {
  it("comes back as it was written", () => {
    assert.deepStrictEqual(parseJournal(text), { start, tables, finished: records })
  })

  it("has a line that was torn anywhere as if it were not there", () => {
    const whole = text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1)
    for (let end = whole.length; end < text.length - 1; end++) {
      assert.deepStrictEqual(parseJournal(text.slice(0, end))?.finished, records.slice(0, 2), `torn at ${end}`)
    }
  })

  it("does not believe a line that was changed, and is none without its first line", () => {
    const changed = text.replace('"bytes":12', '"bytes":13')
    assert.deepStrictEqual(parseJournal(changed)?.finished, records.slice(1))
    assert.isUndefined(parseJournal(text.replace("README", "readme")))
    for (const none of ["", "\n", "{}", text.slice(1), records.map(journalLine).join("")]) {
      assert.isUndefined(parseJournal(none))
    }
  })
})
