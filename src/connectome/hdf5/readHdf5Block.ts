/** How a worker reads blocks of HDF5 files. Free of Effect. The file that was read last through the library stays open. */
import type { ReadBlock } from "../ReadBlock.ts"
import { type Hdf5Block, readSlab } from "./hdf5Block.ts"
import { type Hdf5File, loadHdf5Library } from "./hdf5Library.ts"
import { readDirectly } from "./readDirectly.ts"

let open: Hdf5File | undefined

const closeFile = (): void => {
  const file = open
  open = undefined
  file?.close()
}

const fileAt = async (path: string): Promise<Hdf5File> => {
  if (open?.path === path) return open
  closeFile()
  open = (await loadHdf5Library()).open(path)
  return open
}

/** Reads through the library. A file that cannot be read is not kept open. */
const readThroughLibrary = async (block: Hdf5Block, into: ReadonlyArray<Float32Array>): Promise<void> => {
  const file = await fileAt(block.path)
  try {
    readSlab(file, block, into)
  } catch (cause) {
    closeFile()
    throw cause
  }
}

export const readBlock: ReadBlock = (data, into) => {
  const block = data as Hdf5Block
  return block.chunkIndex === undefined ? readThroughLibrary(block, into) : readDirectly(block, block.chunkIndex, into)
}
