/**
 * What a run finds in its output folder when it is planned: maps that need not be made again, maps of other lesions of the same study,
 * which stay, or maps that do not agree with it, which are refused (`src/output/takeOver.ts`).
 */
import { Effect } from "effect"
import type { Lesion } from "../../src/lesions/Lesion.ts"
import { sameOnDisk } from "../../src/lesions/lesionNames.ts"
import type { FileRecord } from "../../src/output/FileRecord.ts"
import { type FolderState, readFolderState } from "../../src/output/folderState.ts"
import { differencesOfMaps, type MapsDescription } from "../../src/output/mapsDescription.ts"
import { MapsOutdated } from "../../src/output/refusedMaps.ts"
import { areWhole, nothingTakenOver, refuseUnknownMaps, type TakenOver, takeOver } from "../../src/output/takeOver.ts"
import { lesionsToMap, type MapsDescribed } from "./describeMaps.ts"
import { degreeFilesOf, mapsOfLesion, matrixFilesOf, outputFilesOf } from "./outputFiles.ts"
import type { Study } from "./Study.ts"

export interface PlannedFolder {
  readonly state: FolderState
  readonly taken: TakenOver
  /** Tables of the seed matrix that are taken over. */
  readonly matrix: ReadonlyArray<FileRecord>
  /** The map of the connectome's degree and its sidecar, where they are taken over. */
  readonly degree: ReadonlyArray<FileRecord>
  /** What decides the maps, where it had to be known to plan the run. */
  readonly maps: MapsDescription | undefined
  /** Whether all that earlier runs have left is removed first. */
  readonly fresh: boolean
}

/** Whether the run has to make the map of the degree. */
export const degreeIsLeft = ({ degree }: Pick<Study, "degree">, folder: Pick<PlannedFolder, "degree"> | undefined) =>
  degree === true && (folder?.degree ?? []).length === 0

/** The lesions that the run has to map. */
export const lesionsLeft = (study: Study, { taken }: Pick<PlannedFolder, "taken">): ReadonlyArray<Lesion> => {
  const finished = new Set(taken.finished.map(({ maps }) => sameOnDisk(maps)))
  return study.lesions.filter((lesion) => !finished.has(sameOnDisk(mapsOfLesion(lesion, study))))
}

/**
 * Looks at what is in the folder; writes nothing.
 *
 * @param describe gives what decides the maps; only asked where maps are there
 *
 * Errors: `OtherStudy`, `MapsOutdated`, `MapsUnknown`, and those of `describe`.
 */
export const planFolder = Effect.fn("planFolder")(function* (
  study: Study,
  folder: string,
  describe: MapsDescribed,
  fresh: boolean
) {
  const state = yield* readFolderState(folder)
  const nothing: PlannedFolder = { state, taken: nothingTakenOver, matrix: [], degree: [], maps: undefined, fresh }
  if (fresh) return nothing
  if (state.maps === undefined) {
    yield* refuseUnknownMaps(folder, state, outputFilesOf(study))
    return nothing
  }
  const maps = yield* describe
  const taken = yield* takeOver(folder, { ...state, maps: state.maps }, { maps, lesions: lesionsToMap(study, maps) })
  const matrixFiles = matrixFilesOf(study)
  if (matrixFiles.length > 0 && taken.kept.length > 0) {
    const problem = "not mapped in this run, so the seed matrix would not have it"
    return yield* new MapsOutdated({ folder, problems: taken.kept.map((record) => ({ maps: record.maps, problem })) })
  }
  const matrix = state.tables.filter(({ path }) => matrixFiles.includes(path))
  const isWhole = taken.finished.length === study.lesions.length && matrix.length === matrixFiles.length
  // The matrix is of all lesions, and made in a pass over all; refined seeds of all lesions are needed where they are taken out of one another.
  const kept = !needsAll(study) || isWhole ? taken : { ...taken, finished: [] }
  const degree = yield* degreeThere(study, folder, { ...state, maps: state.maps }, maps)
  const planned: PlannedFolder = { state, taken: kept, matrix: isWhole ? matrix : [], degree, maps, fresh }
  if (study.degree !== true) return withoutDegree(planned, study)
  return degree.length > 0 ? planned : withPass(planned, study)
})

/** Whether maps of some lesions cannot be made without mapping all. */
const needsAll = (study: Study): boolean =>
  matrixFilesOf(study).length > 0 || (study.pini !== undefined && study.partial !== undefined)

/** The files of the degree where they are whole and of this study; else none. */
const degreeThere = Effect.fnUntraced(function* (
  study: Study,
  folder: string,
  { maps, tables }: FolderState & { readonly maps: MapsDescription },
  current: MapsDescription
) {
  const wanted = degreeFilesOf(study)
  const there = tables.filter(({ path }) => wanted.includes(path))
  const isSame = there.length === wanted.length && differencesOfMaps(maps, current).length === 0
  return isSame && (yield* areWhole(folder, there)) ? there : []
})

/** Removes the map of the degree where the study has none: it would be in the folder, and in no run of this config. */
const withoutDegree = (planned: PlannedFolder, { space }: Study): PlannedFolder => {
  const { taken, state } = planned
  const unwanted = degreeFilesOf({ space, degree: true }).filter((file) => state.others.includes(file))
  return { ...planned, taken: { ...taken, leftOver: [...taken.leftOver, ...unwanted] } }
}

/**
 * Where all lesions are finished and only the degree is missing, has the largest mapped again, which takes a pass; with the seed matrix, which a
 * pass over all makes, or refined seeds that are taken out of one another, all of them.
 */
const withPass = (planned: PlannedFolder, study: Study): PlannedFolder => {
  const { taken } = planned
  if (lesionsLeft(study, planned).length > 0) return planned
  if (needsAll(study)) return { ...planned, taken: { ...taken, finished: [] }, matrix: [] }
  const largest = study.lesions.reduce((most, lesion) => (lesion.voxels.length > most.voxels.length ? lesion : most))
  const maps = sameOnDisk(mapsOfLesion(largest, study))
  return {
    ...planned,
    taken: { ...taken, finished: taken.finished.filter((record) => sameOnDisk(record.maps) !== maps) }
  }
}
