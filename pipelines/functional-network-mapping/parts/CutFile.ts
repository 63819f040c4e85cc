/**
 * How a run is cut into parts, in `.lnm/parts/cut.json` of its output folder: written once, by whichever part comes first, and held to by
 * all others and by the merge.
 */
import { createHash } from "node:crypto"
import { Effect, Schema } from "effect"
import { cutFile } from "../../../src/cluster/partsFolder.ts"
import { placeOnce } from "../../../src/cluster/placeOnce.ts"
import { readRegularFile } from "../../../src/files/readRegularFile.ts"
import { reasonOf } from "../../../src/files/reasonOf.ts"
import { isMissing } from "../../../src/files/unlessMissing.ts"
import { OutputNotWritable } from "../../../src/output/OutputFolder.ts"
import { CheckpointState } from "../checkpointState.ts"

const Range = Schema.Struct({ first: Schema.Int, count: Schema.Int })

export const CutFile = Schema.Struct({
  format_version: Schema.Literal(1),
  /** Of the package: parts of different ones are not added. */
  version: Schema.String,
  /** What the parts are of. */
  run: CheckpointState,
  /** The lesions in their order, by what the names of their maps begin with. */
  lesions: Schema.Array(Schema.String),
  subjects: Schema.Int,
  parts: Schema.Int,
  batches: Schema.Array(Range),
  units: Schema.Array(Schema.Struct({ part: Schema.Int, batch: Schema.Int, subjects: Range }))
})

export type CutFile = typeof CutFile.Type

/** A cut as it lies in the folder. */
export interface OpenCut {
  readonly cut: CutFile
  /** SHA-256 of the file. */
  readonly hash: string
}

/** More than the cut of 10,000 lesions and 100,000 files takes. */
const mostCutBytes = 256 * 2 ** 20

/** The cut of a folder cannot be read. */
export class CutUnusable extends Schema.TaggedError<CutUnusable>()("CutUnusable", {
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. Remove the folder it lies in, and run all parts again.`
  }
}

/** The cut that a folder has; undefined where it has none. */
export const readCut = Effect.fn("readCut")(function* (output: string) {
  const file = cutFile(output)
  const text = yield* Effect.tryPromise({
    try: () => readRegularFile(file, mostCutBytes).then(String),
    catch: (cause) => cause as NodeJS.ErrnoException
  }).pipe(
    Effect.catchIf(isMissing, () => Effect.succeed(undefined)),
    Effect.mapError((cause) => new CutUnusable({ file, problem: `it cannot be read: ${reasonOf(cause, "reading")}` }))
  )
  if (text === undefined) return undefined
  const cut = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(CutFile))(text).pipe(
    Effect.mapError(({ message }) => new CutUnusable({ file, problem: `it is none of this version: ${message}` }))
  )
  const open: OpenCut = { cut, hash: createHash("sha256").update(text).digest("hex") }
  return open
})

/** Puts a cut into the folder, unless another part has put one there meanwhile; gives the one that is there then. */
export const placeCut = Effect.fn("placeCut")(function* (output: string, cut: CutFile) {
  const file = cutFile(output)
  yield* Effect.mapError(
    placeOnce(file, `${JSON.stringify(cut, null, 1)}\n`),
    ({ cause }) => new OutputNotWritable({ folder: output, problem: reasonOf(cause) })
  )
  const placed = yield* readCut(output)
  return placed ?? (yield* new CutUnusable({ file, problem: "it was removed while this part began" }))
})
