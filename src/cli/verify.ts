/**
 * `lnm verify`: whether every file of an output folder is still as its run wrote it, and no other run's files lie among them; with
 * `--inputs` whether the inputs are still those of the run; with `--rerun` whether the same comes out again.
 */
import { Console, Effect, Schema } from "effect"
import { compareInputs } from "../output/compareInputs.ts"
import { compareWithManifest } from "../output/compareWithManifest.ts"
import { changedLesions } from "../output/lesionFiles.ts"
import { type Manifest, readManifest } from "../output/Manifest.ts"
import { unlistedFiles } from "../output/unlistedFiles.ts"
import { printableExcerpt } from "../runtime/printable.ts"
import { checking, running } from "./CommandFailed.ts"

/** Some files are gone, are no longer what was written, or are another run's. */
export class OutputChanged extends Schema.TaggedError<OutputChanged>()("OutputChanged", {
  folder: Schema.String,
  problems: Schema.Array(Schema.String),
  /** Files of the kind that runs write, which the manifest does not list. */
  leftOver: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const { folder, problems, leftOver } = this
    const parts = [
      ...(problems.length === 0
        ? []
        : [
            `${problems.length} file(s) differ from the manifest:\n  ${shortened(problems).join("\n  ")}\n` +
              "Run the config again to restore them."
          ]),
      ...(leftOver.length === 0
        ? []
        : [
            `${leftOver.length} file(s) are unknown to the manifest, and look like those of an earlier or unfinished run:\n  ` +
              `${shortened(leftOver).join("\n  ")}\nRemove them, or run into a new folder.`
          ])
    ]
    return `${folder}: ${parts.join("\n")}`
  }
}

/** Inputs are gone, or are no longer what the run was made of. */
export class InputsChanged extends Schema.TaggedError<InputsChanged>()("InputsChanged", {
  folder: Schema.String,
  problems: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return (
      `${this.folder}: ${this.problems.length} input(s) differ from the manifest:\n  ${shortened(this.problems).join("\n  ")}\n` +
      "Bring them back, or run the config again to map what is there now."
    )
  }
}

export interface VerifyOptions {
  readonly folder: string
  /** Whether the inputs are read whole and compared. */
  readonly inputs: boolean
  /** Whether the run is computed again and compared. */
  readonly rerun: boolean
}

export const verify = Effect.fnUntraced(function* ({ folder, inputs, rerun }: VerifyOptions) {
  const manifest = yield* verifyOutputs(folder)
  if (inputs || rerun) yield* verifyInputs(folder, manifest, inputs)
  if (!rerun) return
  // Loaded only here: it takes what a run does.
  const again = yield* Effect.promise(() => import("./rerun.ts"))
  const files = yield* again.rerun(folder, manifest)
  yield* Console.log(`computed again: all ${files} maps and tables are the same, byte for byte`)
}, Effect.scoped)

/** Without `whole` each is compared as far as the run hashed it. */
const verifyInputs = Effect.fnUntraced(function* (folder: string, { inputs }: Manifest, whole: boolean) {
  const { problems, same } = yield* running(compareInputs(inputs, { whole }))
  if (problems.length > 0) return yield* running(Effect.fail(new InputsChanged({ folder, problems })))
  const rest = whole ? ", and all of each can be read" : ""
  const lines = [
    ...(same.sha256 === 0 ? [] : [`inputs: ${same.sha256} are the same, compared whole by SHA-256`]),
    ...(same["sha256-sampled"] === 0
      ? []
      : [
          `inputs: ${same["sha256-sampled"]} have the same size and the same samples${rest}; whether bytes between the samples have ` +
            "changed cannot be told (`lnm run --check-inputs full` records all of them)"
        ]),
    ...(same.store === 0
      ? []
      : [
          `inputs: ${same.store} store(s) have the same checksums${whole ? ", and every chunk file agrees with its own" : ""}`
        ])
  ]
  yield* Console.log(lines.join("\n"))
})

/**
 * Tells which maps were made of lesion files that are gone or have changed since. The maps are as they were written all the same, as where
 * lesions were archived: so this is no failure.
 */
const tellChangedLesions = Effect.fnUntraced(function* ({ lesions }: Manifest) {
  const changed = yield* changedLesions(lesions)
  if (changed.length === 0) return
  yield* Console.error(
    `warning: ${changed.length} lesion(s) with maps in this folder whose file is gone or has changed since:\n  ` +
      `${shortened(changed.map(printableExcerpt)).join("\n  ")}\n` +
      "Their maps are still those of the file as it was; a further run into the folder refuses them as long as this is so."
  )
})

/** Holds the output folder's files against its manifest, which it returns; warns of lesion files that are gone or have changed. */
export const verifyOutputs = Effect.fnUntraced(function* (folder: string) {
  const manifest = yield* checking(readManifest(folder))
  yield* tellChangedLesions(manifest)
  const problems = yield* running(compareWithManifest(folder, manifest.outputs))
  const { leftOver, other } = yield* running(unlistedFiles(folder, manifest.outputs))
  if (problems.length + leftOver.length > 0) {
    return yield* running(
      Effect.fail(new OutputChanged({ folder, problems, leftOver: leftOver.map(printableExcerpt) }))
    )
  }
  yield* Console.log(`${folder}: all ${manifest.outputs.length} files are as they were written`)
  if (other.length > 0) {
    yield* Console.log(
      `not of this run, and not looked at: ${other.length} other file(s)\n  ${shortened(other.map(printableExcerpt)).join("\n  ")}`
    )
  }
  return manifest
})

/** Lines of a list that are printed; the rest is counted. */
const mostLines = 100

const shortened = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length <= mostLines ? lines : [...lines.slice(0, mostLines), `and ${lines.length - mostLines} more`]
