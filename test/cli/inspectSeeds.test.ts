/** `lnm inspect` of a table of seeds. */
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeFile } from "../support/tinyStudy.ts"

const folder = scratchFolder()

describe("lnm inspect of a table of seeds", () => {
  it("tells how many there are, where, and how large", async () => {
    const rows = Array.from({ length: 10 }, (_, n) => `S${n},${n},-50,${2 * n},${4 + n}\n`)
    const file = writeFile(join(folder, "some_space-MNI152NLin6Asym.csv"), `name,x,y,z,radius\n${rows.join("")}`)
    const { stdout } = await lnmHereSucceeds(["inspect", file, "--json"])
    const { names, ...facts } = JSON.parse(stdout)
    assert.deepStrictEqual(facts, {
      kind: "table of seeds: spheres",
      path: file,
      seeds: 10,
      space: "MNI152NLin6Asym",
      x_mm: [0, 9],
      y_mm: [-50, -50],
      z_mm: [0, 18],
      radius_mm: [4, 13]
    })
    assert.deepStrictEqual(names.slice(-2), ["S7", "and 2 more"])
  })

  it("says what is wrong with one", async () => {
    const file = writeFile(join(folder, "points.tsv"), "name\tx\ty\tz\nA\t1,5\t2\t3\n")
    const { code, stderr } = await lnmHere(["inspect", file])
    assert.strictEqual(code, 2)
    assert.include(stderr, "line 2: x is 1,5: write a decimal point")
  })
})
