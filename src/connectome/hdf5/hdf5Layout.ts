/**
 * What one HDF5 file of a connectome holds, checked: the time series' shape and storage, and the brain mask.
 *
 *     timeseries     (subjects, time points, voxels)  floating-point numbers or integers
 *     mask_indices   (3, voxels) or (voxels, 3)       whole numbers: i, j, k of each voxel
 *     mask_affine    (4, 4)
 *     @mask_shape    (3)                              attribute of the file
 *     @space         text, optional                   attribute of the file
 *
 * Only metadata and the mask are read here, no time series.
 */
import { statSync } from "node:fs"
import { Effect, Result } from "effect"
import { type Grid, sameGrid } from "../../imaging/Grid.ts"
import { fewestTimePoints, mostSubjects } from "../../kernels/numericPolicy.ts"
import { warnAll } from "../../runtime/Warnings.ts"
import { InvalidConnectome } from "../Connectome.ts"
import type { BlockLayout } from "./hdf5Block.ts"
import {
  countChunks,
  type Hdf5ChunkIndex,
  isReadable,
  locateValues,
  missingSubjects,
  mostChunksOf
} from "./hdf5ChunkIndex.ts"
import { hasDamagedHeap } from "./hdf5Heaps.ts"
import type { Hdf5Dataset, Hdf5File } from "./hdf5Library.ts"
import { gridIndexOf, gridOf, type LayoutProblem, spaceOf, wrong } from "./hdf5Mask.ts"
import { numberTypeOf } from "./hdf5Numbers.ts"
import { findSources } from "./hdf5Sources.ts"
import { askHdf5 } from "./openHdf5.ts"
import { canUndo } from "./undoFilters.ts"

export interface Hdf5Layout extends BlockLayout {
  readonly path: string
  readonly subjects: number
  readonly littleEndian: boolean
  readonly filters: ReadonlyArray<string>
  /** Where the values lie; undefined where only the HDF5 library can read them. */
  readonly chunkIndex: Hdf5ChunkIndex | undefined
  /** Rows of which nothing has ever been written, as far as the file's structures tell. */
  readonly unwritten: ReadonlyArray<number>
  /** Rows of which some storage chunks have been written, and others not. */
  readonly incomplete: ReadonlyArray<number>
  /** Further files that the values come from, where the dataset is a virtual one. */
  readonly sources: ReadonlyArray<string>
  readonly grid: Grid
  readonly gridIndex: Int32Array
  readonly space: string | undefined
}

/** A command that writes the file anew with gzip, for what this package does not read and h5py does. */
const convertHelp = (file: string): string =>
  `This command writes it anew: python3 -c "import h5py; a = h5py.File('${file}'); b = h5py.File('${file}.new.h5', 'w'); ` +
  "x = a['timeseries']; y = b.create_dataset('timeseries', x.shape, 'f4', chunks=(1, x.shape[1], min(1024, x.shape[2])), compression='gzip'); " +
  "[y.write_direct(x[s:s+1].astype('f4'), dest_sel=slice(s, s+1)) for s in range(len(x))]; " +
  `[a.copy(k, b) for k in a if k != 'timeseries']; b.attrs.update(a.attrs)"`

/** Filters that the HDF5 library undoes without a plugin. */
const knownFilters = new Set(["deflate", "shuffle", "fletcher32", "szip", "nbit", "scaleoffset"])

/** Reads and checks a file's metadata. */
export const readLayout = Effect.fn("readLayout")(function* (file: Hdf5File) {
  const read = yield* askHdf5(file, layoutOf)
  if (Result.isFailure(read)) {
    return yield* new InvalidConnectome({ file: file.path, ...read.failure })
  }
  const { timeSeries, warnings, ...rest } = read.success
  const layout: Hdf5Layout = { ...rest, sources: yield* findSources(file.path, timeSeries) }
  yield* warnAll(warnings)
  return layout
})

/** Fails where there are many more storage chunks than the file can hold. */
const checkChunks = (
  file: string,
  shape: ReadonlyArray<number>,
  chunks: ReadonlyArray<number>
): Result.Result<void, LayoutProblem> => {
  const { size } = statSync(file)
  const count = countChunks(shape, chunks)
  return count <= mostChunksOf(size)
    ? Result.succeed(undefined)
    : wrong(
        `\`timeseries\` has ${count} storage chunks of ${chunks.join(" × ")}, of which a file of ${size} bytes can hold only a small part`,
        "Write the file anew, as most of it was never written; or with larger chunks."
      )
}

/** Throws where the library finds the file damaged. */
const layoutOf = (file: Hdf5File) =>
  Result.gen(function* () {
    const timeSeries = yield* timeSeriesOf(file)
    const { metadata, filters } = timeSeries
    const type = numberTypeOf(metadata)
    if (type === undefined) {
      return yield* wrong(
        "`timeseries` holds neither floating-point numbers of 16 to 64 bits nor integers",
        convertHelp(file.path)
      )
    }
    const [subjects, timePoints, voxels] = timeSeries.shape as [number, number, number]
    const chunks = (metadata.chunks as [number, number, number] | null) ?? undefined
    if (chunks !== undefined) yield* checkChunks(file.path, timeSeries.shape, chunks)
    if (hasDamagedHeap(file.path)) {
      return yield* wrong(
        "the heap with the text of its attributes is damaged",
        "Copy the file again, or write it anew."
      )
    }
    const grid = yield* gridOf(file)
    const { gridIndex, warnings } = yield* gridIndexOf(file, grid, timeSeries.shape)
    // A virtual dataset's values lie elsewhere.
    const located = timeSeries.sources.length === 0 ? locate(file.path, timeSeries) : undefined
    const missing =
      located === undefined ? { unwritten: [], incomplete: [] } : missingSubjects(located, subjects, chunks)
    const chunkIndex = located !== undefined && isReadable(located) ? located : undefined
    if (filters.includes("lzf") && chunkIndex === undefined) {
      return yield* wrong(
        "`timeseries` is compressed with `lzf`, in a layout that only h5py reads",
        convertHelp(file.path)
      )
    }
    return {
      path: file.path,
      timeSeries,
      warnings,
      subjects,
      timePoints,
      voxels,
      type,
      littleEndian: metadata.littleEndian,
      chunks,
      filters,
      // Without a chunk index the library reads the values.
      chunkIndex: isDirect(timeSeries) ? chunkIndex : undefined,
      ...missing,
      grid,
      gridIndex,
      space: yield* spaceOf(file)
    }
  })

/**
 * Whether values are read directly, past the library: little-endian float32, and any numbers under lzf, which the library
 * does not know.
 */
const isDirect = ({ metadata, filters }: Hdf5Dataset): boolean => {
  const isPlain = numberTypeOf(metadata) === "float32" && metadata.littleEndian
  return canUndo(filters) && (isPlain || filters.includes("lzf"))
}

const locate = (path: string, { shape, metadata }: Hdf5Dataset): Hdf5ChunkIndex | undefined => {
  const extent = (sizes: ReadonlyArray<number>) => sizes as [number, number, number]
  return locateValues({
    path,
    name: "timeseries",
    shape: extent(shape),
    bytesPerValue: metadata.size,
    chunks: metadata.chunks === null || metadata.chunks === undefined ? undefined : extent(metadata.chunks)
  })
}

/** Fails where two files of one connectome do not describe the same voxels. */
export const checkAgreement = Effect.fn("checkAgreement")(function* (first: Hdf5Layout, other: Hdf5Layout) {
  const difference =
    other.voxels !== first.voxels
      ? `it has ${other.voxels} voxels, but ${first.path} has ${first.voxels}`
      : !sameGrid(other.grid, first.grid)
        ? `its mask_shape or mask_affine differs from that of ${first.path}`
        : other.gridIndex.some((element, voxel) => element !== first.gridIndex[voxel])
          ? `its mask_indices differ from those of ${first.path}`
          : other.space !== first.space
            ? `it says space ${other.space}, but ${first.path} says ${first.space}`
            : undefined
  if (difference !== undefined) {
    return yield* new InvalidConnectome({
      file: other.path,
      problem: difference,
      remedy: "All files of a connectome must hold the same voxels on the same grid; move the odd one away."
    })
  }
})

const timeSeriesOf = (file: Hdf5File): Result.Result<Hdf5Dataset, LayoutProblem> => {
  const timeSeries = file.dataset("timeseries")
  if (timeSeries === undefined) {
    return file.names().includes("timeseries")
      ? wrong("`timeseries` is no dataset, or a link that leads nowhere", "Put the file that it links to where it was.")
      : wrong(`there is no dataset \`timeseries\`, only ${listOf(file.names())}`)
  }
  const { shape, filters } = timeSeries
  const extent = shape.join(" × ")
  if (shape.length !== 3) return wrong(`\`timeseries\` has ${shape.length} dimensions (${extent}), not 3`)
  if (shape[0] === 0 || shape[2] === 0) return wrong(`\`timeseries\` is empty (${extent})`)
  if (shape[0]! > mostSubjects) return wrong(`\`timeseries\` has ${shape[0]} subjects, more than ${mostSubjects}`)
  if (shape[1]! < fewestTimePoints) {
    return wrong(
      `\`timeseries\` has ${shape[1]} time points; ${fewestTimePoints} are needed`,
      "Correlations of fewer mean nothing; take longer scans."
    )
  }
  const unknown = filters.filter((filter) => !knownFilters.has(filter))
  if (unknown.length > 0 && !canUndo(filters)) {
    return wrong(`\`timeseries\` is compressed with ${listOf(unknown)}, which needs a plugin`, convertHelp(file.path))
  }
  return Result.succeed(timeSeries)
}

const listOf = (names: ReadonlyArray<string>): string =>
  names.length === 0 ? "nothing" : names.map((name) => `\`${name}\``).join(", ")
