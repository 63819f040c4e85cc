/**
 * HDF5 files as the source of a store: every subject of every file, read as `lnm run` reads them. A file that disagrees
 * with the first on grid, affine or mask, or cannot be read, is listed as bad as a whole.
 */
import { basename, relative, resolve } from "node:path"
import { Effect, Result } from "effect"
import { identify } from "../../files/unchangedFiles.ts"
import { sameGrid } from "../../imaging/Grid.ts"
import { type Connectome, InvalidConnectome, type Subject } from "../Connectome.ts"
import { fingerprintOf } from "../fileFingerprint.ts"
import type { BadScan, RawConnectome, RawSubject } from "../RawConnectome.ts"
import { refuseOwnSources } from "../sameFiles.ts"
import { type Hdf5Connectome, openHdf5Connectome } from "./Hdf5Connectome.ts"
import { listHdf5Files } from "./hdf5Files.ts"

/** How a file's voxels, grid, mask or space differ from those of the first file; undefined where they do not. */
const disagreement = (first: Connectome, other: Connectome): string | undefined => {
  if (other.voxels !== first.voxels) return `it has ${other.voxels} voxels, ${basename(first.path)} has ${first.voxels}`
  if (!sameGrid(other.grid, first.grid)) return `its grid or affine is not that of ${basename(first.path)}`
  const voxel = other.gridIndex.findIndex((element, position) => element !== first.gridIndex[position])
  if (voxel >= 0) return `its mask is not that of ${basename(first.path)}: voxel ${voxel} lies elsewhere`
  return other.space === first.space
    ? undefined
    : `it says space ${other.space ?? "nothing"}, ${basename(first.path)} says ${first.space ?? "nothing"}`
}

/** Opens a file, and identifies it as it was before; also the files that a virtual dataset's values come from. */
const openOne = Effect.fnUntraced(function* (file: string) {
  const before = yield* Effect.result(identify([file]))
  const connectome = yield* Effect.scoped(openHdf5Connectome(file, "source"))
  const identities = yield* Effect.fromResult(before).pipe(
    Effect.zipWith(identify(connectome.files.filter((each) => each !== file)), (own, others) => [...own, ...others]),
    Effect.mapError(
      ({ problem }) => new InvalidConnectome({ file, problem, remedy: "Run again when nothing writes to it." })
    )
  )
  return { connectome, identities }
})

/** Which of a subject's values are not there; undefined where all are. */
const missingOf = ({ unwritten, incomplete }: Hdf5Connectome, subject: Subject): string | undefined =>
  unwritten.includes(subject)
    ? "none of its time series has been written"
    : incomplete.includes(subject)
      ? "only a part of its time series has been written"
      : undefined

export const openRawHdf5 = Effect.fn("openRawHdf5")(function* (
  location: string
): Effect.fn.Return<RawConnectome, InvalidConnectome> {
  const files = yield* listHdf5Files(location, "source")
  const folder = files.length === 1 && files[0] === resolve(location) ? resolve(location, "..") : resolve(location)
  const subjects: Array<RawSubject> = []
  const bad: Array<BadScan> = []
  let first: Connectome | undefined
  for (const file of files) {
    const opened = yield* Effect.result(openOne(file))
    const name = basename(file)
    if (Result.isFailure(opened)) {
      // The error of the only file is the failure, with its own remedy.
      if (files.length === 1) return yield* opened.failure
      bad.push({ subject: name, file, problem: opened.failure.problem })
      continue
    }
    const { connectome, identities } = opened.success
    yield* refuseOwnSources(file, connectome.files, files)
    first ??= connectome
    const problem = disagreement(first, connectome)
    if (problem !== undefined) {
      bad.push({ subject: name, file, problem })
      continue
    }
    const fingerprint = yield* fingerprintOf([file])
    for (const subject of connectome.subjects) {
      const { id, index, timePoints } = subject
      const missing = missingOf(connectome, subject)
      if (missing !== undefined) {
        bad.push({ subject: id, file, problem: missing })
        continue
      }
      subjects.push({
        id,
        sources: [relative(folder, file)],
        runs: [{ reader: "hdf5", file, place: index, timePoints }],
        timePoints,
        fingerprint,
        files: identities,
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
