/**
 * A functional connectome of Lead-DBS as a source: a folder with `dataset_info.json`, `dataset_volsurf.mat` and the runs in `vol/`
 * (Horn et al. 2019, doi:10.1016/j.neuroimage.2018.08.068). Subjects and voxels come in the order in which the folder lists them.
 */
import { stat } from "node:fs/promises"
import { basename, join, resolve } from "node:path"
import { Effect } from "effect"
import { isThere } from "../../files/unlessMissing.ts"
import { formatBytes } from "../../runtime/Plan.ts"
import { InvalidConnectome } from "../Connectome.ts"
import { onPath } from "../pathFailures.ts"
import type { NamedSubject } from "../RawConnectome.ts"
import { connectomeOfRuns, type RunFolder, rawOfRuns, separateRuns } from "../RunFiles.ts"
import type { Facts, ListedFolder, RunsOption, Source } from "../Source.ts"
import { readDatasetInfo } from "./datasetInfo.ts"
import { type GmtcPlace, lookAtGmtc, readGmtc } from "./gmtc.ts"
import { readVolsurf, type Volsurf, volsurfName } from "./volsurf.ts"

const infoName = "dataset_info.json"

/** Where the runs are. */
const runsFolder = "vol"

const isHere = (path: string): Effect.Effect<boolean, InvalidConnectome> =>
  onPath(path, async () => {
    const found = await Promise.all([volsurfName, infoName].map((name) => isThere(stat(join(path, name)))))
    return found.includes(true)
  })

/** MATLAB adds the extension where a name has none. */
const runPath = (folder: string, name: string): string =>
  join(folder, runsFolder, /\.mat$/i.test(name) ? name : `${name}.mat`)

const subjectsOf = (folder: string, { subjects }: Volsurf, runs: RunsOption): ReadonlyArray<NamedSubject> => {
  const named = subjects.map(({ id, runs: names }) => ({ id, files: names.map((name) => runPath(folder, name)) }))
  return runs === "separate" ? separateRuns(named, (file) => basename(file).replace(/\.mat$/i, "")) : named
}

/** The first thing that is in a list twice. */
const twiceIn = (list: ReadonlyArray<string>): string | undefined => {
  const seen = new Set<string>()
  return list.find((each) => seen.size === seen.add(each).size)
}

const openFolder = Effect.fnUntraced(function* (path: string, runs: RunsOption = "concatenate") {
  const folder = resolve(path)
  const [infoFile, volsurfFile] = [join(folder, infoName), join(folder, volsurfName)]
  const { timeAxis } = yield* readDatasetInfo(infoFile)
  const volsurf = yield* readVolsurf(volsurfFile)
  const voxels = volsurf.gridIndex.length
  const subjects = subjectsOf(folder, volsurf, runs)
  const twice = twiceIn(subjects.map(({ id }) => id)) ?? twiceIn(subjects.flatMap(({ files }) => files))
  if (twice !== undefined) {
    const problem = `\`vol.subIDs\` has ${twice} twice, so that a subject would count twice`
    return yield* new InvalidConnectome({ file: volsurfFile, problem, remedy: "Correct the list." })
  }
  const opened: RunFolder<GmtcPlace> = {
    ...{ kind: "leaddbs", path: folder, files: [infoFile, volsurfFile], subjects },
    grid: volsurf.grid,
    gridIndex: volsurf.gridIndex,
    lookAt: (file) => lookAtGmtc(file, timeAxis, voxels),
    read: readGmtc
  }
  return opened
})

const listedIn = (folder: RunFolder<GmtcPlace>): ListedFolder => ({
  ...folder,
  space: folder.space,
  lookAt: (subject) => rawOfRuns({ ...folder, subjects: [subject] })
})

const refuseMask = (path: string, mask: string | undefined): Effect.Effect<void, InvalidConnectome> => {
  if (mask === undefined) return Effect.void
  const problem = `it is a Lead-DBS connectome, whose voxels ${volsurfName} lists; the mask ${mask} would be passed over`
  return Effect.fail(new InvalidConnectome({ file: path, problem, remedy: "Remove `mask` from the config." }))
}

const factsOf = Effect.fnUntraced(function* (path: string) {
  const { name, formatVersion } = yield* readDatasetInfo(join(path, infoName))
  const connectome = yield* Effect.flatMap(openFolder(path), (folder) => connectomeOfRuns(folder))
  const facts: Facts = {
    kind: "connectome (Lead-DBS)",
    path: connectome.path,
    ...(name === undefined ? {} : { name }),
    format_version: formatVersion,
    subjects: connectome.subjects.length,
    runs: connectome.subjects.reduce((sum, { runs }) => sum + (runs?.length ?? 1), 0),
    time_points: [...new Set(connectome.subjects.map(({ timePoints }) => timePoints))].sort((a, b) => a - b),
    voxels: connectome.voxels,
    storage: connectome.storage,
    size: formatBytes(connectome.bytesToRead),
    space: "not said; give connectome.space",
    grid_shape: connectome.grid.shape,
    affine: connectome.grid.affine
  }
  return facts
})

export const source: Source = {
  isNamedBy: ({ path }) => isHere(path),
  open: ({ path, runs, mask, choose }) =>
    Effect.andThen(
      refuseMask(path, mask),
      Effect.flatMap(openFolder(path, runs), (folder) =>
        connectomeOfRuns(folder, {
          ...(runs === undefined ? {} : { runs }),
          ...(choose === undefined ? {} : { choose })
        })
      )
    ),
  raw: {
    open: ({ path, mask }, runs) =>
      Effect.andThen(refuseMask(path, mask), Effect.flatMap(openFolder(path, runs), rawOfRuns)),
    read: ({ file, timePoints, place }, { gridIndex }, into) =>
      readGmtc({ file, timePoints, place: place as GmtcPlace }, gridIndex.length, into),
    listed: { files: [infoName, volsurfName], open: (path, runs) => Effect.map(openFolder(path, runs), listedIn) }
  },
  inspect: (path) => Effect.flatMap(isHere(path), (here) => (here ? factsOf(path) : Effect.undefined))
}
