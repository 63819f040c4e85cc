/**
 * A connectome with a file for each run and one list of voxels for all, such as Lead-DBS and the pfc-toolkit keep: what its
 * folder says, once it has been looked at. Makes of that the connectome that `lnm run` reads, and the one that a store is made from.
 *
 * A new format of this kind finds its files, and reads one; subjects, runs and failures are treated here alike.
 */
import { relative } from "node:path"
import { Effect, Result } from "effect"
import { type FileIdentity, identify } from "../files/unchangedFiles.ts"
import type { Grid } from "../imaging/Grid.ts"
import { fewestTimePoints } from "../kernels/numericPolicy.ts"
import { type Connectome, type ConnectomeUnreadable, InvalidConnectome, severalRuns } from "./Connectome.ts"
import { fingerprintOf } from "./fileFingerprint.ts"
import type { BadScan, NamedSubject, RawConnectome, RawSubject } from "./RawConnectome.ts"
import { joiningBytes, readJoinedRuns } from "./readJoinedRuns.ts"
import { refuseAll } from "./refuseAll.ts"
import type { ConnectomeLocation } from "./Source.ts"
import { chosenOf } from "./subjectChoice.ts"

/** A file with the time series of one run. */
export interface RunFile<out Place = unknown> {
  readonly file: string
  readonly timePoints: number
  /** On disk. */
  readonly bytes: number
  /** Bytes that reading it holds beside its time series. */
  readonly readingBytes: number
  /** What its reader must know: plain data. */
  readonly place: Place
  /** How its numbers are stored: "float32, gzip". */
  readonly storage: string
}

type ReadRun<Place> = (
  run: { readonly file: string; readonly timePoints: number; readonly place: Place },
  voxels: number,
  into: Float32Array
) => Effect.Effect<void, InvalidConnectome | ConnectomeUnreadable>

/** What a folder says, before its runs have been looked at. */
export interface RunFolder<Place> {
  readonly kind: string
  readonly path: string
  /** Files beside the runs: voxels, subjects. */
  readonly files: ReadonlyArray<string>
  readonly grid: Grid
  /** Shape: (voxels), in the order of the time series. */
  readonly gridIndex: Int32Array
  readonly space?: string | undefined
  readonly subjects: ReadonlyArray<NamedSubject>
  /** Looks at a run's beginning. */
  readonly lookAt: (file: string) => Effect.Effect<RunFile<Place>, InvalidConnectome>
  readonly read: ReadRun<Place>
}

/** Runs looked at a time: enough to hide the latency of a network disk. */
const runsAtATime = 16

interface LookedAt<Place> {
  readonly run: RunFile<Place>
  readonly identity: ReadonlyArray<FileIdentity>
}

const lookAtRun = Effect.fnUntraced(function* <Place>({ lookAt }: RunFolder<Place>, file: string) {
  const identity = yield* Effect.result(identify([file]))
  const run = yield* lookAt(file)
  if (run.timePoints < fewestTimePoints) {
    const problem = `it has ${run.timePoints} time point(s), and a correlation needs ${fewestTimePoints}`
    return yield* new InvalidConnectome({ file, problem, remedy: "Leave the run out." })
  }
  if (Result.isSuccess(identity)) return { run, identity: identity.success } satisfies LookedAt<Place>
  const { problem } = identity.failure
  return yield* new InvalidConnectome({ file, problem, remedy: "Run again when nothing writes to it." })
})

const lookAtAll = <Place>(folder: RunFolder<Place>) =>
  Effect.forEach(
    folder.subjects.flatMap(({ files }) => files),
    (file) => Effect.map(Effect.result(lookAtRun(folder, file)), (looked) => [file, looked] as const),
    { concurrency: runsAtATime }
  ).pipe(Effect.map((entries) => new Map(entries)))

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)

const storageOf = (runs: ReadonlyArray<RunFile>): string =>
  [...new Set(runs.map(({ storage }) => storage))].sort().join("; ")

/** The connectome that `lnm run` reads. Runs of subjects that are not chosen are not looked at. Where several runs cannot be used, all are listed. */
export const connectomeOfRuns = Effect.fnUntraced(function* <Place>(
  whole: RunFolder<Place>,
  { runs: option = "concatenate", choose }: Pick<ConnectomeLocation, "runs" | "choose"> = {}
) {
  const positions = yield* chosenOf(
    choose,
    whole.subjects.map(({ id }) => id)
  )
  const folder = { ...whole, subjects: positions.map((position) => whole.subjects[position]!) }
  const { kind, path, grid, gridIndex, space } = folder
  const looked = yield* lookAtAll(folder)
  const failures = [...looked.values()].flatMap((each) => (Result.isFailure(each) ? [each.failure] : []))
  if (failures.length > 0) return yield* refuseAll(path, failures)
  const runOf = new Map(
    [...looked].flatMap(([file, each]) => (Result.isSuccess(each) ? [[file, each.success.run]] : []))
  )
  const members = folder.subjects.map(({ id, files }, index) => {
    const runs = files.map((file) => runOf.get(file)!)
    const timePoints = sum(runs.map((run) => run.timePoints))
    const several = severalRuns(
      runs.map((run) => ({ file: run.file, timePoints: run.timePoints })),
      option
    )
    return { subject: { index, id, file: runs[0]!.file, timePoints, ...several }, runs }
  })
  const all = [...runOf.values()]
  const voxels = gridIndex.length
  const readingBytes = Math.max(...all.map((run) => run.readingBytes)) + joiningBytes
  const connectome: Connectome = {
    ...{ kind, path, grid, gridIndex, space, voxels },
    files: [...folder.files, ...all.map(({ file }) => file)],
    subjects: members.map(({ subject }) => subject),
    ...(positions.length === whole.subjects.length ? {} : { chosen: { from: whole.subjects.length, rows: [] } }),
    storage: storageOf(all),
    bytesToRead: sum(all.map(({ bytes }) => bytes)),
    subjectsPerRead: 1,
    readingBytes: () => readingBytes,
    read: (first, into) =>
      Effect.forEach(
        into,
        (series, offset) => {
          const { subject, runs } = members[first + offset]!
          return readJoinedRuns(subject, voxels, series, (n, part) => folder.read(runs[n]!, voxels, part))
        },
        { discard: true }
      )
  }
  return connectome
})

/** The connectome that a store is made from; what is wrong with a subject's runs is in `bad`. */
export const rawOfRuns = Effect.fnUntraced(function* <Place>(folder: RunFolder<Place>) {
  const { kind, path, grid, gridIndex, space } = folder
  const looked = yield* lookAtAll(folder)
  const subjects: Array<RawSubject> = []
  const bad: Array<BadScan> = []
  for (const { id, person, files } of folder.subjects) {
    const results = files.map((file) => looked.get(file)!)
    const failures = results.flatMap((each) => (Result.isFailure(each) ? [each.failure] : []))
    bad.push(...failures.map(({ file, problem }) => ({ subject: id, file, problem })))
    if (failures.length > 0) continue
    const members = results.flatMap((each) => (Result.isSuccess(each) ? [each.success] : []))
    subjects.push({
      id,
      ...(person === undefined ? {} : { person }),
      sources: files.map((file) => relative(path, file)),
      runs: members.map(({ run: { file, timePoints, place } }) => ({ reader: kind, file, timePoints, place })),
      timePoints: sum(members.map(({ run }) => run.timePoints)),
      fingerprint: yield* fingerprintOf(files),
      files: members.flatMap(({ identity }) => identity),
      bytes: sum(members.map(({ run }) => run.bytes))
    })
  }
  const all = [...looked.values()].flatMap((each) => (Result.isSuccess(each) ? [each.success.run] : []))
  const raw: RawConnectome = {
    ...{ kind, path, space, grid, gridIndex, subjects, bad },
    storage: storageOf(all),
    readingBytes: Math.max(0, ...all.map(({ readingBytes }) => readingBytes))
  }
  return raw
})

/** The subjects of a folder whose runs are subjects of their own: called by their files. */
export const separateRuns = (
  subjects: ReadonlyArray<NamedSubject>,
  nameOf: (file: string) => string
): ReadonlyArray<NamedSubject> =>
  subjects.flatMap(({ id, files }) => files.map((file) => ({ id: nameOf(file), person: id, files: [file] })))
