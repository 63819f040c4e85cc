/** `lnm verify`: whether every file of an output folder is still as its run wrote it, and no other run's files lie among them. */
import { Console, Effect, Schema } from "effect"
import { compareWithManifest } from "../output/compareWithManifest.ts"
import { readManifest } from "../output/Manifest.ts"
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

export const verify = Effect.fnUntraced(function* ({ folder }: { readonly folder: string }) {
  const manifest = yield* checking(readManifest(folder))
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
})

/** Lines of a list that are printed; the rest is counted. */
const mostLines = 100

const shortened = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length <= mostLines ? lines : [...lines.slice(0, mostLines), `and ${lines.length - mostLines} more`]
