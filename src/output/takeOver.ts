/**
 * Which maps of an output folder a run takes over: those of its lesions that are finished need not be made again, and those of other
 * lesions stay, so that runs one after another make one dataset. What does not agree with the run is refused, never mixed or replaced.
 *
 * Looks at the folder and at the lesions' files; reads of these what has to be hashed, and writes nothing.
 */
import { lstat } from "node:fs/promises"
import path from "node:path"
import { Effect, Predicate } from "effect"
import { isAside } from "../files/partialFiles.ts"
import { unlessMissing } from "../files/unlessMissing.ts"
import { pathProblem } from "../files/writeInFolder.ts"
import { sameOnDisk } from "../lesions/lesionNames.ts"
import { isOwnName } from "../lesions/ownOutputs.ts"
import { isPlace, type Seed } from "../lesions/seeds/Seed.ts"
import type { FileRecord } from "./FileRecord.ts"
import type { FolderState } from "./folderState.ts"
import type { LesionRecord } from "./LesionRecord.ts"
import { lesionFileProblem } from "./lesionFiles.ts"
import { differencesOfMaps, type MapsDescription, madeOnlyBy } from "./mapsDescription.ts"
import { findOwnFiles } from "./ownFiles.ts"
import { MapsOutdated, MapsUnknown, OtherStudy, OutputUnreadable } from "./refusedMaps.ts"
import { FolderUnreadable, unlistedFiles } from "./unlistedFiles.ts"

/** A lesion of a run, before it is mapped. */
export interface LesionToMap {
  /** What the paths of its maps begin with. */
  readonly maps: string
  readonly file: string
  readonly seed?: Seed | undefined
  readonly fingerprint: string
}

/** What a run would make. */
export interface RunToCome {
  readonly maps: MapsDescription
  readonly lesions: ReadonlyArray<LesionToMap>
}

/** What a run takes over. */
export interface TakenOver {
  /** Records of the run's own lesions that are finished. */
  readonly finished: ReadonlyArray<LesionRecord>
  /** Records of other lesions, whose maps stay. */
  readonly kept: ReadonlyArray<LesionRecord>
  /** Files of lesions that a killed run began and this one does not map: they are to be removed. */
  readonly leftOver: ReadonlyArray<string>
}

export const nothingTakenOver: TakenOver = { finished: [], kept: [], leftOver: [] }

/** Lesions whose files are looked at side by side. */
const lesionsAtOnce = 8

/**
 * Of a folder where nothing says of which study its maps are, as earlier versions have left it: those that the run writes over may be there,
 * and no others.
 *
 * @param written every path that the run may write, relative to the folder
 *
 * Errors: `MapsUnknown`; `FolderUnreadable` where it cannot be listed.
 */
export const refuseUnknownMaps = Effect.fn("refuseUnknownMaps")(function* (
  folder: string,
  { others }: Pick<FolderState, "others">,
  written: ReadonlyArray<string>
) {
  const own = new Set(written)
  const listed = others.filter((file) => !own.has(file))
  if (listed.length > 0) return yield* new MapsUnknown({ folder, files: listed, listed: true })
  // A run that was interrupted before it was known which maps it has finished: the dataset's description tells that they are ours.
  const { dataset } = yield* Effect.tryPromise({
    try: () => findOwnFiles(folder),
    catch: (cause) => new FolderUnreadable({ folder, cause })
  })
  if (!dataset) return
  const { leftOver } = yield* unlistedFiles(folder, [])
  // What is not whole may be of a run that has begun meanwhile, and is no map.
  const isMap = (name: string) => isOwnName(name) && !isAside(name)
  const files = leftOver.filter((file) => !own.has(file) && isMap(path.posix.basename(file)))
  if (files.length > 0) return yield* new MapsUnknown({ folder, files, listed: false })
})

/**
 * @param state what is known of the folder, with what decides its maps
 *
 * Errors: `OtherStudy`, `MapsOutdated`, `OutputUnreadable`.
 */
export const takeOver = Effect.fn("takeOver")(function* (
  folder: string,
  state: FolderState & { readonly maps: MapsDescription },
  run: RunToCome
) {
  const { maps } = state
  const looked = yield* Effect.forEach(state.finished, (record) => lookAt(folder, record), {
    concurrency: lesionsAtOnce
  })
  // Whoever removes all files of a lesion's maps wants them no longer.
  const there = looked.filter(({ files }) => files !== "gone")
  const begun = (yield* Effect.forEach(state.unfinished, (lesion) => filesThere(folder, lesion))).filter(
    ({ files }) => files.length > 0
  )
  const differences = differencesOfMaps(maps, run.maps)
  const found = [...there.map(({ record }) => record.maps), ...begun.map((lesion) => lesion.maps)]
  if (found.length === 0) return nothingTakenOver
  if (differences.length > 0) return yield* new OtherStudy({ folder, maps: found, differences })
  const own = new Map(run.lesions.map((lesion) => [sameOnDisk(lesion.maps), lesion]))
  const problems = yield* problemsOf(there, own, maps, run.maps)
  if (problems.length > 0) return yield* new MapsOutdated({ folder, problems })
  const isOwn = ({ maps }: { readonly maps: string }) => own.has(sameOnDisk(maps))
  const taken: TakenOver = {
    finished: there
      .filter(
        ({ record, files }) => files === "whole" && own.get(sameOnDisk(record.maps))?.fingerprint === record.fingerprint
      )
      .map(({ record }) => record),
    kept: there.map(({ record }) => record).filter((record) => !isOwn(record)),
    leftOver: begun.filter((lesion) => !isOwn(lesion)).flatMap(({ files }) => files)
  }
  return taken
})

/** A record, and whether its files are in the folder, each as long as it was. */
interface LookedAt {
  readonly record: LesionRecord
  readonly files: "whole" | "damaged" | "gone"
}

const lookAt = (folder: string, record: LesionRecord): Effect.Effect<LookedAt, OutputUnreadable> =>
  Effect.map(
    Effect.forEach(record.files, (file) => sizeOf(folder, file.path)),
    (sizes) => {
      if (sizes.every(Predicate.isUndefined)) return { record, files: "gone" }
      const whole = sizes.every((size, position) => size === record.files[position]!.bytes)
      return { record, files: whole ? "whole" : "damaged" }
    }
  )

/** Whether all files of these records are in the folder, each as long as it was. Errors: `OutputUnreadable`. */
export const areWhole = (
  folder: string,
  records: ReadonlyArray<FileRecord>
): Effect.Effect<boolean, OutputUnreadable> =>
  Effect.map(
    Effect.forEach(records, (record) => sizeOf(folder, record.path)),
    (sizes) => sizes.every((size, position) => size === records[position]!.bytes)
  )

const filesThere = (folder: string, lesion: FolderState["unfinished"][number]) =>
  Effect.map(
    Effect.filter(lesion.files, (file) => Effect.map(sizeOf(folder, file), Predicate.isNotUndefined)),
    (files) => ({ ...lesion, files })
  )

/** Size of a regular file of the folder; undefined where there is none. */
const sizeOf = (folder: string, file: string): Effect.Effect<number | undefined, OutputUnreadable> =>
  pathProblem(file) !== undefined
    ? Effect.succeed(undefined)
    : Effect.tryPromise({
        try: () => lstat(path.join(folder, file)).catch(unlessMissing),
        catch: (cause) => new OutputUnreadable({ folder, file, cause })
      }).pipe(Effect.map((found) => (found?.isFile() ? found.size : undefined)))

/** What does not agree with the run, of maps of the same study. */
const problemsOf = Effect.fnUntraced(function* (
  there: ReadonlyArray<LookedAt>,
  own: ReadonlyMap<string, LesionToMap>,
  saved: MapsDescription,
  current: MapsDescription
) {
  const [dropped, added] = [madeOnlyBy(saved, current), madeOnlyBy(current, saved)]
  const found = yield* Effect.forEach(
    there,
    Effect.fnUntraced(function* ({ record, files }) {
      const lesion = own.get(sameOnDisk(record.maps))
      const problem = (yield* sourceProblem(record, lesion)) ?? madeProblem(dropped, "made with", "and not in this run")
      if (problem !== undefined) return [{ maps: record.maps, problem }]
      const more = lesion === undefined ? otherProblem(files, added) : ownProblem(record, lesion, added)
      return more === undefined ? [] : [{ maps: record.maps, problem: more }]
    }),
    { concurrency: lesionsAtOnce }
  )
  return found.flat()
})

/** What has become of what the maps were made of. Spheres and points are known by themselves, whatever else has changed in their table. */
const sourceProblem = (record: LesionRecord, lesion: LesionToMap | undefined) =>
  isPlace(record.seed) && (lesion === undefined || isPlace(lesion.seed))
    ? Effect.undefined
    : lesionFileProblem(record.file, lesion?.file)

const madeProblem = (made: ReadonlyArray<string>, before: string, after: string): string | undefined =>
  made.length === 0 ? undefined : `${before} ${made.join(", ")} ${after}`

/** What is wrong with maps of a lesion that the run does not map. */
const otherProblem = (files: LookedAt["files"], added: ReadonlyArray<string>): string | undefined =>
  files === "whole"
    ? madeProblem(added, "made without", "and not mapped in this run")
    : "some of the files are gone or not whole, and the lesion is not mapped in this run"

/** What is wrong with maps of a lesion that the run maps, too. */
const ownProblem = (record: LesionRecord, lesion: LesionToMap, added: ReadonlyArray<string>): string | undefined =>
  record.fingerprint === lesion.fingerprint || added.length > 0
    ? undefined
    : lesion.seed === undefined
      ? "its voxels or weights are read otherwise: lesions.threshold, lesions.values, lesions.weights or a warp of templates has changed"
      : "the seed of this name is another now: its place, size, parcel, or a warp of templates has changed"
