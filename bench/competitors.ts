/**
 * The commands that are compared: `lnm run` with a config made for the occasion, that of another checkout, and peers in NumPy, on the
 * same files with the same maps as output.
 */
import { readFile, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import type { Manifest } from "../src/output/Manifest.ts"
import { type Dataset, provideConnectome, provideLesions, type Storage, space } from "./dataset.ts"
import { type Checkout, lnmCommand } from "./lnmCommand.ts"
import { capture, coreSeconds, type Measured, measure, python } from "./measure.ts"
import type { CoreType, OpenBlas } from "./openblas.ts"
import type { Peaks } from "./peak/peaks.ts"
import type { Workload } from "./workload.ts"

/** What every scenario works with. */
export interface Bench {
  readonly workload: Workload
  readonly dataset: Dataset
  /** Folder for outputs, which are removed as soon as they have been looked at. */
  readonly scratch: string
  readonly openBlas: OpenBlas
  readonly peaks: Peaks
  readonly cores: number
  /** What this checkout is compared with, where it is compared with one. */
  readonly against: Checkout | undefined
  readonly log: (text: string) => void
}

/** One job: which lesions in which connectome, and what is written. */
export interface Job {
  readonly storage: Storage
  readonly subjects: number
  readonly lesions: number
  /** Whether the lesions' values weight their seeds. */
  readonly weighted?: boolean
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
  readonly checkout?: Checkout
  /** Keys of `compute` in the config. */
  readonly compute?: Readonly<Record<string, unknown>>
  readonly batchSize?: number
  readonly method?: "boes" | "pini"
  /** Connectivity of every lesion with every other. */
  readonly matrix?: boolean
}

export const outputOf = ({ scratch }: Bench): string => path.join(scratch, "output")

/** Writes a config for a job; its path. */
export const writeConfig = async (
  bench: Bench,
  job: Job,
  { compute, batchSize, method, matrix }: LnmOptions = {}
): Promise<string> => {
  const file = path.join(bench.scratch, "config.yaml")
  const config = {
    pipeline: "functional-network-mapping",
    connectome: { path: await provideConnectome(bench.dataset, job.storage, job.subjects), space },
    lesions: {
      path: await provideLesions(bench.dataset, job.lesions, job.weighted),
      weights: job.weighted ? "values" : "binary",
      batch_size: batchSize ?? "auto"
    },
    output: { path: outputOf(bench) },
    method: method ?? "boes",
    statistics: { matrix: matrix ?? false, ...(job.maps === undefined ? {} : { maps: job.maps }) },
    compute: compute ?? {}
  }
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config, null, 2))
  return file
}

/** Where a command keeps what it remembers from run to run: apart from the user's own, and from those of other checkouts. */
const rememberedFolder = ({ scratch }: Bench, { checkout }: LnmOptions): string =>
  path.join(scratch, `remembered-${checkout === undefined ? "here" : "there"}`)

export const lnm = (options: LnmOptions = {}): Competitor => ({
  name: options.name ?? options.checkout?.name ?? "lnm",
  command: async (bench, job) => {
    const config = await writeConfig(bench, job, options)
    return [process.execPath, lnmCommand(options.checkout?.folder), "run", config, "--progress", "off"]
  },
  env: (bench) => ({ ...process.env, XDG_CACHE_HOME: rememberedFolder(bench, options) })
})

/** This checkout, and the one that it is compared with where there is one. */
export const lnmAndBefore = ({ against }: Bench): ReadonlyArray<Competitor> =>
  against === undefined ? [lnm()] : [lnm(), lnm({ checkout: against })]

interface PeerOptions {
  readonly name: string
  readonly script: string
  /** Threads that tiles are dealt to; each product runs on all cores, divided by them. */
  readonly threads: (bench: Bench) => number
  readonly kernels: (openBlas: OpenBlas) => CoreType | undefined
}

const peer = ({ name, script, threads, kernels }: PeerOptions): Competitor => ({
  name,
  command: async (bench, { storage, subjects, lesions, maps }) => [
    python,
    "-B",
    path.join(import.meta.dirname, "peers", script),
    await provideConnectome(bench.dataset, storage, subjects),
    await provideLesions(bench.dataset, lesions),
    outputOf(bench),
    "--threads",
    String(threads(bench)),
    ...(maps === undefined ? [] : ["--maps", maps.join(",")])
  ],
  env: (bench) => ({
    ...kernels(bench.openBlas)?.env,
    OPENBLAS_NUM_THREADS: String(Math.max(1, Math.floor(bench.cores / threads(bench))))
  })
})

const matmulWith = (suffix: string, kernels: PeerOptions["kernels"]) => ({
  /** Products on all cores, by BLAS' threads. */
  matmul: peer({ name: `NumPy matmul${suffix}`, script: "matmul.py", threads: () => 1, kernels }),
  /** Everything dealt to threads by hand. */
  matmulThreads: peer({
    name: `NumPy matmul, threads by hand${suffix}`,
    script: "matmul.py",
    threads: ({ cores }) => cores,
    kernels
  })
})

/** Peer (a), with the fastest kernels of OpenBLAS. */
export const { matmul, matmulThreads } = matmulWith("", ({ fastest }) => fastest)

/** Peer (a), with kernels of 256 bits. */
export const haswell = matmulWith(", Haswell kernels", (openBlas) => openBlas.haswell)

/** Peer (b). */
export const einsum = peer({
  name: "NumPy einsum",
  script: "einsum.py",
  threads: () => 1,
  kernels: ({ fastest }) => fastest
})

/** The memory and passes that `lnm run` would take. */
export const planOf = async (bench: Bench, job: Job, options: LnmOptions): Promise<{ peak_memory_bytes: number }> => {
  const config = await writeConfig(bench, job, options)
  return JSON.parse(await capture([process.execPath, lnmCommand(), "plan", config, "--json"]))
}

/** Runs a job from an empty output folder, which is left for the caller to look at. */
export const runJob = async (bench: Bench, competitor: Competitor, job: Job): Promise<Measured> => {
  await rm(outputOf(bench), { recursive: true, force: true })
  const command = await competitor.command(bench, job)
  const measured = await measure(bench.scratch, command, competitor.env?.(bench))
  bench.log(
    `${competitor.name}: ${job.lesions} lesions, ${job.subjects} subjects, ${job.storage}: ` +
      `${measured.wallSeconds.toFixed(2)} s, ${coreSeconds(measured).toFixed(2)} core s, ` +
      `${Math.round(measured.peakBytes / 2 ** 20)} MiB`
  )
  return measured
}

/** The manifest of the run of `lnm` that wrote last. */
export const lastManifest = async (bench: Bench): Promise<Manifest> =>
  JSON.parse(await readFile(path.join(outputOf(bench), "manifest.json"), "utf8"))
