/**
 * `lnm inspect`: what a connectome, a lesion or another NIfTI file, saved sums, or an output folder holds. Reads no time series; with
 * `--check` all of a store, or of sums.
 */
import { existsSync, statSync } from "node:fs"
import { readdir } from "node:fs/promises"
import path from "node:path"
import { Console, Effect, Schema } from "effect"
import { type Hdf5Connectome, openHdf5Connectome } from "../connectome/hdf5/Hdf5Connectome.ts"
import { isHdf5 } from "../connectome/hdf5/hdf5Files.ts"
import { groupScans } from "../connectome/nifti/scanGroups.ts"
import { onPath } from "../connectome/pathFailures.ts"
import { isStore } from "../connectome/store/StoreConnectome.ts"
import { voxelVolumeMm3 } from "../imaging/affine.ts"
import { countNonZero } from "../imaging/countNonZero.ts"
import { findNiftiFiles } from "../imaging/findNiftiFiles.ts"
import { readNiftiHeader } from "../imaging/NiftiHeader.ts"
import { manifestName, readManifest } from "../output/Manifest.ts"
import { isArrayFile } from "../output/readArrayFile.ts"
import { formatBytes } from "../runtime/Plan.ts"
import { checking } from "./CommandFailed.ts"
import { inspectStore } from "./inspectStore.ts"
import { inspectSums } from "./inspectSums.ts"

/** There is nothing at the path that could be inspected. */
export class NothingToInspect extends Schema.TaggedError<NothingToInspect>()("NothingToInspect", {
  path: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.path}: ${this.problem}. Give an HDF5 or NIfTI file, a folder of them, a connectome store, saved sums, or an output folder.`
  }
}

type Facts = Readonly<Record<string, unknown>>

/** `--check` was given for something that has no checksums. */
export class NothingToCheck extends Schema.TaggedError<NothingToCheck>()("NothingToCheck", { path: Schema.String }) {
  override get message(): string {
    return (
      `--check: ${this.path} is not a connectome store or saved sums, and only these have checksums to hold it against. ` +
      "An output folder is checked with `lnm verify`."
    )
  }
}

export const inspect = (options: { readonly path: string; readonly json: boolean; readonly check: boolean }) =>
  Effect.gen(function* () {
    const facts: Facts = isStore(options.path)
      ? yield* inspectStore(options.path, options.check)
      : (yield* isArrayFile(options.path))
        ? yield* inspectSums(options.path, options.check)
        : yield* checking(options.check ? new NothingToCheck({ path: options.path }) : factsOf(options.path))
    yield* Console.log(options.json ? JSON.stringify(facts, null, 2) : formatFacts(facts))
  }).pipe(Effect.scoped)

const factsOf = Effect.fnUntraced(function* (location: string) {
  if (!existsSync(location)) {
    return yield* new NothingToInspect({ path: location, problem: "there is no such file or folder" })
  }
  if (!statSync(location).isDirectory()) {
    return isHdf5(location) ? connectomeFacts(yield* openHdf5Connectome(location)) : yield* niftiFacts(location)
  }
  if (existsSync(path.join(location, manifestName))) return yield* outputFacts(location)
  const scans = yield* findNiftiFiles(
    location,
    "**/*.nii*",
    (cause) =>
      new NothingToInspect({ path: location, problem: `the folder cannot be read: ${(cause as Error).message}` })
  )
  if (scans.length > 0) return yield* folderFacts(location, scans)
  const names = yield* onPath(location, () => readdir(location))
  if (!names.some(isHdf5)) {
    return yield* new NothingToInspect({ path: location, problem: "the folder holds no HDF5 or NIfTI file" })
  }
  return connectomeFacts(yield* openHdf5Connectome(location))
})

const connectomeFacts = (connectome: Hdf5Connectome): Facts => {
  const times = connectome.subjects.map(({ timePoints }) => timePoints)
  return {
    kind: "connectome (HDF5)",
    path: connectome.path,
    files: connectome.files.length,
    subjects: connectome.subjects.length,
    ...(connectome.unwritten.length > 0 ? { empty_subjects: connectome.unwritten.map(({ id }) => id) } : {}),
    ...(connectome.incomplete.length > 0 ? { incomplete_subjects: connectome.incomplete.map(({ id }) => id) } : {}),
    time_points: [...new Set(times)].sort((a, b) => a - b),
    voxels: connectome.voxels,
    storage: connectome.storage,
    size: formatBytes(connectome.bytesToRead),
    space: connectome.space ?? "not said; give connectome.space",
    grid_shape: connectome.grid.shape,
    affine: connectome.grid.affine
  }
}

const niftiFacts = Effect.fnUntraced(function* (file: string) {
  const header = yield* readNiftiHeader(file)
  const facts: Facts = {
    kind: `NIfTI-${header.version}${header.gzip ? ", gzip" : ""}`,
    path: file,
    shape: header.dims,
    data_type: header.datatype,
    byte_order: header.littleEndian ? "little endian" : "big endian",
    slope: header.slope,
    intercept: header.inter,
    voxel_volume_mm3: voxelVolumeMm3(header.grid.affine),
    affine: header.grid.affine
  }
  if (header.dims.slice(3).some((size) => size > 1)) return facts
  const nonZero = yield* countNonZero(header)
  return {
    ...facts,
    non_zero_voxels: nonZero,
    non_zero_volume_ml: (nonZero * voxelVolumeMm3(header.grid.affine)) / 1000
  }
})

const folderFacts = Effect.fnUntraced(function* (folder: string, files: ReadonlyArray<string>) {
  const headers = yield* Effect.forEach(files, readNiftiHeader, { concurrency: 4 })
  const shapes = Map.groupBy(headers, ({ dims }) => dims.join(" × "))
  const scans = headers.filter(({ dims }) => dims.length === 4).map(({ file }) => file)
  return {
    kind: "folder of NIfTI files",
    path: folder,
    files: files.length,
    ...(scans.length > 0 ? { scans_4d: scans.length, subjects: groupScans(folder, scans, "concatenate").length } : {}),
    size: formatBytes(headers.reduce((sum, { fileBytes }) => sum + fileBytes, 0)),
    shapes: Object.fromEntries([...shapes].map(([shape, members]) => [shape, members.length]))
  }
})

const outputFacts = Effect.fnUntraced(function* (folder: string) {
  const manifest = yield* readManifest(folder)
  return {
    kind: "output folder",
    path: folder,
    software: `${manifest.software.name} ${manifest.software.version}`,
    subjects: manifest.plan.subjects,
    lesions: manifest.plan.lesions,
    passes: manifest.plan.passes,
    files: manifest.outputs.length,
    wall_seconds: manifest.wall_seconds,
    peak_memory: formatBytes(manifest.peak_memory_bytes)
  }
})

const formatFacts = (facts: Facts): string => {
  const width = Math.max(...Object.keys(facts).map((key) => key.length)) + 2
  return Object.entries(facts)
    .map(([key, value]) => `${key.padEnd(width)}${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join("\n")
}
