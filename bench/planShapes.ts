/**
 * Whether the plan knows what a run takes: of shapes from 1 lesion × 997 voxels to 96 × 285,000, and of 1 to 32 workers, the peak memory
 * that `lnm plan` predicts, and that of whole runs. The peak must not exceed the prediction, nor this the peak by more than 15 %.
 *
 *     node bench/planShapes.ts FOLDER [--only NAME]… [--repetitions N] [--footprint] [--lnm PATH]
 *
 * Makes the data of one shape at a time below FOLDER, at most 4 GB, and removes it again. Memory does not depend on how many subjects there are
 * but for the bookkeeping of each; so large brains have few subjects, and the shape of 1,000 subjects in 200 files a small brain. `--lnm` is the
 * launcher of another checkout. Every shape runs once unmeasured, as the first run of a checkout translates its sources, and then
 * `--repetitions` times (2), of which the largest peak counts: in the first of them checksums are computed, in the others they are known.
 */
import { mkdir, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { parseArgs } from "node:util"
import { space } from "./dataset.ts"
import { capture, measure, python } from "./measure.ts"

interface Shape {
  readonly name: string
  readonly storage: "plain" | "gzip" | "store"
  readonly gridMm: 2 | 4
  readonly voxels: number
  readonly timePoints: number
  readonly subjects: number
  readonly files: number
  readonly lesions: number
  readonly lesionVoxels: number
  readonly atlases?: number
  readonly workers: number
  /** Keys of the config beside those of paths and compute. */
  readonly keys?: object
}

const tiny = { gridMm: 4, voxels: 997, timePoints: 60, subjects: 20, files: 2, lesionVoxels: 20 } as const
const small = { gridMm: 4, voxels: 5000, timePoints: 60, subjects: 24, files: 3, lesionVoxels: 60 } as const
const usual = { gridMm: 2, voxels: 50_000, timePoints: 120, subjects: 20, files: 2, lesionVoxels: 1000 } as const
const whole = { gridMm: 2, voxels: 285_000, timePoints: 120, subjects: 12, files: 2, lesionVoxels: 3000 } as const

const shapes: ReadonlyArray<Shape> = [
  { ...tiny, name: "tiny", storage: "plain", lesions: 1, workers: 1 },
  { ...tiny, name: "files", storage: "plain", subjects: 1000, files: 200, lesions: 96, workers: 2 },
  { ...small, name: "small", storage: "gzip", lesions: 96, workers: 2 },
  {
    ...small,
    name: "matrix",
    storage: "plain",
    lesions: 2000,
    workers: 2,
    keys: { statistics: { maps: ["r"], matrix: true } }
  },
  { ...usual, name: "single", storage: "plain", lesions: 1, workers: 2 },
  { ...usual, name: "headline", storage: "plain", lesions: 96, workers: 2 },
  { ...usual, name: "gzip", storage: "gzip", lesions: 96, workers: 8 },
  { ...usual, name: "store", storage: "store", lesions: 96, workers: 2 },
  { ...usual, name: "pini", storage: "plain", lesions: 96, workers: 2, keys: { method: "pini" } },
  { ...usual, name: "pini-store", storage: "store", lesions: 24, workers: 4, keys: { method: "pini" } },
  { ...usual, name: "workers", storage: "plain", lesions: 48, workers: 32 },
  { ...usual, name: "parcels", storage: "store", lesions: 96, workers: 16, atlases: 2 },
  { ...whole, name: "whole", storage: "plain", lesions: 96, workers: 2 },
  { ...whole, name: "whole-gzip", storage: "gzip", lesions: 12, workers: 8 },
  { ...whole, name: "whole-store", storage: "store", lesions: 1, workers: 4 }
]

/** How much more than the peak may be predicted. */
const allowed = 1.15

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", multiple: true },
    repetitions: { type: "string", default: "2" },
    footprint: { type: "boolean", default: false },
    lnm: { type: "string", default: path.join(import.meta.dirname, "../bin/lnm.js") }
  }
})
const [parent] = positionals
if (parent === undefined) throw new Error("usage: node bench/planShapes.ts FOLDER [--only NAME]…")
const folder = path.resolve(parent, "plan-shapes")
const env = { ...process.env, XDG_CACHE_HOME: path.join(folder, "cache") }

const lnm = (...args: ReadonlyArray<string>) => [process.execPath, values.lnm, ...args]

/** Makes a shape's inputs and its config; the config's path. */
const provide = async (shape: Shape): Promise<string> => {
  await mkdir(folder, { recursive: true })
  const parameters = {
    grid_mm: shape.gridMm,
    voxels: shape.voxels,
    time_points: shape.timePoints,
    subjects: shape.subjects,
    files: shape.files,
    gzip: shape.storage === "gzip",
    lesions: shape.lesions,
    lesion_voxels: shape.lesionVoxels,
    atlases: shape.atlases ?? 0
  }
  await capture([python, "-B", path.join(import.meta.dirname, "shapeData.py"), folder, JSON.stringify(parameters)])
  const connectome = path.join(folder, "connectome")
  const store = path.join(folder, "connectome.zarr")
  if (shape.storage === "store") {
    const prepare = { pipeline: "prepare-connectome", source: { path: connectome }, space, precision: "int16" }
    await capture(lnm("run", await writeYaml("prepare", { ...prepare, output: { path: store } })), env)
    await rm(connectome, { recursive: true })
  }
  return writeYaml("config", {
    pipeline: "functional-network-mapping",
    connectome: { path: shape.storage === "store" ? store : connectome, space },
    lesions: { path: path.join(folder, "lesions") },
    parcellations: Array.from({ length: shape.atlases ?? 0 }, (_, n) => ({
      name: `atlas${n + 1}`,
      path: path.join(folder, `atlas-${n + 1}.nii.gz`)
    })),
    output: { path: path.join(folder, "output") },
    compute: { workers: shape.workers, memory: "12GB" },
    ...shape.keys
  })
}

/** JSON is YAML. */
const writeYaml = async (name: string, config: object): Promise<string> => {
  const file = path.join(folder, `${name}.yaml`)
  await writeFile(file, JSON.stringify(config))
  return file
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0).padStart(8)

const compare = async (shape: Shape): Promise<boolean> => {
  const config = await provide(shape)
  const plan = JSON.parse(await capture(lnm("plan", config, "--json"), env))
  const run = async () => {
    await rm(path.join(folder, "output"), { recursive: true, force: true })
    return (await measure(folder, lnm("run", config, "--progress", "off"), env)).peakBytes
  }
  await run()
  await rm(path.join(env.XDG_CACHE_HOME, "lesion-network-mapping/checksums.json"), { force: true })
  const peaks: Array<number> = []
  for (let n = 0; n < Number(values.repetitions); n++) peaks.push(await run())
  const peak = Math.max(...peaks)
  const ratio = plan.peak_memory_bytes / peak
  const isRight = ratio >= 1 && ratio <= allowed
  console.log(
    `${shape.name.padEnd(12)}${String(shape.lesions).padStart(6)} × ${String(shape.voxels).padStart(7)} ${shape.storage.padEnd(6)}` +
      `${String(shape.workers).padStart(3)} workers ${mebibytes(plan.peak_memory_bytes)} ${mebibytes(peak)}  ${ratio.toFixed(3)}` +
      `${isRight ? "" : "  !"}   (${peaks.map((bytes) => mebibytes(bytes).trim()).join(", ")})`
  )
  if (values.footprint) {
    for (const [stage, bytes] of Object.entries<number>(plan.footprint)) {
      console.log(`${" ".repeat(12)}${mebibytes(bytes)} ${stage}`)
    }
  }
  return isRight
}

console.log(`${" ".repeat(44)} predicted  measured  ratio   (MiB; of each run)`)
for (const shape of shapes) {
  if (values.only !== undefined && !values.only.includes(shape.name)) continue
  await rm(folder, { recursive: true, force: true })
  if (!(await compare(shape))) process.exitCode = 1
}
await rm(folder, { recursive: true, force: true })
