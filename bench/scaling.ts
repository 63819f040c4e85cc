/**
 * What a run in parts takes: measures the constants of a model on this machine, holds the model against runs of 1, 2 and 4 parts, one after
 * another, and says what it foretells for clusters.
 *
 *     node bench/scaling.ts FOLDER [--subjects N] [--model]
 *
 * `--model`: only the tables, from the constants that were measured last (`modelConstants.json` in FOLDER). Data as bench/data.py makes it: 96
 * lesions, 50,000 voxels, 120 time points, uncompressed HDF5, files linked under many names.
 */
import { existsSync } from "node:fs"
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { parseArgs } from "node:util"
import { provideConnectome, provideDataset, provideLesions, space } from "./dataset.ts"
import { lnmCommand } from "./lnmCommand.ts"
import { coreSeconds, type Measured, measure } from "./measure.ts"
import { type Cluster, type Constants, foretell, type Job } from "./scalingModel.ts"

const { values, positionals } = parseArgs({
  options: { subjects: { type: "string", default: "200" }, model: { type: "boolean", default: false } },
  allowPositionals: true
})
const folder = path.resolve(positionals[0] ?? "/tmp/lnm-scaling")
const subjects = Number(values.subjects)
const constantsFile = path.join(folder, "modelConstants.json")
await mkdir(folder, { recursive: true })

const bytesPerSubject = 120 * 50_000 * 4
const job = (parts: number, lesions = 96): Job => ({
  ...{ subjects, voxels: 50_000, timePoints: 120, lesions, maps: 5 },
  ...{ parts, bytesPerSubject }
})
/** This machine, with its files in the page cache. */
const here: Cluster = { nodes: 1, cores: 2, bytesPerSecond: 4e9 }

const dataset = () =>
  provideDataset(path.join(folder, "data"), {
    ...{ grid_mm: 2, voxels: 50_000, time_points: 120, subjects_per_file: 10, unique_subjects: 20 },
    ...{ lesions: 96, weighted_lesions: 0, gzip: false }
  })

const config = async (lesions: number, count: number): Promise<string> => {
  const data = await dataset()
  const file = path.join(folder, `study-${lesions}-${count}.yaml`)
  const text = {
    pipeline: "functional-network-mapping",
    connectome: { path: await provideConnectome(data, "plain", count), space },
    lesions: { path: await provideLesions(data, lesions) },
    output: { path: path.join(folder, "maps") },
    report: false,
    compute: { workers: 2 }
  }
  await writeFile(file, JSON.stringify(text))
  return file
}

const lnm = (args: ReadonlyArray<string>): Promise<Measured> =>
  measure(folder, [process.execPath, lnmCommand(), ...args])

const fresh = async (): Promise<void> => rm(path.join(folder, "maps"), { recursive: true, force: true })

const whole = async (study: string): Promise<Measured> => {
  await fresh()
  return await lnm(["run", study, "--progress", "off"])
}

const inParts = async (study: string, parts: number): Promise<ReadonlyArray<Measured>> => {
  await fresh()
  const measured: Array<Measured> = []
  for (let part = 1; part <= parts; part++) {
    measured.push(await lnm(["run", study, "--part", `${part}/${parts}`, "--progress", "off"]))
  }
  measured.push(await lnm(["merge", study, "--progress", "off"]))
  return measured
}

const total = (measured: ReadonlyArray<Measured>, of: (one: Measured) => number) =>
  measured.reduce((sum, one) => sum + of(one), 0)
const wall = ({ wallSeconds }: Measured) => wallSeconds

const measureConstants = async (): Promise<Constants> => {
  const [many, few] = [await config(96, subjects), await config(96, 20)]
  const [one, oneFew] = [await config(1, subjects), await config(1, 20)]
  await whole(few)
  const times: Record<string, number> = {}
  for (const [name, study] of Object.entries({ many, few, one, oneFew })) times[name] = coreSeconds(await whole(study))
  const [, merging] = await inParts(few, 1)
  const planning = await lnm(["plan", few])
  const perSubject = (all: number, some: number) => (all - some) / (subjects - 20)
  const voxelPoints = 50_000 * 120
  const own = perSubject(times.one!, times.oneFew!)
  const constants: Constants = {
    coreSecondsPerVoxelPoint: own / voxelPoints,
    coreSecondsPerLesionVoxelPoint: (perSubject(times.many!, times.few!) - own) / (95 * voxelPoints),
    startSeconds: wall(planning),
    coreSecondsPerMapVoxel: (coreSeconds(merging!) - coreSeconds(planning)) / (96 * 5 * 50_000)
  }
  await writeFile(constantsFile, JSON.stringify(constants, null, 2))
  return constants
}

const seconds = (value: number): string => (value < 100 ? `${value.toFixed(1)} s` : `${(value / 60).toFixed(0)} min`)
const bytes = (value: number): string =>
  value < 1e9 ? `${(value / 1e6).toFixed(0)} MB` : `${(value / 1e9).toFixed(value < 1e10 ? 1 : 0)} GB`

const holdAgainstRuns = async (constants: Constants): Promise<void> => {
  const study = await config(96, subjects)
  console.log("\n| parts, one after another | measured | foretold | ratio |\n|---|---|---|---|")
  for (const parts of [1, 2, 4]) {
    const measured = await inParts(study, parts)
    const { part, merge } = foretell(job(parts), here, constants)
    const [is, told] = [total(measured, wall), parts * part.seconds + merge.seconds]
    console.log(`| ${parts} | ${seconds(is)} | ${seconds(told)} | ${(told / is).toFixed(2)} |`)
  }
  const planning = coreSeconds(await lnm(["plan", study]))
  const one = coreSeconds(await whole(study))
  const eight = total(await inParts(study, 8), coreSeconds) - 8 * planning
  console.log(`\n8 parts and their merge: ${((100 * eight) / one - 100).toFixed(1)} % more processor time than one run`)
}

const tables = (constants: Constants): void => {
  for (const [count, lesions] of [
    [1_000, 96],
    [1_000, 10_000],
    [40_000, 96],
    [40_000, 10_000]
  ] as const) {
    console.log(`\n${count} subjects × 285,000 voxels × 120 time points, ${lesions} lesions\n`)
    console.log(
      "| nodes × cores, file system | a part | of it reading | sums on disk | merge | in all |\n|---|---|---|---|---|---|"
    )
    for (const nodes of [1, 4, 16, 64, 256]) {
      for (const [cores, bytesPerSecond] of [
        [2, 0.2e9],
        [16, 2e9],
        [128, 20e9]
      ] as const) {
        const big: Job = {
          ...{ subjects: count, voxels: 285_000, timePoints: 120, lesions, maps: 5, parts: nodes },
          bytesPerSubject: 120 * 285_000 * 4
        }
        const { part, merge, sumsBytes } = foretell(big, { nodes, cores, bytesPerSecond }, constants)
        const all = part.seconds + merge.seconds
        const row = [
          seconds(part.seconds),
          seconds(part.reading),
          bytes(sumsBytes),
          seconds(merge.seconds),
          seconds(all)
        ]
        console.log(`| ${nodes} × ${cores}, ${bytesPerSecond / 1e9} GB/s | ${row.join(" | ")} |`)
      }
    }
  }
}

const known = values.model && existsSync(constantsFile)
const constants = known ? (JSON.parse(await readFile(constantsFile, "utf8")) as Constants) : await measureConstants()
console.log(JSON.stringify(constants, null, 2))
if (!known) await holdAgainstRuns(constants)
tables(constants)
await fresh()
