/** Tables of parcels: what a run writes, and that they agree with the maps beside them. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import { filesIn } from "../support/folderContent.ts"
import { lnmHere } from "../support/lnmHere.ts"
import { readMap } from "../support/readMap.ts"
import { lnmSucceeds } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { tinyBrain, tinySpace, voxelAt } from "../support/tinyConnectome.ts"
import { lesionName, type TinyStudy, writeConfig, writeFile, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
const size = voxelsOf(tinyBrain.grid)

/** Labels 1 to 8, an octant each. */
const octants = Uint8Array.from({ length: size }, (_, element) =>
  voxelAt(tinyBrain.grid, element).reduce(
    (n, index, axis) => n + (2 * index < tinyBrain.grid.shape[axis]! ? 0 : 2 ** axis),
    1
  )
)

const ramp = Float32Array.from({ length: 2 * size }, (_, n) => (n < size ? (n % 12) / 11 : 1 - (n % 12) / 11))

let study: TinyStudy
let output: string

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 5 })
  writeFile(join(study.folder, "atlas/octants.nii"), encodeNifti({ grid: tinyBrain.grid, values: octants }))
  writeFile(
    join(study.folder, "atlas/octants.txt"),
    [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `${n} octant${n} 0 0 0 0\n`).join("")
  )
  writeFile(join(study.folder, "atlas/ramp.nii"), encodeNifti({ grid: tinyBrain.grid, values: ramp, timePoints: 2 }))
  const config = writeConfig(join(study.folder, "parcels.yaml"), {
    pipeline: "functional-network-mapping",
    ...study.keys,
    statistics: { maps: ["r", "t"] },
    parcellations: [
      { name: "Octants", path: "atlas/octants.nii", labels: "atlas/octants.txt" },
      { name: "Ramp", path: "atlas/ramp.nii" }
    ]
  })
  await lnmSucceeds(["run", config, "--set", "lesions.batch_size=3"])
  output = join(study.folder, "maps")
})

const table = (file: string): ReadonlyArray<ReadonlyArray<string>> =>
  readFileSync(join(output, file), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"))

const stem = (n: number) => `sub-00${n}/sub-00${n}_space-${tinySpace}_label-lesion_desc-boes`

describe("parcellations of a run", () => {
  it("write a long table a lesion, four wide ones a parcellation, each with a sidecar", () => {
    const found = filesIn(output).filter((file) => file.includes("_parcels."))
    const wide = ["Octants", "Ramp"].flatMap((name) =>
      ["lesionload", "r", "t", "z"].map((statistic) => `seg-${name}_desc-boes_stat-${statistic}_parcels`)
    )
    const stems = [...wide, ...[1, 2, 3, 4].map((n) => `${stem(n)}_parcels`)]
    assert.deepStrictEqual(found, stems.flatMap((name) => [`${name}.json`, `${name}.tsv`]).sort())
  })

  it("hold the means of the maps that were written, and of z that was not", () => {
    for (const n of [1, 4]) {
      const [header, ...rows] = table(`${stem(n)}_parcels.tsv`)
      assert.deepStrictEqual(header, ["parcellation", "index", "name", "voxels", "r", "z", "t", "lesionload"])
      assert.strictEqual(rows.length, 10)
      for (const statistic of ["r", "t"]) {
        const { values } = readMap(join(output, `${stem(n)}_stat-${statistic}_statmap.nii.gz`))
        for (const row of rows) {
          const weight = (element: number) =>
            row[0] === "Octants"
              ? Number(octants[element] === Number(row[1]))
              : ramp[(Number(row[1]) - 1) * size + element]!
          const total = tinyBrain.gridIndex.reduce((sum, element) => sum + weight(element), 0)
          const sum = tinyBrain.gridIndex.reduce((sum, element) => sum + weight(element) * values[element]!, 0)
          // Written with seven digits, from maps that are float32.
          const found = Number(row[header!.indexOf(statistic)])
          assert.closeTo(found, sum / total, 1e-6 * Math.max(1, Math.abs(found)))
        }
      }
      assert.isTrue(rows.every((row) => Number(row[5]) > -8 && Number(row[5]) < 8))
    }
  })

  it("say which share of each parcel is lesioned", () => {
    const [, ...rows] = table(`${stem(1)}_parcels.tsv`)
    const loads = rows.filter(([name]) => name === "Octants").map((row) => Number(row[7]) * Number(row[3]))
    // The ball of radius 1 around (3, 4, 4) has 7 voxels, all in the first octant.
    assert.closeTo(loads[0]!, 7, 1e-4)
    assert.deepStrictEqual(loads.slice(1), [0, 0, 0, 0, 0, 0, 0])
  })

  it("have the same numbers in the wide tables, a row a lesion in the order of the summary", () => {
    const lesions = table("summary.tsv").slice(1)
    for (const statistic of ["r", "z", "t", "lesionload"]) {
      const [header, ...rows] = table(`seg-Octants_desc-boes_stat-${statistic}_parcels.tsv`)
      assert.deepStrictEqual(header, ["lesion", ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `octant${n}`)])
      assert.deepStrictEqual(
        rows.map(([lesion]) => lesion),
        lesions.map(([lesion]) => lesion)
      )
      for (const [n, row] of rows.entries()) {
        assert.strictEqual(row[0], lesionName(`00${n + 1}`))
        const [longHeader, ...long] = table(`${stem(n + 1)}_parcels.tsv`)
        assert.deepStrictEqual(
          row.slice(1),
          long.slice(0, 8).map((cells) => cells[longHeader!.indexOf(statistic)])
        )
      }
    }
  })

  it("are described by their sidecars, and their atlases are inputs of the manifest", () => {
    const json = (file: string) => JSON.parse(readFileSync(join(output, file), "utf8"))
    const sidecar = json(`${stem(1)}_parcels.json`)
    for (const column of ["parcellation", "index", "name", "voxels", "r", "z", "t", "lesionload"]) {
      assert.isString(sidecar[column].Description, column)
    }
    assert.deepStrictEqual(sidecar.Parcellations[0], {
      Name: "Octants",
      Atlas: join(study.folder, "atlas/octants.nii"),
      Labels: join(study.folder, "atlas/octants.txt"),
      Interpolation: "nearest"
    })
    assert.strictEqual(sidecar.Method, "boes")
    const inputs: ReadonlyArray<{ readonly path: string }> = json("manifest.json").inputs
    for (const file of ["octants.nii", "octants.txt", "ramp.nii"]) {
      assert.isTrue(
        inputs.some(({ path }) => path === join(study.folder, "atlas", file)),
        file
      )
    }
  })

  it("are refused before anything is computed where two have one name, or an atlas is missing", async () => {
    const one = "{name: A, path: atlas/octants.nii}"
    const twice = await lnmHere(["run", study.config, "--set", `parcellations=[${one}, ${one}]`])
    assert.deepStrictEqual([twice.code, /parcellations: .*different names/.test(twice.stderr)], [2, true], twice.stderr)
    const name = await lnmHere(["run", study.config, "--set", "parcellations=[{name: a_b, path: atlas/octants.nii}]"])
    assert.deepStrictEqual([name.code, /parcellations\.0\.name/.test(name.stderr)], [2, true], name.stderr)
    writeFile(join(study.folder, "atlas/seven.txt"), "A\nB\nC\nD\nE\nF\nG\n")
    const labels = "parcellations=[{name: A, path: atlas/octants.nii, labels: atlas/seven.txt}]"
    for (const command of ["run", "plan"]) {
      const short = await lnmHere([command, study.config, "--set", labels])
      const words = /seven\.txt: it is a list of 7 names, and .*octants\.nii has 8 labels \(1 to 8\)/
      assert.deepStrictEqual([short.code, words.test(short.stderr)], [2, true], short.stderr)
    }
    const missing = await lnmHere(["run", study.config, "--set", "parcellations=[{name: A, path: atlas/none.nii}]"])
    assert.deepStrictEqual([missing.code, /none\.nii: no such file/.test(missing.stderr)], [2, true], missing.stderr)
  })
})
