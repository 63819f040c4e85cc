/**
 * HDF5 files as the source of a store: every subject of every file, read as `lnm run` reads them. A file that disagrees
 * with the first on grid, affine or mask, or cannot be read, is listed as bad as a whole.
 */
import { readdir, stat } from "node:fs/promises"
import { basename, relative, resolve } from "node:path"
import { Effect, Result } from "effect"
import { sameGrid } from "../../imaging/Grid.ts"
import { type Connectome, InvalidConnectome } from "../Connectome.ts"
import { fingerprintOf } from "../fileFingerprint.ts"
import type { BadScan, RawConnectome, RawSubject } from "../RawConnectome.ts"
import { isHdf5, openHdf5Connectome } from "./Hdf5Connectome.ts"

const listFiles = Effect.fnUntraced(function* (location: string) {
  const invalid = (problem: string, remedy: string) => new InvalidConnectome({ file: location, problem, remedy })
  const found = yield* Effect.promise(() => stat(location).catch(() => undefined))
  if (found === undefined) return yield* invalid("there is no such file or folder", "Correct source.path.")
  if (!found.isDirectory()) return [resolve(location)]
  const names = (yield* Effect.promise(() => readdir(location))).filter(isHdf5).sort()
  if (names.length > 0) return names.map((name) => resolve(location, name))
  return yield* invalid(
    "the folder holds no .h5 file",
    "Give an HDF5 file, or a folder with some, as source.path; for 4D NIfTI files set source.mask too."
  )
})

/** In which way a file is not like the first; undefined where it is. */
const disagreement = (first: Connectome, other: Connectome): string | undefined => {
  if (other.voxels !== first.voxels) return `it has ${other.voxels} voxels, ${basename(first.path)} has ${first.voxels}`
  if (!sameGrid(other.grid, first.grid)) return `its grid or affine is not that of ${basename(first.path)}`
  const voxel = other.gridIndex.findIndex((element, position) => element !== first.gridIndex[position])
  if (voxel >= 0) return `its mask is not that of ${basename(first.path)}: voxel ${voxel} lies elsewhere`
  return other.space === first.space
    ? undefined
    : `it says space ${other.space ?? "nothing"}, ${basename(first.path)} says ${first.space ?? "nothing"}`
}

export const openRawHdf5 = Effect.fn("openRawHdf5")(function* (
  location: string
): Effect.fn.Return<RawConnectome, InvalidConnectome> {
  const files = yield* listFiles(location)
  const folder = files.length === 1 && files[0] === resolve(location) ? resolve(location, "..") : resolve(location)
  const subjects: Array<RawSubject> = []
  const bad: Array<BadScan> = []
  let first: Connectome | undefined
  for (const file of files) {
    const opened = yield* Effect.result(Effect.scoped(openHdf5Connectome(file)))
    const name = basename(file)
    if (Result.isFailure(opened)) {
      // One file is all there is: then this is its error, with its own remedy.
      if (files.length === 1) return yield* opened.failure
      bad.push({ subject: name, file, problem: opened.failure.problem })
      continue
    }
    const connectome = opened.success
    first ??= connectome
    const problem = disagreement(first, connectome)
    if (problem !== undefined) {
      bad.push({ subject: name, file, problem })
      continue
    }
    const fingerprint = yield* fingerprintOf([file])
    for (const { id, index, timePoints } of connectome.subjects) {
      subjects.push({
        id,
        sources: [relative(folder, file)],
        runs: [{ kind: "hdf5", file, row: index, timePoints }],
        timePoints,
        fingerprint,
        bytes: connectome.bytesToRead / connectome.subjects.length
      })
    }
  }
  if (first === undefined) {
    const remedy = `Check source.path. The first: ${bad[0]!.file}: ${bad[0]!.problem}`
    return yield* new InvalidConnectome({ file: location, problem: "no file in it can be used", remedy })
  }
  return {
    kind: "hdf5",
    path: resolve(location),
    space: first.space,
    grid: first.grid,
    gridIndex: first.gridIndex,
    subjects,
    bad,
    storage: first.storage,
    readingBytes: first.readingBytes(1)
  }
})
