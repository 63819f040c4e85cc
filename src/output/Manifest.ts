/**
 * `manifest.json`: what a run was made of and what it made, so that it can be checked and repeated. Version, the config
 * as resolved, platform, every input with size and a hash, every output with size and SHA-256, wall time and peak memory.
 * Written last: an output folder without one holds an unfinished run.
 */
import { createHash } from "node:crypto"
import path from "node:path"
import { Effect, Schema } from "effect"
import { hashFile } from "../files/hashFile.ts"
import { readRegularFile } from "../files/readRegularFile.ts"
import { reasonOf } from "../files/reasonOf.ts"
import { isMissing } from "../files/unlessMissing.ts"
import { numericsVersion } from "../kernels/numericPolicy.ts"
import type { Plan } from "../runtime/Plan.ts"
import { packageName, packageVersion } from "../runtime/version.ts"
import { FileRecord } from "./FileRecord.ts"
import { InputRecord } from "./InputRecord.ts"
import { ListedLesion } from "./LesionRecord.ts"
import { inNewestForm, manifestVersion, versionOfManifest } from "./manifestVersion.ts"
import { MapsDescription } from "./mapsDescription.ts"

export const Manifest = Schema.Struct({
  format_version: Schema.Literal(manifestVersion),
  software: Schema.Struct({
    name: Schema.String,
    version: Schema.String,
    /** Version of the arithmetic: runs of different ones may differ in any value. Left out before version 3. */
    numerics: Schema.optionalKey(Schema.Int)
  }),
  platform: Schema.Struct({ node: Schema.String, os: Schema.String, architecture: Schema.String }),
  config: Schema.Unknown,
  /** Files that the config was read from; they are among the inputs. */
  config_files: Schema.Array(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  plan: Schema.Struct({
    subjects: Schema.Number,
    lesions: Schema.Number,
    passes: Schema.Number,
    predicted_peak_bytes: Schema.Number
  }),
  backend: Schema.Struct({
    name: Schema.String,
    /** float64: the plain stages. fast, strict: float32 with and without fused multiply-add. */
    arithmetic: Schema.Literals(["fast", "strict", "float64"]),
    /** Bits of the vectors that the kernels computed with; they do not change a value. Left out for the plain stages. */
    vectors: Schema.optionalKey(Schema.Literals([128, 256])),
    workers: Schema.Number,
    /** What computed the stages of the pipeline, in their order, and why one of them ran plain; empty in manifests of version 1. */
    steps: Schema.Array(Schema.Struct({ name: Schema.String, plain_because: Schema.optionalKey(Schema.String) }))
  }),
  /** What may not be what the user meant: the file, what was found, and what was taken. */
  warnings: Schema.Array(Schema.Struct({ file: Schema.String, found: Schema.String, taken: Schema.String })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed([]))
  ),
  /** What was there and was not used, and why. */
  left_out: Schema.Struct({
    lesions: Schema.Array(Schema.Struct({ file: Schema.String, reason: Schema.String })),
    /** Subjects that the connectome lacks since their scans could not be used, as its store says. */
    subjects: Schema.Array(Schema.Struct({ subject: Schema.String, file: Schema.String, reason: Schema.String })).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed([]))
    )
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed({ lesions: [] }))),
  /** The subjects that `connectome.subjects` chooses, by their ids in order, and of how many; left out where all were taken. */
  chosen_subjects: Schema.optionalKey(Schema.Struct({ from: Schema.Number, ids: Schema.Array(Schema.String) })),
  /** Lesions with maps in the folder, of runs before, that the config does not select. */
  lesions_of_other_runs: Schema.Number.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))),
  /** How often the run was interrupted and gone on with; left out where it was not. */
  resumes: Schema.optionalKey(Schema.Number),
  /** Checkpoints that this run wrote, and the seconds in which nothing else went on; left out where there were none. */
  checkpoints: Schema.optionalKey(Schema.Struct({ written: Schema.Number, seconds: Schema.Number })),
  /** Subjects, over all passes, whose sums were taken over from an interrupted run; left out where there were none. */
  subjects_taken_over: Schema.optionalKey(Schema.Number),
  /** The parts that made the sums, each on a machine of its own; left out where the run was whole. */
  parts: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        part: Schema.Int,
        host: Schema.String,
        subjects: Schema.Int,
        started: Schema.String,
        seconds: Schema.Number,
        peak_memory_bytes: Schema.Number
      })
    )
  ),
  wall_seconds: Schema.Number,
  peak_memory_bytes: Schema.Number,
  /** How the run went, for the report: at most some 200 points in time. Left out by earlier versions. */
  trace: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        seconds: Schema.Number,
        phase: Schema.String,
        subjects: Schema.Number,
        resident_bytes: Schema.Number
      })
    )
  ),
  inputs: Schema.Array(InputRecord),
  outputs: Schema.Array(FileRecord),
  /** What decides the maps besides the lesions; left out before version 3. */
  study: Schema.optionalKey(MapsDescription),
  /** Every lesion with maps in the folder, also of runs before. */
  lesions: Schema.Array(ListedLesion).pipe(Schema.withDecodingDefaultKey(Effect.succeed([])))
})

export type Manifest = typeof Manifest.Type

export const manifestName = "manifest.json"

/** No manifest is nearly as large: with 10,000 lesions it has some 80 MB. */
export const mostManifestBytes = 256 * 2 ** 20

/** There is no manifest, or it cannot be understood. */
export class NoManifest extends Schema.TaggedError<NoManifest>()("NoManifest", {
  folder: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.folder}: ${this.problem}. Give the output folder of a finished run.`
  }
}

/** A file that was read could not be read again for its checksum. */
export class InputUnreadable extends Schema.TaggedError<InputUnreadable>()("InputUnreadable", {
  file: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `${this.file} could not be read for its checksum: ${reasonOf(this.cause, "reading")}. Keep inputs in place during a run.`
  }
}

export const makeManifest = (parts: Omit<Manifest, "format_version" | "software" | "platform" | "peak_memory_bytes">) =>
  Manifest.make({
    format_version: manifestVersion,
    software: { name: packageName, version: packageVersion, numerics: numericsVersion },
    platform: { node: process.version, os: process.platform, architecture: process.arch },
    peak_memory_bytes: process.resourceUsage().maxRSS * 1024,
    ...parts
  })

/** The plan in the manifest's words. */
export const describePlan = ({ shape, lesions, passes, peakBytes }: Plan): Manifest["plan"] => ({
  subjects: shape.subjects,
  lesions,
  passes,
  predicted_peak_bytes: peakBytes
})

/** Size and SHA-256 of a regular file; nothing else is read. */
export const recordFile = Effect.fn("recordFile")(function* (file: string) {
  return yield* Effect.tryPromise({
    try: async (signal): Promise<FileRecord> => {
      const hash = createHash("sha256")
      const bytes = await hashFile(hash, file, signal)
      return { path: file, bytes, sha256: hash.digest("hex") }
    },
    catch: (cause) => new InputUnreadable({ file, cause })
  })
})

/** A manifest of any version up to this one, as the newest form has it. */
export const decodeManifest = (manifest: unknown) => Schema.decodeUnknownOption(Manifest)(inNewestForm(manifest))

/** The manifest of a finished run. One without outputs is none: every run writes some. */
export const readManifest = Effect.fn("readManifest")(function* (folder: string) {
  const damaged = (problem: string) => new NoManifest({ folder, problem: `its ${manifestName} is damaged: ${problem}` })
  const bytes = yield* Effect.tryPromise({
    try: () => readRegularFile(path.join(folder, manifestName), mostManifestBytes),
    catch: (cause) =>
      isMissing(cause)
        ? new NoManifest({ folder, problem: `there is no ${manifestName}: no run has finished here` })
        : new NoManifest({ folder, problem: `its ${manifestName} cannot be read: ${reasonOf(cause, "reading")}` })
  })
  const json = yield* Effect.try({
    try: (): unknown => JSON.parse(bytes.toString()),
    catch: (cause) => damaged((cause as Error).message.replaceAll(/\s+/g, " ").slice(0, mostOfMessage))
  })
  const version = versionOfManifest(json)
  if (typeof version === "number" && version > manifestVersion) {
    return yield* new NoManifest({
      folder,
      problem: `its ${manifestName} is of version ${version}, and this lnm (${packageVersion}) knows versions up to ${manifestVersion}, so only the lnm that wrote it can check it`
    })
  }
  const manifest = yield* Schema.decodeUnknownEffect(Manifest)(inNewestForm(json)).pipe(
    Effect.mapError(({ message }) =>
      damaged(
        message
          .split("\n")
          .map((line) => line.trim())
          .join(" ")
          .slice(0, mostOfMessage)
      )
    )
  )
  if (manifest.outputs.length === 0) return yield* damaged("it lists no outputs, and every run has some")
  return manifest
})

/** Characters of a message about a damaged manifest, which may quote of it what it likes. */
const mostOfMessage = 300
