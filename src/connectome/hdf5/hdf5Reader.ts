/** Reads blocks of HDF5 files through the library, one file at a time: the file that was read last stays open. Free of Effect. */
import { type Hdf5Block, readSlab } from "./hdf5Block.ts"
import { type Hdf5File, loadHdf5Library } from "./hdf5Library.ts"

export interface Hdf5Reader {
  /** Reads a block into one array a subject, each (time points × voxels). Throws what the library throws; the file is then not kept open. */
  readonly read: (block: Hdf5Block, into: ReadonlyArray<Float32Array>) => Promise<void>
}

export const makeHdf5Reader = (): Hdf5Reader => {
  let open: Hdf5File | undefined

  const close = (): void => {
    const file = open
    open = undefined
    file?.close()
  }

  const fileAt = async (path: string): Promise<Hdf5File> => {
    if (open?.path === path) return open
    close()
    open = (await loadHdf5Library()).open(path)
    return open
  }

  const read = async (block: Hdf5Block, into: ReadonlyArray<Float32Array>): Promise<void> => {
    const file = await fileAt(block.path)
    try {
      readSlab(file, block, into)
    } catch (cause) {
      close()
      throw cause
    }
  }

  return { read }
}
