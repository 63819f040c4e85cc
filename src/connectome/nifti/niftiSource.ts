/** 4D NIfTI files as a source, which a config names together with a brain mask; and what `inspect` says of NIfTI files. */
import { stat } from "node:fs/promises"
import { Effect } from "effect"
import { readingReason } from "../../files/readingReason.ts"
import { voxelVolumeMm3 } from "../../imaging/affine.ts"
import { countNonZero } from "../../imaging/countNonZero.ts"
import { findNiftiFiles } from "../../imaging/nifti/findNiftiFiles.ts"
import { type NiftiHeader, readNiftiHeader } from "../../imaging/nifti/NiftiHeader.ts"
import { formatBytes } from "../../runtime/Plan.ts"
import { isHdf5 } from "../hdf5/hdf5Files.ts"
import { onPath } from "../pathFailures.ts"
import { type Facts, FolderUnreadable, type Source } from "../Source.ts"
import { readMaskedTimeSeries } from "./maskedTimeSeries.ts"
import { openNiftiConnectome } from "./NiftiConnectome.ts"
import { openRawNifti } from "./rawNifti.ts"
import { groupScans } from "./scanGroups.ts"

const fileFacts = Effect.fnUntraced(function* (file: string) {
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

/** A file that is not called HDF5 is tried as NIfTI; a folder is one of NIfTI files where there is any in it or below. */
const inspect = Effect.fnUntraced(function* (path: string) {
  if (!(yield* onPath(path, () => stat(path))).isDirectory()) return isHdf5(path) ? undefined : yield* fileFacts(path)
  const files = yield* findNiftiFiles(
    path,
    "**/*.nii*",
    (cause) => new FolderUnreadable({ path, problem: `the folder ${readingReason(cause)}` })
  )
  return files.length === 0 ? undefined : yield* folderFacts(path, files)
})

export const source: Source = {
  isNamedBy: ({ mask }) => Effect.succeed(mask !== undefined),
  open: ({ path, mask, pattern, runs, choose }) => openNiftiConnectome({ path, mask: mask!, pattern, runs, choose }),
  raw: {
    open: ({ path, pattern, mask }, runs) => openRawNifti({ path, pattern, mask: mask!, runs }),
    read: ({ place }, mask, into) => readMaskedTimeSeries(place as NiftiHeader, mask, into)
  },
  inspect
}
