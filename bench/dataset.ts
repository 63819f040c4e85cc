/**
 * The inputs of the runs, made when a scenario first asks for them: a connectome of any number of subjects in HDF5, uncompressed or
 * gzip, or as a store, and sets of lesions.
 *
 *     plain/, gzip/, lesions/, weighted/     what data.py has made, and copies of its connectome files
 *     connectome-{plain,gzip}-N/             hard links to files of N subjects
 *     store-int16-N.zarr                     a store of the same subjects
 *     lesions-N/, weighted-N/                hard links to the first N lesions
 *
 * Where more subjects are asked for than there are, the files begin again: copies with a few bytes behind their end, as `lnm` refuses
 * a file that is there twice.
 */
import { appendFile, copyFile, link, mkdir, readdir, rename, rm, stat, statfs, writeFile } from "node:fs/promises"
import path from "node:path"
import { lnmCommand } from "./lnmCommand.ts"
import { capture, python } from "./measure.ts"
import type { DataParameters } from "./workload.ts"

export const space = "MNI152NLin6Asym"

export type Storage = "plain" | "gzip" | "store"

export const storageName: Readonly<Record<Storage, string>> = {
  plain: "uncompressed HDF5",
  gzip: "gzip HDF5",
  store: "int16 store"
}

/** A folder that data.py has filled. */
export interface Dataset {
  readonly folder: string
  readonly parameters: DataParameters
}

/** Makes the data where the folder does not hold it yet. */
export const provideDataset = async (folder: string, parameters: DataParameters): Promise<Dataset> => {
  const script = path.join(import.meta.dirname, "data.py")
  const env = { ...process.env, OPENBLAS_NUM_THREADS: "1" }
  await mkdir(path.dirname(folder), { recursive: true })
  if (!(await isThere(folder))) {
    const variants = parameters.gzip ? 2 : 1
    await requireSpace(path.dirname(folder), variants * seriesBytes(parameters, parameters.unique_subjects))
  }
  await capture([python, "-B", script, folder, JSON.stringify(parameters)], env)
  return { folder, parameters }
}

const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false
  )

const seriesBytes = ({ time_points, voxels }: DataParameters, subjects: number): number =>
  4 * time_points * voxels * subjects

/** What must stay free for the maps of the largest run. */
const bytesForMaps = 2e9

const requireSpace = async (folder: string, bytes: number): Promise<void> => {
  const { bavail, bsize } = await statfs(folder)
  const needed = bytes + bytesForMaps
  if (bavail * bsize < needed) {
    throw new Error(`${folder}: ${(needed / 1e9).toFixed(1)} GB must be free; set LNM_BENCH_CACHE to another folder`)
  }
}

/** Fills a folder aside, so that one that is there is whole. */
const makeFolder = async (folder: string, fill: (folder: string) => Promise<void>): Promise<string> => {
  if (await isThere(folder)) return folder
  const aside = `${folder}.partial`
  await rm(aside, { recursive: true, force: true })
  await mkdir(aside)
  await fill(aside)
  await rename(aside, folder)
  return folder
}

/** The connectome of the first `subjects` subjects. */
export const provideConnectome = (dataset: Dataset, storage: Storage, subjects: number): Promise<string> =>
  storage === "store" ? provideStore(dataset, subjects) : provideFiles(dataset, storage, subjects)

const provideFiles = (
  { folder, parameters }: Dataset,
  storage: Exclude<Storage, "store">,
  subjects: number
): Promise<string> =>
  makeFolder(path.join(folder, `connectome-${storage}-${subjects}`), async (aside) => {
    const pool = path.join(folder, storage)
    const names = (await readdir(pool)).filter((name) => name.startsWith("subjects-")).sort()
    for (let position = 0; position < subjects / parameters.subjects_per_file; position++) {
      const [turn, name] = [Math.floor(position / names.length), names[position % names.length]!]
      const file = turn === 0 ? name : `turn-${turn}-${name}`
      await provideCopy(path.join(pool, name), path.join(pool, file), turn)
      await link(path.join(pool, file), path.join(aside, file))
    }
  })

/** A copy that differs from the file behind its end. */
const provideCopy = async (file: string, copy: string, turn: number): Promise<void> => {
  if (await isThere(copy)) return
  await requireSpace(path.dirname(copy), (await stat(file)).size)
  const aside = `${copy}.partial`
  await copyFile(file, aside)
  await appendFile(aside, `turn ${turn}`)
  await rename(aside, copy)
}

/** Prepared by `lnm run` itself. An unfinished one is gone on with. */
const provideStore = async (dataset: Dataset, subjects: number): Promise<string> => {
  const store = path.join(dataset.folder, `store-int16-${subjects}.zarr`)
  if (await isThere(store)) return store
  await requireSpace(dataset.folder, seriesBytes(dataset.parameters, subjects) / 2)
  const config = path.join(dataset.folder, "prepare.yaml")
  const keys = {
    pipeline: "prepare-connectome",
    source: { path: await provideFiles(dataset, "plain", subjects) },
    space,
    precision: "int16",
    output: { path: store }
  }
  // JSON is YAML.
  await writeFile(config, JSON.stringify(keys))
  await capture([process.execPath, lnmCommand(), "run", config, "--progress", "off"])
  await rm(config)
  return store
}

/** The first `count` lesions, of the weighted ones where these are asked for. */
export const provideLesions = ({ folder }: Dataset, count: number, weighted = false): Promise<string> => {
  const kind = weighted ? "weighted" : "lesions"
  return makeFolder(path.join(folder, `${kind}-${count}`), async (aside) => {
    const all = path.join(folder, kind)
    const names = (await readdir(all)).sort().slice(0, count)
    if (names.length < count) throw new Error(`${all} has ${names.length} lesions, not ${count}`)
    for (const name of names) await link(path.join(all, name), path.join(aside, name))
  })
}
