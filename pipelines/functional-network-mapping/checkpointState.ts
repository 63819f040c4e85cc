/**
 * What the checkpoints of an output folder are of, `.lnm/checkpoints/study.json`: the study, its lesions, and how many were taken in a pass. A
 * run that goes on must be the same; where it is not, this says in what.
 */
import { createHash } from "node:crypto"
import path from "node:path"
import { Effect, Schema } from "effect"
import { weightsOf } from "../../src/elements/SeedRegion.ts"
import { readRegularFile } from "../../src/files/readRegularFile.ts"
import { isMissing } from "../../src/files/unlessMissing.ts"
import { writeWhole } from "../../src/files/writeWhole.ts"
import type { Lesion } from "../../src/lesions/Lesion.ts"
import { CheckpointNotWritten, CheckpointsUnusable } from "../../src/output/Checkpoints.ts"
import { differencesOf, StudyDescription } from "../../src/output/studyDescription.ts"
import { printableExcerpt } from "../../src/runtime/printable.ts"
import { mapsOfLesion } from "./outputFiles.ts"
import type { Study } from "./Study.ts"

export const CheckpointState = Schema.Struct({
  study: StudyDescription,
  /** Of each lesion of the run, by what the names of its maps begin with: SHA-256 of its voxels and weights. */
  lesions: Schema.Record(Schema.String, Schema.String),
  /** Whether all pairs of seeds are summed too. */
  matrix: Schema.Boolean,
  /** Whether the degree is summed too; left out before it could be. */
  degree: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
  /** Most lesions of a pass. */
  lesions_per_pass: Schema.Int.check(Schema.isGreaterThan(0)),
  /** How often the run has been gone on with. */
  resumes: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(0)))
})

export type CheckpointState = typeof CheckpointState.Type

/** Differences that a message names; more are counted. */
const mostNamed = 8

/** The output folder holds checkpoints of another run. */
export class OtherCheckpoints extends Schema.TaggedError<OtherCheckpoints>()("OtherCheckpoints", {
  folder: Schema.String,
  differences: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const rest = this.differences.length - mostNamed
    const named = this.differences.slice(0, mostNamed).join("; ") + (rest > 0 ? `; and ${rest} more` : "")
    return (
      `output.path: ${this.folder} holds checkpoints of an interrupted run that was another: ${named}. ` +
      "Undo the change to go on from them, or give --fresh, which removes them and begins anew."
    )
  }
}

const stateFile = (folder: string): string => path.join(folder, "study.json")

export const checkpointStateOf = (
  study: Study,
  description: StudyDescription,
  lesionsPerPass: number,
  resumes: number
): CheckpointState => ({
  study: description,
  lesions: Object.fromEntries(study.lesions.map((lesion) => [mapsOfLesion(lesion, study), hashOf(lesion)])),
  matrix: study.matrix === true,
  degree: study.degree === true,
  lesions_per_pass: lesionsPerPass,
  resumes
})

const hashOf = (lesion: Lesion): string => {
  const hash = createHash("sha256")
  for (const { buffer, byteOffset, byteLength } of [lesion.voxels, weightsOf(lesion)]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  }
  return hash.digest("hex")
}

/** The state of the checkpoints in a folder; undefined where there are none. */
export const readCheckpointState = Effect.fn("readCheckpointState")(function* (folder: string) {
  const text = yield* Effect.tryPromise({
    try: () => readRegularFile(stateFile(folder), mostStateBytes).then(String),
    catch: (cause) => new CheckpointsUnusable({ folder, cause })
  }).pipe(
    Effect.catchIf(
      ({ cause }) => isMissing(cause),
      () => Effect.succeed(undefined)
    )
  )
  if (text === undefined) return undefined
  return yield* Schema.decodeUnknownEffect(Schema.fromJsonString(CheckpointState))(text).pipe(
    Effect.mapError((cause) => new CheckpointsUnusable({ folder, cause: new Error(`study.json: ${cause.message}`) }))
  )
})

/** More than the state of 10,000 lesions and 100,000 files takes. */
const mostStateBytes = 256 * 2 ** 20

export const writeCheckpointState = (folder: string, state: CheckpointState) =>
  writeWhole(stateFile(folder), `${JSON.stringify(state, null, 2)}\n`).pipe(
    Effect.mapError(({ file, cause }) => new CheckpointNotWritten({ file, cause }))
  )

/** Fails where the checkpoints are not of this run. */
export const refuseOtherCheckpoints = Effect.fn("refuseOtherCheckpoints")(function* (
  folder: string,
  saved: CheckpointState,
  current: CheckpointState
) {
  const differences = differencesOfRuns(saved, current)
  if (differences.length > 0) return yield* new OtherCheckpoints({ folder, differences })
})

/** In what two runs differ whose sums would not be the same, a clause each. */
export const differencesOfRuns = (saved: CheckpointState, current: CheckpointState): ReadonlyArray<string> => [
  ...differencesOf(saved.study, current.study),
  ...(saved.matrix === current.matrix ? [] : ["statistics.matrix is another"]),
  ...(saved.degree === current.degree ? [] : ["statistics.degree is another"]),
  ...lesionDifferences(saved.lesions, current.lesions)
]

const lesionDifferences = (
  saved: CheckpointState["lesions"],
  current: CheckpointState["lesions"]
): ReadonlyArray<string> => [
  ...Object.keys(saved)
    .filter((lesion) => !Object.hasOwn(current, lesion))
    .map((lesion) => `lesion ${printableExcerpt(lesion)} is gone`),
  ...Object.entries(current).flatMap(([lesion, hash]) => {
    if (!Object.hasOwn(saved, lesion)) return [`lesion ${lesion} is new`]
    return saved[lesion] === hash ? [] : [`lesion ${lesion} has changed`]
  })
]
