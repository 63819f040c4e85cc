/** Time series without variance or with NaN, as a user meets them: what is said, where it is kept, and what is refused. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { filesIn } from "../support/folderContent.ts"
import { lnm, lnmSucceeds } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { tinyBrain, voxelAt } from "../support/tinyConnectome.ts"
import { lesionCentres, lesionName, type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
const voxels = tinyBrain.gridIndex.length

/** Voxels of the ball around the first lesion's centre. */
const firstLesion = Array.from({ length: voxels }, (_, voxel) => voxel).filter((voxel) => {
  const place = voxelAt(tinyBrain.grid, tinyBrain.gridIndex[voxel]!)
  return Math.hypot(...place.map((index, axis) => index - lesionCentres[0]![axis]!)) <= 1
})

const setAll = (values: Float32Array, chosen: ReadonlyArray<number>, value: number): void => {
  for (const voxel of chosen) for (let i = voxel; i < values.length; i += voxels) values[i] = value
}

const run = (study: TinyStudy, ...sets: ReadonlyArray<string>) =>
  lnm(["run", study.config, "--progress", "off", ...sets.flatMap((set) => ["--set", set])])

const summaryOf = ({ output }: TinyStudy): ReadonlyArray<Readonly<Record<string, string>>> => {
  const [head, ...rows] = readFileSync(join(output, "summary.tsv"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"))
  return rows.map((row) => Object.fromEntries(head!.map((name, i) => [name, row[i]!])))
}

describe.concurrent("invalid time series", () => {
  it("of voxels are warned of once, with file, subjects and how many, and kept in the manifest", async () => {
    const study = await writeTinyStudy(join(scratch, "voxels"), {
      subjects: 6,
      files: 2,
      edit: (subject, values) => {
        if (subject === 1) setAll(values, [5, 6], 0)
        if (subject === 2) values[9 * voxels + 7] = Number.NaN
      }
    })
    const { stderr } = await lnmSucceeds(["run", study.config, "--progress", "off"])
    const file = join(study.folder, "connectome/part-1.h5")
    const found =
      "2 of its 3 subjects have voxels without variance, or with a NaN or infinity (3 time series; the most, 2, in subject part-1.h5[1])"
    assert.match(stderr, /^warning: [^\n]+\n$/)
    assert.include(stderr, `warning: ${file}: ${found}. In those subjects they count as r = 0`)
    const { warnings } = JSON.parse(readFileSync(join(study.output, "manifest.json"), "utf8"))
    assert.deepStrictEqual(
      warnings.map((warning: { readonly file: string; readonly found: string }) => [warning.file, warning.found]),
      [[file, found]]
    )
    assert.deepStrictEqual(
      summaryOf(study).map((row) => [row.invalid_voxels, row.invalid_seeds, row.warnings]),
      lesionCentres.map(() => ["3", "0", "n/a"])
    )
  })

  it("of a lesion's seed are warned of with the lesion and the subjects, in its row of the summary too", async () => {
    const study = await writeTinyStudy(join(scratch, "seed"), {
      subjects: 4,
      edit: (subject, values) => subject === 2 && setAll(values, firstLesion, subject)
    })
    const ended = await run(study)
    assert.strictEqual(ended.code, 0, ended.stderr)
    const said = "its seed has no valid time series in 1 of 4 subjects (part-1.h5[2])"
    assert.include(ended.stderr, `warning: ${join(study.folder, "lesions", lesionName("001"))}: ${said}. `)
    const [first, second] = summaryOf(study)
    assert.strictEqual(first!.invalid_seeds, "1")
    assert.include(first!.warnings, said)
    assert.deepStrictEqual([second!.invalid_seeds, second!.warnings], ["0", "n/a"])
  })

  it("of a subject that is empty stop the run before a map is written, for both methods and any batches", async () => {
    const study = await writeTinyStudy(join(scratch, "empty"), {
      subjects: 5,
      edit: (subject, values) => subject === 3 && values.fill(0)
    })
    for (const sets of [[], ["method=pini"], ["lesions.batch_size=1"], ["method=pini", "lesions.batch_size=1"]]) {
      const ended = await run(study, ...sets)
      assert.strictEqual(ended.code, 1, ended.stderr)
      const file = join(study.folder, "connectome/part-1.h5")
      assert.include(ended.stderr, `error: ${file}: subject part-1.h5[3]: the signal is constant in every voxel`)
      assert.notMatch(ended.stderr, /\n\s+at |fault of lnm/)
      assert.isEmpty(filesIn(study.output).filter((name) => name.endsWith(".nii.gz")))
      assert.isFalse(existsSync(join(study.output, "manifest.json")))
    }
  })

  it("of a volume that is NaN everywhere name the time point", async () => {
    const study = await writeTinyStudy(join(scratch, "volume"), {
      subjects: 4,
      edit: (subject, values) => subject === 1 && values.fill(Number.NaN, 12 * voxels, 13 * voxels)
    })
    const ended = await run(study)
    assert.strictEqual(ended.code, 1, ended.stderr)
    assert.include(
      ended.stderr,
      "part-1.h5[1]: every voxel of the brain mask is NaN or infinite at time point 12 (the first is 0)"
    )
  })

  it("are errors with `invalid: error`, a NaN in a voxel of a seed too", async () => {
    const study = await writeTinyStudy(join(scratch, "error"), {
      subjects: 4,
      edit: (subject, values) => {
        if (subject === 2) values[firstLesion[0]!] = Number.NaN
      }
    })
    const ended = await run(study, "invalid=error")
    assert.strictEqual(ended.code, 1)
    assert.include(ended.stderr, "subject part-1.h5[2]: 1 voxels and 0 seeds")
    assert.strictEqual((await run(study)).code, 0)
  })
})
