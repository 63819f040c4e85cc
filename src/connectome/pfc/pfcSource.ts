/**
 * Subjects as the pfc-toolkit keeps them, as a source: a folder of NumPy files, time points × voxels, and the brain mask that they
 * were taken with. A file is a subject; those of one `sub-` are its runs. Files of norms (`…_norms.npy`) are not read.
 */
import { readdir, stat } from "node:fs/promises"
import { basename, join, resolve } from "node:path"
import { Effect } from "effect"
import { isMissing } from "../../files/unlessMissing.ts"
import { makeFilePattern } from "../../imaging/FilePattern.ts"
import { formatBytes } from "../../runtime/Plan.ts"
import { InvalidConnectome } from "../Connectome.ts"
import { readBrainMask } from "../nifti/brainMask.ts"
import { spaceFrom } from "../nifti/niftiScans.ts"
import { groupScans } from "../nifti/scanGroups.ts"
import { onPath } from "../pathFailures.ts"
import { connectomeOfRuns, type RunFolder, rawOfRuns } from "../RunFiles.ts"
import type { ConnectomeLocation, Facts, RunsOption, Source } from "../Source.ts"
import { maskedOrder } from "./maskedOrder.ts"
import type { NpyMatrix } from "./npyFile.ts"
import { lookAtNpy, readNpy } from "./npySeries.ts"

/** What else the pfc-toolkit keeps beside a subject: the norm of each voxel's series. */
const isNorms = (name: string): boolean => /_norms?\.npy$/i.test(name)

/** NumPy files of a folder itself, in order; none where it is no folder or not there. */
const seriesIn = (folder: string): Effect.Effect<ReadonlyArray<string>, InvalidConnectome> =>
  onPath(folder, async () => {
    const names = await readdir(folder).catch((cause: unknown) => {
      if (isMissing(cause)) return []
      throw cause
    })
    return names.filter((name) => /\.npy$/i.test(name) && !name.startsWith(".") && !isNorms(name)).sort()
  })

const isNamedBy = ({ path, mask, pattern }: ConnectomeLocation): Effect.Effect<boolean, InvalidConnectome> =>
  mask === undefined || (pattern !== undefined && !/\.npy$/i.test(pattern))
    ? Effect.succeed(false)
    : Effect.map(seriesIn(path), ({ length }) => length > 0)

const openFolder = Effect.fnUntraced(function* (
  { path, pattern, mask }: ConnectomeLocation,
  runs: RunsOption,
  keys: "connectome" | "source"
) {
  const folder = resolve(path)
  const matches = pattern === undefined ? () => true : makeFilePattern(pattern).matches
  const files = (yield* seriesIn(folder)).filter(matches).map((name) => join(folder, name))
  if (files.length === 0) {
    const problem = `no NumPy file matches "${pattern}"`
    return yield* new InvalidConnectome({ file: folder, problem, remedy: `Check ${keys}.pattern.` })
  }
  const brain = yield* readBrainMask(mask!)
  const voxels = brain.gridIndex.length
  const opened: RunFolder<NpyMatrix> = {
    ...{ kind: "pfc", path: folder, files: [brain.file], grid: brain.grid },
    gridIndex: maskedOrder(brain.grid, brain.gridIndex),
    space: yield* spaceFrom(files, brain, keys),
    subjects: groupScans(folder, files, runs),
    lookAt: (file) => lookAtNpy(file, voxels),
    read: readNpy
  }
  return opened
})

/** Of a folder without its mask: as much as the files say themselves. */
const factsOf = Effect.fnUntraced(function* (path: string, names: ReadonlyArray<string>) {
  const sizes = yield* Effect.forEach(names, (name) => onPath(path, () => stat(join(path, name))))
  const facts: Facts = {
    kind: "folder of NumPy files (pfc-toolkit)",
    path: resolve(path),
    files: names.length,
    size: formatBytes(sizes.reduce((sum, { size }) => sum + size, 0)),
    mask: "give connectome.mask, the brain mask that the files were made with",
    first: basename(names[0]!)
  }
  return facts
})

const inspect = Effect.fnUntraced(function* (path: string) {
  const isFolder = (yield* onPath(path, () => stat(path))).isDirectory()
  const names = isFolder ? yield* seriesIn(path) : []
  return names.length === 0 ? undefined : yield* factsOf(path, names)
})

export const source: Source = {
  isNamedBy,
  open: (location) =>
    Effect.flatMap(openFolder(location, location.runs ?? "concatenate", "connectome"), (folder) =>
      connectomeOfRuns(folder, location)
    ),
  raw: {
    open: (location, runs) => Effect.flatMap(openFolder(location, runs, "source"), rawOfRuns),
    read: ({ file, timePoints, place }, { gridIndex }, into) =>
      readNpy({ file, timePoints, place: place as NpyMatrix }, gridIndex.length, into)
  },
  inspect
}
