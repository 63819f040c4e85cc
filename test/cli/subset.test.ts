/** Runs on some of a connectome's subjects: the maps of a connectome that holds these alone, and everything that is said of them is true. */
import { cpSync, mkdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { flipByte } from "../support/damage.ts"
import { contentOf, isMap } from "../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { timeSeriesOf, tinyBrain, tinySpace, writeHdf5, writeNiftiScans } from "../support/tinyConnectome.ts"
import { lesionCentres, writeConfig, writeFile, writeLesions } from "../support/tinyStudy.ts"
import { writeStore } from "../support/writeStore.ts"

type Keys = Readonly<Record<string, unknown>>

const scratch = scratchFolder()
const timePoints = 20

/** Positions that split storage chunks, leave a file out, and lie alone and side by side. */
const chosen = [1, 2, 4, 8, 9, 11]
const [perFile, files] = [3, 5]

const writeStudy = (name: string, connectome: Keys, more: Keys = {}): { config: string; output: string } => {
  const output = join(scratch, `${name}-maps`)
  const config = writeConfig(join(scratch, `${name}.yaml`), {
    pipeline: "functional-network-mapping",
    connectome,
    lesions: { path: "lesions" },
    report: false,
    output: { path: output },
    ...more
  })
  return { config, output }
}

const run = ({ config, output }: { config: string; output: string }, ...args: ReadonlyArray<string>) =>
  Promise.resolve(lnmHereSucceeds(["run", config, "--progress", "off", "--fresh", ...args])).then(() =>
    contentOf(output, isMap)
  )

const manifestOf = (output: string) => JSON.parse(readFileSync(join(output, "manifest.json"), "utf8"))

/** Of several lengths; the longest is of one that is not chosen. */
const seriesOf = (subject: number): Float32Array =>
  timeSeriesOf(tinyBrain, subject, timePoints + (subject % 3 === 2 ? 5 : subject === 3 ? 9 : 0))

interface Made {
  readonly whole: Keys
  /** A connectome that holds the chosen subjects alone. */
  readonly alone: Keys
  readonly idOf: (position: number) => string
  /** Files of the connectome that the manifest of a run on the chosen subjects lists. */
  readonly read: ReadonlyArray<string>
}

const sources: Readonly<Record<string, () => Promise<Made>>> = {
  HDF5: async () => {
    for (let file = 0; file < files; file++) {
      const part = { firstSubject: file * perFile, subjects: perFile, timePoints, subjectsInChunk: 2, gzip: true }
      await writeHdf5(join(scratch, "hdf5", `part-${file}.h5`), part)
    }
    await writeHdf5(join(scratch, "alone.h5"), {
      ...{ subjects: chosen.length, timePoints },
      edit: (subject, values) => values.set(timeSeriesOf(tinyBrain, chosen[subject]!, timePoints))
    })
    const idOf = (position: number) => `part-${Math.floor(position / perFile)}.h5[${position % perFile}]`
    const read = ["part-0.h5", "part-1.h5", "part-2.h5", "part-3.h5"]
    return { whole: { path: "hdf5" }, alone: { path: "alone.h5" }, idOf, read }
  },
  "a store": async () => {
    const source = { ...tinyBrain, voxels: tinyBrain.gridIndex.length, precision: "int16", panelsPerChunk: 40 } as const
    const all = Array.from({ length: 12 }, (_, subject) => seriesOf(subject))
    await writeStore(join(scratch, "all.zarr"), { ...source, timeSeries: all })
    await writeStore(join(scratch, "alone.zarr"), { ...source, timeSeries: chosen.map((subject) => all[subject]!) })
    return {
      whole: { path: "all.zarr" },
      alone: { path: "alone.zarr" },
      idOf: (n) => `sub-${n + 1}`,
      read: ["all.zarr"]
    }
  },
  NIfTI: async () => {
    const { mask, scans, path } = writeNiftiScans(join(scratch, "nifti"), { subjects: 12, timePoints })
    const alone = join(scratch, "nifti-alone")
    mkdirSync(alone)
    const read = chosen.map((position) => basename(scans[position]!))
    for (const name of read) cpSync(join(path, name), join(alone, name))
    const idOf = (position: number) => `sub-${String(position + 1).padStart(2, "0")}`
    return { whole: { path, mask }, alone: { path: alone, mask }, idOf, read: ["brain_mask.nii.gz", ...read] }
  }
}

const made: Record<string, Made> = {}

beforeAll(async () => {
  writeLesions(join(scratch, "lesions"), lesionCentres.slice(0, 2))
  for (const [name, make] of Object.entries(sources)) made[name] = await make()
})

describe("a run on chosen subjects", () => {
  for (const name of Object.keys(sources)) {
    it(`of ${name} gives the maps of a connectome that holds these alone, whatever the workers and chunks`, {
      timeout: 30_000
    }, async () => {
      const { whole, alone, idOf, read } = made[name]!
      const expected = await run(writeStudy(`${name} alone`, alone))
      assert.lengthOf(Object.keys(expected), 2 * 6 + 1)
      const ids = chosen.map(idOf)
      const study = writeStudy(`${name} chosen`, { ...whole, subjects: [...ids].reverse() })
      assert.deepStrictEqual(await run(study, "--workers", "1", "--set", "compute.subjects_per_chunk=4"), expected)
      assert.deepStrictEqual(await run(study, "--workers", "3"), expected)
      const { plan, chosen_subjects, inputs } = manifestOf(study.output)
      assert.strictEqual(plan.subjects, chosen.length)
      assert.deepStrictEqual(chosen_subjects, { from: name === "HDF5" ? perFile * files : 12, ids })
      const isOfConnectome = (file: string) => !/lesion_mask|\.yaml$|\.zarr\//.test(file)
      assert.deepStrictEqual(
        inputs
          .map((input: { readonly path: string }) => input.path)
          .filter(isOfConnectome)
          .map((file: string) => basename(file)),
        read
      )
    })
  }

  it("can be checked, repeated and locked, of a store by the chosen subjects alone", { timeout: 30_000 }, async () => {
    const { whole, idOf } = made["a store"]!
    const study = writeStudy("locked", { ...whole, subjects: chosen.map(idOf) }, { compute: { arithmetic: "strict" } })
    // A chunk of a subject that is not chosen.
    const spoilt = join(scratch, "all.zarr/timeseries/c/3/0/0/0")
    const before = readFileSync(spoilt)
    flipByte(spoilt, 100)
    await run(study)
    const verified = await lnmHereSucceeds(["verify", study.output, "--inputs", "--rerun"])
    assert.include(verified.stdout, "every chunk file agrees with its own")
    await lnmHereSucceeds(["lock", study.output, "--to", join(scratch, "chosen.lock.json")])
    await run(study, "--locked", join(scratch, "chosen.lock.json"))
    const others = `connectome.subjects=[${chosen.slice(1).map(idOf)}]`
    const held = await lnmHere([
      "run",
      study.config,
      "--fresh",
      "--set",
      others,
      "--locked",
      join(scratch, "chosen.lock.json")
    ])
    assert.deepStrictEqual([held.code, held.stderr.includes("connectome.subjects is")], [4, true], held.stderr)
    writeFile(spoilt, before)
    flipByte(join(scratch, "all.zarr/timeseries/c/4/0/0/0"), 100)
    const found = await lnmHere(["verify", study.output, "--inputs"])
    assert.include(found.stderr, "1 chunk file(s) are damaged")
    flipByte(join(scratch, "all.zarr/timeseries/c/4/0/0/0"), 100)
  })

  for (const settings of [[], ["--set", "method=pini", "--set", "pini_scope=file"]]) {
    it(`in parts gives the maps of a whole one ${settings.join(" ")}`, { timeout: 60_000 }, async () => {
      const { whole, idOf } = made.HDF5!
      // Two of a file at least, with PINI within files.
      const subjects = [0, 2, 6, 7, 12, 14].map(idOf)
      const { config, output } = writeStudy(`parts ${settings.length}`, { ...whole, subjects })
      const expected = await run({ config, output }, ...settings)
      const parts = `${output}-parts`
      const args = ["--output", parts, "--progress", "off", ...settings]
      for (let round = 0; round < (settings.length === 0 ? 1 : 2); round++) {
        for (const part of ["2/3", "1/3", "3/3"]) await lnmHereSucceeds(["run", config, "--part", part, ...args])
        const other = [
          ...args,
          "--set",
          `connectome.subjects=[${[0, 2, 6, 7].map(idOf).map((id) => JSON.stringify(id))}]`
        ]
        const refused = await lnmHere(["merge", config, ...other])
        assert.strictEqual(refused.code, 2)
        assert.include(refused.stderr, "connectome.subjects")
        await lnmHereSucceeds(["merge", config, ...args])
      }
      assert.deepStrictEqual(contentOf(parts, isMap), expected)
    })
  }

  it("is another study than one on other subjects, also where the files are the same", async () => {
    for (const name of ["HDF5", "a store"]) {
      const { whole, idOf } = made[name]!
      const study = writeStudy(`${name} kept`, { ...whole, subjects: [0, 1, 3, 5].map(idOf) })
      await run(study)
      for (const [subjects, words] of [
        [
          [0, 2, 3, 5],
          name === "HDF5" ? "the choice of subjects within files" : "connectome.subjects chooses other subjects"
        ],
        [[0, 1, 3], "connectome.subjects"]
      ] as const) {
        const given = `connectome.subjects=[${subjects.map((n) => JSON.stringify(idOf(n)))}]`
        const { code, stderr } = await lnmHere(["run", study.config, "--set", given])
        assert.strictEqual(code, 2)
        assert.include(stderr, words)
      }
    }
  })

  it("says in plan, sidecars and texts how many of how many subjects it takes", async () => {
    const { whole } = made["a store"]!
    writeFile(
      join(scratch, "participants.tsv"),
      `participant_id\tsex\tage\n${Array.from({ length: 14 }, (_, n) => `sub-${n + 1}\t${n % 3 === 0 ? "F" : "M"}\t${20 + n}\n`).join("")}`
    )
    const study = writeStudy(
      "told",
      { ...whole, subjects: { where: { sex: "F", age: [20, 23, 29] } } },
      { report: true }
    )
    const { stdout } = await lnmHereSucceeds(["plan", study.config])
    assert.include(stdout, "3 of 12 subjects, ")
    const json = JSON.parse((await lnmHereSucceeds(["plan", study.config, "--json"])).stdout)
    assert.deepStrictEqual([json.subjects, json.subjects_of_connectome], [3, 12])
    const ended = await lnmHereSucceeds(["run", study.config, "--progress", "off"])
    assert.include(ended.stdout, "2 lesion(s) × 3 of 12 subjects × ")
    const content = (file: string) => readFileSync(join(study.output, file), "utf8")
    const degree = JSON.parse(content(`space-${tinySpace}_desc-degree_stat-r_statmap.json`))
    assert.deepInclude(degree, { ConnectomeSubjects: 3, ConnectomeSubjectsChosenFrom: 12 })
    assert.include(content("README"), "from 3 of the 12 subjects of")
    const report = content("report.html")
    assert.include(report, "in 3 of the 12 subjects of a connectome.")
    assert.include(report, "3 of 12 subjects, 20 to 29 time points each")
    const { inputs } = manifestOf(study.output)
    assert.include(
      inputs.map((input: { readonly path: string }) => input.path),
      join(scratch, "participants.tsv")
    )
  })
})
