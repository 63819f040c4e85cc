/**
 * The one table of sources. A new source is a folder beside this file and a row here.
 *
 * Rows are asked in this order: the last is what any other path is taken for, and NIfTI is what `inspect` takes any file for that is not
 * called HDF5, so a new row belongs above these two. Each module is loaded when it is needed, so that a worker loads no more than the reader that it uses; this
 * file is free of Effect for the same reason.
 */
import type { ReadBlock } from "./ReadBlock.ts"
import type { Source } from "./Source.ts"

export interface SourceRow {
  /** `kind` of its connectomes, and `reader` of what is read of them. */
  readonly name: string
  readonly load: () => Promise<{ readonly source: Source }>
  /** How workers read its parts; not there where it can only be read as a whole. */
  readonly loadReader?: () => Promise<{ readonly readBlock: ReadBlock }>
}

export const sources: ReadonlyArray<SourceRow> = [
  { name: "store", load: () => import("./store/storeSource.ts") },
  { name: "leaddbs", load: () => import("./leaddbs/leadDbsSource.ts") },
  { name: "pfc", load: () => import("./pfc/pfcSource.ts") },
  { name: "nifti", load: () => import("./nifti/niftiSource.ts") },
  {
    name: "hdf5",
    load: () => import("./hdf5/hdf5Source.ts"),
    loadReader: () => import("./hdf5/readHdf5Block.ts")
  }
]
