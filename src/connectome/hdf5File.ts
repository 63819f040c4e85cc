/**
 * The HDF5 C library, as far as a connectome needs it: open a file, look at its datasets, read a hyperslab into memory
 * that the caller owns. The only module that knows `h5wasm`; its throws become typed failures here.
 *
 * The library runs inside a WebAssembly memory of its own. A hyperslab is read into one buffer there, which grows to the
 * largest request and is used again, and copied from there.
 */
import { Effect, type Scope } from "effect"
import type { Dataset, File, Metadata } from "h5wasm/node"
import { InvalidConnectome } from "./Connectome.ts"

export interface Hdf5Dataset {
  readonly shape: ReadonlyArray<number>
  readonly metadata: Metadata
  readonly filters: ReadonlyArray<string>
}

export interface Hdf5File {
  readonly path: string
  readonly names: ReadonlyArray<string>
  /** Throws where there is no such dataset: look at `names` first. */
  readonly dataset: (name: string) => Hdf5Dataset | undefined
  /** The root group's attributes. Integers of 64 bits come as bigint. */
  readonly attribute: (name: string) => unknown
  /** A whole small dataset of numbers. */
  readonly readAll: (name: string) => ArrayLike<number | bigint>
  /**
   * Reads a hyperslab.
   *
   * @returns its raw bytes in the library's memory, valid until the next call
   */
  readonly readSlab: (name: string, offset: ReadonlyArray<number>, count: ReadonlyArray<number>) => Uint8Array
}

/** Opens a file until the Scope closes. */
export const openHdf5 = (path: string): Effect.Effect<Hdf5File, InvalidConnectome, Scope.Scope> =>
  Effect.gen(function* () {
    const library = yield* Effect.promise(loadLibrary)
    const file = yield* Effect.acquireRelease(
      Effect.try({
        try: () => new library.File(path, "r"),
        catch: (cause) =>
          new InvalidConnectome({
            file: path,
            problem: `this is no readable HDF5 file: ${hdf5Reason(cause)}`,
            remedy: "Check that it was copied whole, and that it is HDF5.",
            cause
          })
      }),
      (open) => Effect.sync(() => open.close())
    )
    return makeHdf5File(path, file, library)
  })

/** The innermost of the messages that HDF5 stacks up, which names the cause: "truncated file: eof = …". */
export const hdf5Reason = (cause: unknown): string => {
  const text = cause instanceof Error ? cause.message : String(cause)
  const reasons = [...text.matchAll(/#\d+:.*?\(\): (.*)/g)].map((match) => match[1]!)
  return reasons.at(-1) ?? text.split("\n")[0]!
}

let library: Promise<Library> | undefined

/** One library a process: its buffer is shared by all files, which are read one after another. */
const loadLibrary = (): Promise<Library> => {
  library ??= startLibrary()
  return library
}

const startLibrary = async () => {
  const { default: h5wasm } = await import("h5wasm/node")
  const module = await h5wasm.ready
  // Without this the library prints its errors and goes on with an invalid handle.
  module.activate_throwing_error_handler()
  return { File: h5wasm.File, Dataset: h5wasm.Dataset, module, slab: { pointer: 0, bytes: 0 } }
}

type Library = Awaited<ReturnType<typeof startLibrary>>

const makeHdf5File = (path: string, file: File, library: Library): Hdf5File => {
  const names = file.keys()
  const get = (name: string): Dataset | undefined => {
    const entity = names.includes(name) ? file.get(name) : null
    return entity instanceof library.Dataset ? entity : undefined
  }
  return {
    path,
    names,
    dataset: (name) => {
      const found = get(name)
      return found === undefined
        ? undefined
        : {
            shape: found.shape ?? [],
            metadata: found.metadata,
            filters: found.filters.map((filter) => filter.name)
          }
    },
    attribute: (name) => file.attrs[name]?.value ?? undefined,
    readAll: (name) => get(name)!.value as ArrayLike<number | bigint>,
    readSlab: (name, offset, count) => readSlab(library, file, name, offset, count, get(name)!.metadata.size)
  }
}

const readSlab = (
  { module, slab }: Library,
  file: File,
  name: string,
  offset: ReadonlyArray<number>,
  count: ReadonlyArray<number>,
  bytesPerValue: number
): Uint8Array => {
  const bytes = count.reduce((product, extent) => product * extent, bytesPerValue)
  if (slab.bytes < bytes) {
    if (slab.pointer !== 0) module._free(slab.pointer)
    slab.bytes = 0
    slab.pointer = module._malloc(bytes)
    if (slab.pointer === 0) throw new Error(`the HDF5 library has no memory for ${bytes} bytes`)
    slab.bytes = bytes
  }
  const [counts, offsets, strides] = [count.map(BigInt), offset.map(BigInt), count.map(() => 1n)]
  const status = module.get_dataset_data(file.file_id, name, counts, offsets, strides, BigInt(slab.pointer))
  if (status < 0) throw new Error(`H5Dread failed with status ${status}`)
  return module.HEAPU8.subarray(slab.pointer, slab.pointer + bytes)
}
