/**
 * The output folder as a dataset that runs one after another make together. While a run maps, its journal says which lesions are finished;
 * in the end there are records of all lesions in the folder, whichever run has mapped them, and from these come tables and manifest.
 */
import { Effect, Fiber } from "effect"
import type { ConnectivitySums } from "../../src/elements/ConnectivitySums.ts"
import { meanDegree } from "../../src/kernels/degreeSums.ts"
import type { Lesion } from "../../src/lesions/Lesion.ts"
import { sameOnDisk } from "../../src/lesions/lesionNames.ts"
import { calledOf } from "../../src/lesions/seeds/Seed.ts"
import { degreeMapFiles, encodeDegreeMap } from "../../src/output/degreeMap.ts"
import { folderStateBy, knownFiles } from "../../src/output/folderState.ts"
import { type LesionRecord, listLesion } from "../../src/output/LesionRecord.ts"
import { manifestName, recordFile } from "../../src/output/Manifest.ts"
import { mappedLesionStem } from "../../src/output/mappedLesion.ts"
import type { MapsDescription } from "../../src/output/mapsDescription.ts"
import { OutputFolder, writeAll } from "../../src/output/OutputFolder.ts"
import { OutputBusy } from "../../src/output/refusedMaps.ts"
import { journalName, runFiles, runFolder } from "../../src/output/runFolder.ts"
import { journalLine } from "../../src/output/runJournal.ts"
import { keepRow } from "../../src/output/Summary.ts"
import { nothingTakenOver } from "../../src/output/takeOver.ts"
import { packageVersion } from "../../src/runtime/version.ts"
import { type Warning, Warnings } from "../../src/runtime/Warnings.ts"
import type { WrittenLesion } from "../../src/stages/WriteMaps.ts"
import { lesionsToMap, type MapsDescribed } from "./describeMaps.ts"
import { filesOfLesion, mapsOfLesion, outputFilesOf } from "./outputFiles.ts"
import { degreeIsLeft, lesionsLeft, type PlannedFolder } from "./plannedFolder.ts"
import { orderRecords } from "./recordOrder.ts"
import type { Study } from "./Study.ts"
import { keptParcels } from "./studyTables.ts"

/** A lesion whose maps are in the folder, with its tables of parcels. */
export interface MappedLesion extends Pick<WrittenLesion, "parcels"> {
  readonly record: LesionRecord
}

/**
 * Opens the locked folder for a run: removes what killed runs have left unfinished and with `fresh` all that earlier runs have left, keeps
 * what is known of maps that stay in the journal, and removes the manifest.
 *
 * @param planned undefined: nothing is taken over
 * @param describe gives what decides the maps; undefined where that takes too long: then nothing can be taken over later
 *
 * Errors: `OutputBusy` where another run has written there since this one was planned; `MapsOutdated`; `OutputNotWritten`.
 */
export const openDataset = Effect.fn("openDataset")(function* (
  study: Study,
  planned: PlannedFolder | undefined,
  describe: MapsDescribed | undefined
) {
  const output = yield* OutputFolder
  const taken = planned?.taken ?? nothingTakenOver
  if (planned !== undefined) yield* cleanFolder(study, planned)
  const earlier = renewed([...taken.kept, ...taken.finished], study)
  const parcels = yield* keptParcels(study, earlier)
  const toMap = { ...study, lesions: lesionsLeft(study, { taken }) }
  const describing =
    planned?.maps === undefined && describe !== undefined ? yield* Effect.forkChild(describe) : undefined
  const described = describing === undefined ? Effect.succeed(planned?.maps) : Fiber.join(describing)
  const begin = yield* Effect.cached(beginMapping(toMap, planned, described))
  // What is known of maps that stay is in the journal before the manifest is gone.
  if (planned?.maps !== undefined) yield* begin
  yield* output.remove(manifestName)

  const added: Array<MappedLesion> = []
  const byName = new Map(toMap.lesions.map((lesion) => [lesion.name, lesion]))
  return {
    /** Lesions that the run has to map. */
    lesions: toMap.lesions,
    /** Whether the run has to make the map of the degree. */
    degree: degreeIsLeft(study, planned),
    /** Waits until the connectome is hashed for what decides the maps: not more is hashed at once than memory is planned for. */
    hashed: describing === undefined ? Effect.void : Effect.asVoid(Fiber.await(describing)),
    /** Notes which lesions the run maps, once, before the first file of one is written. */
    begin,
    /** Notes that the files of a lesion are written. */
    note: Effect.fn("noteLesion")(function* ({ summary, parcels }: WrittenLesion) {
      const record = yield* recordLesion(byName.get(summary.lesion)!, study, summary, yield* begin)
      added.push({ record, parcels })
    }),
    /** Writes the map of the connectome's degree, and notes that it is there. */
    writeDegree: Effect.fn("writeDegree")(function* (sums: ConnectivitySums) {
      const { connectome, space } = study
      const degree = meanDegree(sums.degree!, sums.subjects)
      const map = { degree, connectome, subjects: sums.subjects, space, version: packageVersion }
      yield* writeAll(yield* encodeDegreeMap(map))
      const tables = yield* output.writtenTo(degreeMapFiles(space))
      if ((yield* begin) !== undefined) yield* output.append(journalName, journalLine({ tables }))
    }),
    /** All lesions of the folder, as one run over all of them would order and call them; `locations` is `lesions.path`, and the files of seeds. */
    all: (locations: ReadonlyArray<string>): ReadonlyArray<MappedLesion> => {
      const found = [...earlier.map((record, n) => ({ record, parcels: parcels[n] ?? [] })), ...added]
      return orderRecords(found, study, taken.kept.length === 0 ? undefined : locations)
    },
    /** Files that were taken over. */
    files: [...(planned?.matrix ?? []), ...(planned?.degree ?? []), ...earlier.flatMap(({ files }) => files)],
    /** What the manifest says of the maps. */
    described: (mapped: ReadonlyArray<MappedLesion>) =>
      Effect.map(begin, (begun) =>
        begun === undefined
          ? { lesions: [] }
          : { study: begun.maps, lesions: mapped.map(({ record }) => listLesion(record)) }
      ),
    /** Warnings of earlier runs, but for those about lesions that this run has looked at anew. */
    warnings: earlierWarnings(study, planned)
  }
})

/** What is known when the first file of a lesion is written: what decides the maps, and each lesion's fingerprint by its name. */
interface Begun {
  readonly maps: MapsDescription
  readonly fingerprints: ReadonlyMap<string, string>
}

/** Starts the journal, where it is known what decides the maps. */
const beginMapping = Effect.fnUntraced(function* <E>(
  study: Study,
  planned: PlannedFolder | undefined,
  described: Effect.Effect<MapsDescription | undefined, E>
) {
  const maps = yield* described
  if (maps === undefined) return undefined
  yield* startJournal(study, planned, maps)
  const lesions = lesionsToMap(study, maps)
  const begun: Begun = {
    maps,
    fingerprints: new Map(study.lesions.map(({ name }, n) => [name, lesions[n]!.fingerprint]))
  }
  return begun
})

/** Makes the record of a lesion whose files are written, and adds it to the journal. */
const recordLesion = Effect.fnUntraced(function* (
  lesion: Lesion,
  study: Study,
  summary: WrittenLesion["summary"],
  begun: Begun | undefined
) {
  const output = yield* OutputFolder
  const asMapped = mappedLesionStem(lesion, study)
  const record: LesionRecord = {
    name: lesion.name,
    maps: mapsOfLesion(lesion, study),
    file: yield* recordFile(lesion.file),
    ...(lesion.seed === undefined ? {} : { seed: lesion.seed }),
    ...(lesion.flipped === true ? { flipped: true } : {}),
    ...(lesion.warped === undefined ? {} : { warpedFrom: lesion.warped.from }),
    ...(asMapped === undefined ? {} : { asMapped: `${asMapped}.nii.gz` }),
    fingerprint: begun?.fingerprints.get(lesion.name) ?? "",
    summary: keepRow(summary),
    files: yield* output.writtenTo(filesOfLesion(lesion, study))
  }
  if (begun !== undefined) yield* output.append(journalName, journalLine(record))
  return record
})

export type OutputDataset = Effect.Success<ReturnType<typeof openDataset>>

/** Records of the run's own lesions under the paths and names that these have now. */
const renewed = (records: ReadonlyArray<LesionRecord>, study: Study): ReadonlyArray<LesionRecord> => {
  const byMaps = new Map(study.lesions.map((lesion) => [sameOnDisk(mapsOfLesion(lesion, study)), lesion]))
  return records.map((record) => {
    const own = byMaps.get(sameOnDisk(record.maps))
    if (own === undefined) return record
    const { seed: _, ...others } = record
    const file = { ...record.file, path: own.file }
    return { ...others, name: own.name, file, ...(own.seed === undefined ? {} : { seed: own.seed }) }
  })
}

const cleanFolder = Effect.fnUntraced(function* (study: Study, { state, taken, fresh }: PlannedFolder) {
  const output = yield* OutputFolder
  if ((yield* folderStateBy(output.read)).stamp !== state.stamp) return yield* new OutputBusy({ folder: output.path })
  const known = knownFiles(state)
  const folderOf = (file: string) => (file.includes("/") ? file.slice(0, file.lastIndexOf("/")) : ".")
  yield* output.removeUnfinished([...new Set([...known, ...outputFilesOf(study)].map(folderOf)), runFolder])
  yield* Effect.forEach(fresh ? known : taken.leftOver, output.remove, { discard: true })
  // What says which files are ours goes last.
  if (fresh) yield* Effect.forEach([...runFiles, manifestName], output.remove, { discard: true })
})

/** Writes the journal's first line and the records of what is taken over. */
const startJournal = Effect.fnUntraced(function* (
  study: Study,
  planned: PlannedFolder | undefined,
  maps: MapsDescription
) {
  const output = yield* OutputFolder
  const { state, taken, fresh = false } = planned ?? { state: undefined, taken: nothingTakenOver }
  const own = new Set(study.lesions.flatMap((lesion) => filesOfLesion(lesion, study)))
  const earlierOf = new Map(state?.finished.map((record) => [sameOnDisk(record.maps), record]))
  const begun = study.lesions.map((lesion) => {
    const stem = mapsOfLesion(lesion, study)
    const before = earlierOf.get(sameOnDisk(stem))?.files.map(({ path }) => path) ?? []
    return { maps: stem, files: [...new Set([...filesOfLesion(lesion, study), ...before])] }
  })
  const others = [...(fresh ? [] : (state?.others ?? [])), ...outputFilesOf(study)].filter(
    (file) => !own.has(file) && file !== manifestName
  )
  const warnings = [...earlierWarnings(study, planned), ...(yield* (yield* Warnings).all)]
  const start = journalLine({ format_version: 1, maps, begun, others: [...new Set(others)], warnings })
  const tables = planned === undefined || planned.degree.length === 0 ? [] : [journalLine({ tables: planned.degree })]
  yield* output.write(journalName, [start, ...tables, ...[...taken.kept, ...taken.finished].map(journalLine)].join(""))
})

const earlierWarnings = ({ lesions }: Study, planned: PlannedFolder | undefined): ReadonlyArray<Warning> => {
  if (planned === undefined || planned.fresh) return []
  const own = new Set(lesions.flatMap((lesion) => [lesion.file, calledOf(lesion)]))
  return planned.state.warnings.filter(({ file }) => !own.has(file))
}
