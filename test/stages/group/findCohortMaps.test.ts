import { appendFileSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { checkRecorded } from "../../../src/stages/group/checkRecorded.ts"
import { findCohortMaps } from "../../../src/stages/group/findCohortMaps.ts"
import { collectWarnings } from "../../support/collectWarnings.ts"
import { type MappedFolder, writeMappedFolder } from "../../support/mappedFolder.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"

const folder = scratchFolder()
const grid = { shape: [4, 4, 4], affine: [4, 0, 0, -6, 0, 4, 0, -6, 0, 0, 4, -6, 0, 0, 0, 1] } as const

const mapped = (name: string, options: Partial<MappedFolder> & { readonly patients: MappedFolder["patients"] }) => {
  const here = join(folder, name)
  writeMappedFolder(here, { grid, lesionGrid: grid, ...options })
  return here
}

const patient = (label: string, lesion = [1, 2]) => ({ patient: label, z: new Float32Array(64).fill(0.3), lesion })

let tables = 0
const table = (text: string, extension = "tsv") => {
  const file = join(folder, `maps-${tables++}.${extension}`)
  writeFileSync(file, text)
  return file
}

const rowsOf = (text: string, extension?: string) =>
  Effect.map(findCohortMaps([table(text, extension)]), ({ maps }) => maps)

const refusal = (locations: ReadonlyArray<string>) =>
  Effect.map(Effect.flip(findCohortMaps(locations)), (error) => error.message)

describe("findCohortMaps in tables", () => {
  it.effect("takes t maps and lesions where a row has them, of text between tabs or commas", () =>
    Effect.gen(function* () {
      const expected = [
        {
          patient: "1",
          file: join(folder, "a_stat-z_x.nii"),
          statistic: "z" as const,
          t: join(folder, "a, t.nii"),
          lesion: { file: join(folder, "l/1.nii"), flipped: false }
        },
        { patient: "2", file: "/m/b.nii", statistic: "r" as const, t: undefined, lesion: undefined }
      ]
      const cells = [
        ["participant_id", "lesion", "map", "t_map", "statistic"],
        ["sub-1", "l/1.nii", "a_stat-z_x.nii", '"a, t.nii"', "n/a"],
        ["2", "n/a", "/m/b.nii", "", "r"]
      ]
      assert.deepStrictEqual(yield* rowsOf(cells.map((row) => row.join("\t")).join("\r\n")), expected)
      assert.deepStrictEqual(yield* rowsOf(cells.map((row) => row.join(",")).join("\n"), "csv"), expected)
    })
  )

  it.effect("names the column or the row of what cannot be used", () =>
    Effect.gen(function* () {
      const refused = (text: string) => refusal([table(text)])
      assert.include(
        yield* refused("participant\tmap\n1\ta\n"),
        "it has no column participant_id, but participant, map"
      )
      assert.include(yield* refused("participant_id\tmap\tmap\n1\ta\tb\n"), "it has two columns map")
      assert.include(yield* refused("participant_id\tmap\n"), "it has no row")
      assert.include(yield* refused("participant_id\tmap\tlesion\n1\ta_stat-z_x.nii\n"), "row 1 has 2 cells for 3")
      assert.include(yield* refused("participant_id\tmap\n1\tn/a\n"), "row 1 has no participant or no map")
      assert.include(yield* refused("participant_id\tmap\n1\ta.nii\n"), "row 1 (a.nii): it is not said whether")
      assert.include(yield* refused("participant_id\tmap\n1\ta_stat-t_x.nii\n"), "whether the map holds Fisher z or r")
      assert.include(yield* refusal([join(folder, "nowhere")]), "it cannot be read")
    })
  )

  it.effect("refuses a map that is given twice, also by another name of the same file", () =>
    Effect.gen(function* () {
      writeFileSync(join(folder, "m_stat-z_a.nii"), "a")
      symlinkSync(join(folder, "m_stat-z_a.nii"), join(folder, "m_stat-z_b.nii"))
      const text = "participant_id\tmap\n1\tm_stat-z_a.nii\n2\tm_stat-z_b.nii\n"
      assert.include(yield* refusal([table(text)]), "m_stat-z_b.nii: this map is given twice")
    })
  )
})

describe("findCohortMaps in output folders", () => {
  it.effect("takes z and t maps, the lesion with the run's rules, and the degree", () =>
    Effect.gen(function* () {
      const here = mapped("plain", { patients: [patient("7")], degree: 0.1 })
      const { maps, folders, tables } = yield* findCohortMaps([here])
      const [{ file, t, statistic, lesion, ...map }] = maps as [(typeof maps)[0]]
      const stem = join(here, "sub-7/sub-7_space-MNI152NLin6Asym_label-lesion_desc-boes")
      assert.deepStrictEqual(
        [file, t, statistic],
        [`${stem}_stat-z_statmap.nii.gz`, `${stem}_stat-t_statmap.nii.gz`, "z"]
      )
      assert.strictEqual(map.patient, "7")
      assert.deepStrictEqual(lesion?.values, { weights: "binary", threshold: null, values: 2 })
      assert.deepStrictEqual([lesion?.flipped, lesion?.recorded?.voxels], [false, 2])
      assert.strictEqual(folders[0]?.degree?.path, "space-MNI152NLin6Asym_desc-degree_stat-r_statmap.nii.gz")
      assert.deepStrictEqual(tables, [join(here, "manifest.json")])
    })
  )

  it.effect("refuses maps of one lesion from two folders, and warns of folders of two connectomes", () =>
    Effect.gen(function* () {
      const one = mapped("one", { patients: [patient("1")] })
      const other = mapped("other", { patients: [patient("1")], connectome: "b" })
      assert.include(yield* refusal([one, other]), "it is of the same lesion")
      const third = mapped("third", { patients: [patient("2")], connectome: "b" })
      const { warnings } = yield* collectWarnings(findCohortMaps([one, third]))
      assert.deepStrictEqual(
        warnings.map(({ found }) => found),
        [`its maps were made otherwise than those of ${one}: connectome file c.h5 has changed`]
      )
    })
  )

  it.effect("holds maps, and t maps where they are read, against the manifest", () =>
    Effect.gen(function* () {
      const here = mapped("changed", { patients: [patient("1"), patient("2"), patient("3")] })
      const { maps } = yield* findCohortMaps([here])
      yield* checkRecorded(maps, { t: true })
      appendFileSync(maps[0]!.t!, "x")
      yield* checkRecorded(maps, { t: false })
      const bytes = readFileSync(maps[1]!.file)
      bytes[400]! ^= 1
      writeFileSync(maps[1]!.file, bytes)
      unlinkSync(maps[2]!.file)
      const { message } = yield* Effect.flip(checkRecorded(maps, { t: true }))
      assert.match(message, /sub-1\/.*_stat-t_statmap.nii.gz: 609 bytes instead of 608/)
      assert.match(message, /sub-2\/.*_stat-z_statmap.nii.gz: its content has changed/)
      assert.match(message, /sub-3\/.*_stat-z_statmap.nii.gz: missing/)
    })
  )

  it.effect("refuses a folder without a manifest, and one without maps of lesions", () =>
    Effect.gen(function* () {
      assert.include(yield* refusal([folder]), "there is no manifest.json")
      const here = mapped("none", { patients: [], degree: 0.1 })
      assert.include(yield* refusal([here]), "its manifest lists no maps of lesions")
    })
  )
})
