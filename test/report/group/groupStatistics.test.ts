import { assert, describe, it } from "@effect/vitest"
import { groupStatistics } from "../../../src/report/group/groupStatistics.ts"
import { contrastRows } from "../../../src/stages/group/contrastRows.ts"

describe("the statistics of the report and the viewer", () => {
  it.each(["equal", "unequal"] as const)(
    "are those that a contrast writes, with its backgrounds: variance %s",
    (variance) => {
      const rows = contrastRows({ variance, tfce: true, clusters: true })
      assert.isAbove(rows.length, 6)
      for (const { name, background } of rows) {
        assert.strictEqual(groupStatistics.find((known) => known.name === name)?.background, background, name)
      }
    }
  )
})
