/**
 * The commands that are compared: `lnm run` with a config made for the occasion, and its peers in NumPy, on the same
 * files with the same maps as output.
 */
import { readFile, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import type { Manifest } from "../src/output/Manifest.ts"
import { capture, type Measured, measure, python } from "./measure.ts"
import type { OpenBlas } from "./openblas.ts"
import { connectomeFolder, lesionFolder, type Storage, space, type Workload } from "./workload.ts"

/** What every scenario works with. */
export interface Bench {
  readonly workload: Workload
  /** Folder of the data. */
  readonly data: string
  /** Folder for outputs, which are removed as soon as they have been looked at. */
  readonly scratch: string
  readonly openBlas: OpenBlas
  readonly cores: number
  readonly log: (text: string) => void
}

/** One job: which lesions in which connectome, and what is written. */
export interface Job {
  readonly storage: Storage | "store"
  readonly subjects: number
  readonly lesions: number
  /** Default: all. */
  readonly maps?: ReadonlyArray<string>
}

/** A way to do a job: the command, its environment, and where it writes. */
export interface Competitor {
  readonly name: string
  readonly command: (bench: Bench, job: Job) => Promise<ReadonlyArray<string>>
  readonly env?: (bench: Bench) => NodeJS.ProcessEnv
}

export interface LnmOptions {
  readonly name?: string
  /** Keys of `compute` in the config. */
  readonly compute?: Readonly<Record<string, unknown>>
  readonly batchSize?: number
}

const root = path.dirname(import.meta.dirname)
export const lnmCommand = path.join(root, "bin", "lnm.js")

export const outputOf = ({ scratch }: Bench): string => path.join(scratch, "output")

/** Writes a config for a job; its path. */
export const writeConfig = async (bench: Bench, job: Job, { compute, batchSize }: LnmOptions = {}): Promise<string> => {
  const file = path.join(bench.scratch, "config.yaml")
  const config = {
    pipeline: "functional-network-mapping",
    connectome: { path: connectomeFolder(bench.data, job.storage, job.subjects), space },
    lesions: {
      path: lesionFolder(bench.data, job.lesions),
      ...(batchSize === undefined ? {} : { batch_size: batchSize })
    },
    output: { path: outputOf(bench) },
    ...(job.maps === undefined ? {} : { statistics: { maps: job.maps } }),
    ...(compute === undefined ? {} : { compute })
  }
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config, null, 2))
  return file
}

export const lnm = (options: LnmOptions = {}): Competitor => ({
  name: options.name ?? "lnm",
  command: async (bench, job) => {
    const config = await writeConfig(bench, job, options)
    return [process.execPath, lnmCommand, "run", config, "--progress", "off"]
  }
})

const peer = (name: string, script: string, threads: (bench: Bench) => number): Competitor => ({
  name,
  command: async (bench, { storage, subjects, lesions, maps }) => [
    python,
    "-B",
    path.join(import.meta.dirname, "peers", script),
    connectomeFolder(bench.data, storage, subjects),
    lesionFolder(bench.data, lesions),
    outputOf(bench),
    "--threads",
    String(threads(bench)),
    ...(maps === undefined ? [] : ["--maps", maps.join(",")])
  ],
  env: ({ openBlas }) => openBlas.env
})

/** Peer (a): products on all cores, by BLAS' threads. */
export const matmul = peer("NumPy matmul", "matmul.py", () => 1)

/** Peer (a) with everything dealt to threads by hand. */
export const matmulThreads = peer("NumPy matmul, threads by hand", "matmul.py", ({ cores }) => cores)

/** Peer (b). */
export const einsum = peer("NumPy einsum", "einsum.py", () => 1)

/** The memory and passes that `lnm run` would take. */
export const planOf = async (bench: Bench, job: Job, options: LnmOptions): Promise<{ peak_memory_bytes: number }> => {
  const config = await writeConfig(bench, job, options)
  return JSON.parse(await capture([process.execPath, lnmCommand, "plan", config, "--json"]))
}

/** Runs a job from an empty output folder, which is left for the caller to look at. */
export const runJob = async (bench: Bench, competitor: Competitor, job: Job): Promise<Measured> => {
  await rm(outputOf(bench), { recursive: true, force: true })
  const command = await competitor.command(bench, job)
  const measured = await measure(bench.scratch, command, competitor.env?.(bench))
  bench.log(
    `${competitor.name}: ${job.lesions} lesions, ${job.subjects} subjects, ${job.storage}: ` +
      `${measured.wallSeconds.toFixed(2)} s, ${Math.round(measured.peakBytes / 2 ** 20)} MiB`
  )
  return measured
}

/** The manifest of the run of `lnm` that wrote last. */
export const lastManifest = async (bench: Bench): Promise<Manifest> =>
  JSON.parse(await readFile(path.join(outputOf(bench), "manifest.json"), "utf8"))
