/**
 * Makes sure that the HDF5 library keeps no file open after its last reader has closed it. An error in a damaged file leaves some
 * of the library's objects open, and these keep the file open.
 */
import type h5wasm from "h5wasm/node"

/** A running library. */
export type Module = Awaited<typeof h5wasm.ready>

/** How often each file is open in a library. */
const openCounts = new WeakMap<Module, Map<string, number>>()

const countOpen = (module: Module, path: string, change: 1 | -1): number => {
  const counts = openCounts.get(module) ?? new Map<string, number>()
  openCounts.set(module, counts)
  const count = (counts.get(path) ?? 0) + change
  counts.set(path, count)
  return count
}

/** Opens a file; where that fails nothing of it stays open. */
export const openCounted = <File>(module: Module, path: string, open: () => File, giveUp: () => void): File => {
  countOpen(module, path, 1)
  try {
    return open()
  } catch (cause) {
    release(module, path, giveUp)
    throw cause
  }
}

/** Closes a file that `openCounted` opened, also where the library cannot. */
export const closeCounted = (module: Module, path: string, close: () => unknown, giveUp: () => void): void => {
  try {
    close()
  } finally {
    release(module, path, giveUp)
  }
}

/** A file of the library's C runtime. */
type Stream = Parameters<Module["FS"]["close"]>[0] & { readonly path?: string }

/**
 * Closes what the library has left open of a file that nobody reads any more. The library believes that it is open still, so it
 * is given up.
 */
const release = (module: Module, path: string, giveUp: () => void): void => {
  if (countOpen(module, path, -1) > 0) return
  const { FS } = module as unknown as { readonly FS: Module["FS"] & { readonly streams: ReadonlyArray<Stream | null> } }
  const left = FS.streams.filter((stream) => stream?.path === path)
  for (const stream of left) if (stream !== null) FS.close(stream)
  if (left.length > 0) giveUp()
}
