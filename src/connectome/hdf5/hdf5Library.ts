/**
 * The HDF5 C library, as far as a connectome needs it: open a file, look at its datasets, read a hyperslab. The only
 * module that knows `h5wasm`. It throws; who calls it turns that into a typed failure.
 *
 * The library runs inside a WebAssembly memory of its own, one in each thread that loads it. A hyperslab is read into
 * one buffer there, which grows to the largest request and is used again. A damaged file can make the library abort, or keep the
 * file open for good; such a library is given up, and the next file is opened by another one.
 */
import type { Dataset, File, Metadata, Reference } from "h5wasm/node"
import { closeCounted, type Module, openCounted } from "./hdf5Descriptors.ts"
import { lzfFilter } from "./lzf.ts"

export interface Hdf5Dataset {
  readonly shape: ReadonlyArray<number>
  readonly metadata: Metadata
  /** Names, in the order in which they were applied. */
  readonly filters: ReadonlyArray<string>
  /** Of a virtual dataset: the files that its values come from, and the dataset in each. */
  readonly sources: ReadonlyArray<{ readonly file: string; readonly dataset: string }>
}

/** What a MATLAB cell holds: text, or further cells. */
export type Hdf5Cell = string | ReadonlyArray<Hdf5Cell>

export interface Hdf5File {
  readonly path: string
  /** Names of what the root group holds. */
  readonly names: () => ReadonlyArray<string>
  /** Undefined where there is no such dataset: also behind a link that leads nowhere. */
  readonly dataset: (name: string) => Hdf5Dataset | undefined
  /** The root group's attributes; undefined where there is none, or an empty one. Integers of 64 bits come as bigint. */
  readonly attribute: (name: string) => unknown
  /** A whole small dataset of numbers, which must be there. */
  readonly readAll: (name: string) => ArrayLike<number | bigint>
  /** A dataset of references that lead to text or to further such datasets, as MATLAB keeps cells; it must be there. */
  readonly readCells: (name: string) => Hdf5Cell
  /**
   * Reads a hyperslab of a dataset, which must be there.
   *
   * @returns its raw bytes in the library's memory, valid until the next call
   */
  readonly readSlab: (name: string, offset: ReadonlyArray<number>, count: ReadonlyArray<number>) => Uint8Array
  readonly close: () => void
}

export interface Hdf5Library {
  /** Opens a file for reading; throws where it is no HDF5 file, or not a whole one. */
  readonly open: (path: string) => Hdf5File
}

let library: Promise<Hdf5Library> | undefined

/** Libraries of this thread that were given up. */
let givenUp = 0

/** One library a thread: its buffer is shared by all files, which are read one after another. */
export const loadHdf5Library = (): Promise<Hdf5Library> => {
  library ??= startLibrary().catch((cause: unknown) => {
    // The next file tries again: there may be memory then.
    library = undefined
    throw cause
  })
  return library
}

const giveUpLibrary = (): void => {
  library = undefined
  givenUp++
}

/**
 * Imports the library. A module is evaluated once for each address, and with it a library of its own is made.
 *
 * Its C runtime keeps the `console.error` that it finds, and prints messages about damaged files with it besides throwing. So it
 * gets one that is silent once the library has been loaded, and passes messages of the rest of the program on until then.
 */
const importLibrary = async (): Promise<typeof import("h5wasm/node")> => {
  const { error } = console
  let isLoading = true
  console.error = (...words) => {
    if (isLoading) error(...words)
  }
  try {
    return givenUp === 0
      ? await import("h5wasm/node")
      : await import(`${import.meta.resolve("h5wasm/node")}?after=${givenUp}`)
  } finally {
    isLoading = false
    console.error = error
  }
}

/** The innermost of the messages that HDF5 stacks up, which names the cause: "truncated file: eof = …". */
export const hdf5Reason = (cause: unknown): string => {
  const text = cause instanceof Error ? cause.message : String(cause)
  const reasons = [...text.matchAll(/#\d+:.*?\(\): (.*)/g)].map((match) => match[1]!)
  return reasons.at(-1) ?? text.split("\n")[0]!
}

const startLibrary = async (): Promise<Hdf5Library> => {
  const { default: h5wasm } = await importLibrary()
  const module = await h5wasm.ready
  // Without this the library prints its errors and goes on with an invalid handle.
  module.activate_throwing_error_handler()
  refuseToAbort(module)
  const slab: Slab = { pointer: 0, bytes: 0 }
  return {
    open: (path) => {
      const file = openCounted(module, path, () => new h5wasm.File(path, "r"), giveUpLibrary)
      const ifDataset = (entity: unknown) => (entity instanceof h5wasm.Dataset ? entity : undefined)
      return makeFile(path, file, (name) => ifDataset(file.get(name)), {
        dereference: (reference) => ifDataset(file.dereference(reference)),
        readSlab: (dataset, offset, count) => readSlab(module, slab, file, dataset, offset, count),
        close: () => closeCounted(module, path, () => file.close(), giveUpLibrary)
      })
    }
  }
}

/** Makes the library throw where it would abort and print on the terminal; the library is then given up. */
const refuseToAbort = (module: Module): void => {
  const hooks = module as { onAbort?: (reason: unknown) => void }
  hooks.onAbort = (reason) => {
    giveUpLibrary()
    throw new Error(`the HDF5 library cannot go on (${String(reason)})`)
  }
}

/** Operations on an open file besides reading its metadata. */
interface FileUse {
  readonly dereference: (reference: Reference) => Dataset | undefined
  readonly readSlab: (dataset: Dataset, offset: ReadonlyArray<number>, count: ReadonlyArray<number>) => Uint8Array
  readonly close: () => void
}

const makeFile = (path: string, file: File, find: (name: string) => Dataset | undefined, use: FileUse): Hdf5File => {
  const datasets = new Map<string, Dataset | undefined>()
  const datasetAt = (name: string): Dataset | undefined => {
    if (!datasets.has(name)) datasets.set(name, find(name))
    return datasets.get(name)
  }
  return {
    path,
    names: () => file.keys(),
    dataset: (name) => {
      const found = datasetAt(name)
      return found === undefined ? undefined : describeDataset(found)
    },
    attribute: (name) => file.attrs[name]?.value ?? undefined,
    readAll: (name) => datasetAt(name)!.value as ArrayLike<number | bigint>,
    readCells: (name) => cellOf(use.dereference, datasetAt(name)!),
    readSlab: (name, offset, count) => use.readSlab(datasetAt(name)!, offset, count),
    close: use.close
  }
}

/** Cells within cells that are followed; a damaged file may lead back to itself. */
const mostDeep = 4

/** MATLAB keeps text as codes of letters of 16 bits. */
const cellOf = (find: FileUse["dereference"], dataset: Dataset, depth = 0): Hdf5Cell => {
  const { value } = dataset
  if (typeof value === "string") return value
  if (depth >= mostDeep) throw new Error(`cells lie more than ${mostDeep} deep within each other`)
  if (dataset.dtype !== "Reference") return String.fromCharCode(...Array.from(value as ArrayLike<number>, Number))
  return Array.from(value as unknown as ArrayLike<Reference>, (reference) => {
    const target = find(reference)
    if (target === undefined) throw new Error("a cell leads nowhere")
    return cellOf(find, target, depth + 1)
  })
}

const describeDataset = (dataset: Dataset): Hdf5Dataset => ({
  shape: dataset.shape ?? [],
  metadata: dataset.metadata,
  filters: dataset.filters.map(({ id, name }) => (id === lzfFilter ? "lzf" : name)),
  sources: (dataset.metadata.virtual_sources ?? []).map(({ file_name, dset_name }) => ({
    file: file_name,
    dataset: dset_name
  }))
})

/** The library's buffer that hyperslabs are read into. */
interface Slab {
  pointer: number
  bytes: number
}

const readSlab = (
  module: Module,
  slab: Slab,
  file: File,
  dataset: Dataset,
  offset: ReadonlyArray<number>,
  count: ReadonlyArray<number>
): Uint8Array => {
  const bytes = count.reduce((product, extent) => product * extent, dataset.metadata.size)
  if (slab.bytes < bytes) {
    if (slab.pointer !== 0) module._free(slab.pointer)
    slab.bytes = 0
    slab.pointer = module._malloc(bytes)
    if (slab.pointer === 0) throw new Error(`the HDF5 library has no memory for ${bytes} bytes`)
    slab.bytes = bytes
  }
  const [counts, offsets, strides] = [count.map(BigInt), offset.map(BigInt), count.map(() => 1n)]
  const status = module.get_dataset_data(file.file_id, dataset.path, counts, offsets, strides, BigInt(slab.pointer))
  if (status < 0) throw new Error(`H5Dread failed with status ${status}`)
  return module.HEAPU8.subarray(slab.pointer, slab.pointer + bytes)
}
