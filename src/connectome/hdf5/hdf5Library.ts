/**
 * The HDF5 C library, as far as a connectome needs it: open a file, look at its datasets, read a hyperslab. The only
 * module that knows `h5wasm`. It throws; who calls it turns that into a typed failure.
 *
 * The library runs inside a WebAssembly memory of its own, one in each thread that loads it. A hyperslab is read into
 * one buffer there, which grows to the largest request and is used again.
 */
import type { Dataset, File, Metadata } from "h5wasm/node"

export interface Hdf5Dataset {
  readonly shape: ReadonlyArray<number>
  readonly metadata: Metadata
  readonly filters: ReadonlyArray<string>
}

export interface Hdf5File {
  readonly path: string
  readonly names: ReadonlyArray<string>
  readonly dataset: (name: string) => Hdf5Dataset | undefined
  /** The root group's attributes. Integers of 64 bits come as bigint. */
  readonly attribute: (name: string) => unknown
  /** A whole small dataset of numbers, which must be there. */
  readonly readAll: (name: string) => ArrayLike<number | bigint>
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

/** One library a thread: its buffer is shared by all files, which are read one after another. */
export const loadHdf5Library = (): Promise<Hdf5Library> => {
  library ??= startLibrary()
  return library
}

/** The innermost of the messages that HDF5 stacks up, which names the cause: "truncated file: eof = …". */
export const hdf5Reason = (cause: unknown): string => {
  const text = cause instanceof Error ? cause.message : String(cause)
  const reasons = [...text.matchAll(/#\d+:.*?\(\): (.*)/g)].map((match) => match[1]!)
  return reasons.at(-1) ?? text.split("\n")[0]!
}

const startLibrary = async (): Promise<Hdf5Library> => {
  const { default: h5wasm } = await import("h5wasm/node")
  const module = await h5wasm.ready
  // Without this the library prints its errors and goes on with an invalid handle.
  module.activate_throwing_error_handler()
  const slab: Slab = { pointer: 0, bytes: 0 }
  return {
    open: (path) => {
      const file = new h5wasm.File(path, "r")
      const entities = file.keys().map((name) => [name, file.get(name)] as const)
      const datasets = new Map(
        entities.flatMap(([name, entity]) => (entity instanceof h5wasm.Dataset ? [[name, entity] as const] : []))
      )
      return makeFile(path, file, datasets, (name, offset, count) =>
        readSlab(module, slab, file, datasets.get(name)!, offset, count)
      )
    }
  }
}

const makeFile = (
  path: string,
  file: File,
  datasets: ReadonlyMap<string, Dataset>,
  read: Hdf5File["readSlab"]
): Hdf5File => ({
  path,
  names: [...datasets.keys()],
  dataset: (name) => {
    const found = datasets.get(name)
    if (found === undefined) return undefined
    return { shape: found.shape ?? [], metadata: found.metadata, filters: found.filters.map((filter) => filter.name) }
  },
  attribute: (name) => file.attrs[name]?.value ?? undefined,
  readAll: (name) => datasets.get(name)!.value as ArrayLike<number | bigint>,
  readSlab: read,
  close: () => void file.close()
})

/** The library's buffer that hyperslabs are read into. */
interface Slab {
  pointer: number
  bytes: number
}

type Module = Awaited<typeof import("h5wasm/node")["default"]["ready"]>

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
