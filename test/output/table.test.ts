import { assert, describe, it } from "@effect/vitest"
import { formatTable } from "../../src/output/table.ts"

describe("formatTable", () => {
  it("gives every row as many cells as the header, whatever the texts are", () => {
    const table = formatTable(
      ["lesion", "a\tb"],
      [
        ["x\ty", 0.1],
        ["new\r\nline", undefined]
      ]
    )
    assert.strictEqual(table, "lesion\ta\\tb\nx\\ty\t0.1\nnew\\r\\nline\tn/a\n")
  })
})
