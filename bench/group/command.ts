/**
 * Time and memory of whole runs of `group-network-mapping`, against what the plan says:
 *
 *     node bench/group/command.ts FOLDER [--patients N] [--voxels N] [--permutations N] [--memory 4GB] [--workers N] [--set KEY=VALUE]… [--keep]
 *
 * Default: 200 patients × 228,000 voxels of 2 mm, 10,000 permutations, 3 covariates. Makes the maps below FOLDER, at most 200 of their own and
 * further patients as links to these, 0.8 MB each, and removes them again but with `--keep`. Each run is measured as a process, with the peak of
 * its resident memory.
 */
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { parseArgs } from "node:util"
import { gzipSync } from "node:zlib"
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import { lnmCommand } from "../lnmCommand.ts"
import { capture, measure } from "../measure.ts"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    patients: { type: "string", default: "200" },
    voxels: { type: "string", default: "228000" },
    permutations: { type: "string", default: "10000" },
    memory: { type: "string", default: "12GB" },
    workers: { type: "string", default: "auto" },
    set: { type: "string", multiple: true, default: [] },
    keep: { type: "boolean", default: false }
  }
})
const [parent] = positionals
if (parent === undefined) throw new Error("usage: node bench/group/command.ts FOLDER [--patients N]…")
const folder = path.resolve(parent, "group-command")
const [patients, voxels] = [Number(values.patients), Number(values.voxels)]
const ownMaps = Math.min(200, patients)

/** The grid of maps of 2 mm. */
const grid = { shape: [91, 109, 91], affine: [2, 0, 0, -90, 0, 2, 0, -126, 0, 0, 2, -72, 0, 0, 0, 1] } as const
const gridVoxels = 91 * 109 * 91
const fileOf = (n: number): string => path.join(folder, `sub-${n}_space-MNI152NLin6Asym_stat-z_statmap.nii.gz`)

/** Gaussian noise in the first of every few voxels, such that so many have a value. */
const writeMap = (n: number): void => {
  const own = new Float32Array(voxels)
  new Xoshiro128(7, n).fillGaussian(own)
  const map = new Float32Array(gridVoxels)
  for (let v = 0; v < voxels; v++) map[Math.floor((v * gridVoxels) / voxels)] = 0.2 + 0.1 * own[v]!
  writeFileSync(fileOf(n), gzipSync(encodeNifti({ grid, space: "MNI152NLin6Asym", values: map }), { level: 1 }))
}

const provide = (): string => {
  mkdirSync(folder, { recursive: true })
  const [maps, people] = [["participant_id\tmap"], ["participant_id\tsymptom\tage\tvolume\tyears"]]
  const random = new Xoshiro128(8, 0)
  const covariates = new Float32Array(3 * patients)
  random.fillGaussian(covariates)
  for (let n = 0; n < patients; n++) {
    if (!existsSync(fileOf(n))) {
      if (n < ownMaps) writeMap(n)
      else linkSync(fileOf(n % ownMaps), fileOf(n))
    }
    maps.push(`sub-${n}\t${path.basename(fileOf(n))}`)
    people.push(`sub-${n}\t${n % 2}\t${covariates.subarray(3 * n, 3 * n + 3).join("\t")}`)
  }
  writeFileSync(path.join(folder, "maps.tsv"), `${maps.join("\n")}\n`)
  writeFileSync(path.join(folder, "participants.tsv"), `${people.join("\n")}\n`)
  const file = path.join(folder, "group.yaml")
  const contrast = {
    name: "symptom",
    of: "symptom",
    covariates: ["age", "volume", "years"],
    permutations: Number(values.permutations)
  }
  const config = {
    pipeline: "group-network-mapping",
    maps: { path: "maps.tsv" },
    participants: "participants.tsv",
    contrasts: [contrast],
    // The maps are noise: there is no degree to compare them with.
    diagnose: { degree: false },
    output: { path: "output" },
    compute: { memory: values.memory, ...(values.workers === "auto" ? {} : { workers: Number(values.workers) }) }
  }
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config))
  return file
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`

const config = provide()
const overrides = values.set.flatMap((text) => ["--set", text])
const lnm = (...args: ReadonlyArray<string>) => [process.execPath, lnmCommand(), ...args, ...overrides]
const env = { ...process.env, XDG_CACHE_HOME: path.join(folder, "cache") }
const plan = JSON.parse(await capture(lnm("plan", config, "--json"), env))
rmSync(path.join(folder, "output"), { recursive: true, force: true })
const took = await measure(folder, lnm("run", config, "--progress", "off"), env)
console.log(
  `${patients} patients × ${voxels} voxels, ${values.permutations} permutations, ${plan.workers} workers, scratch ${megabytes(plan.scratch_bytes)}:\n` +
    `  ${took.wallSeconds.toFixed(1)} s by the clock, ${(took.userSeconds + took.systemSeconds).toFixed(1)} s of processors; planned ${plan.estimated_seconds?.toFixed(1)} s\n` +
    `  peak ${megabytes(took.peakBytes)}; planned ${megabytes(plan.peak_memory_bytes)}, ratio ${(plan.peak_memory_bytes / took.peakBytes).toFixed(3)}`
)
if (!values.keep) rmSync(folder, { recursive: true, force: true })
