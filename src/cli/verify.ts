/** `lnm verify`: whether every file of an output folder is still as its run wrote it. */
import { stat } from "node:fs/promises"
import path from "node:path"
import { Console, Effect, Schema } from "effect"
import { type FileRecord, readManifest, recordFile } from "../output/Manifest.ts"
import { checking, running } from "./CommandFailed.ts"

/** Some files are gone or are no longer what was written. */
export class OutputChanged extends Schema.TaggedError<OutputChanged>()("OutputChanged", {
  folder: Schema.String,
  problems: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return (
      `${this.folder}: ${this.problems.length} file(s) differ from the manifest:\n  ${this.problems.join("\n  ")}\n` +
      "Run the config again to restore them."
    )
  }
}

export const verify = Effect.fnUntraced(function* ({ folder }: { readonly folder: string }) {
  const manifest = yield* checking(readManifest(folder))
  const problems = yield* running(Effect.forEach(manifest.outputs, (expected) => compare(folder, expected)))
  const found = problems.filter((problem) => problem !== undefined)
  if (found.length > 0) return yield* running(Effect.fail(new OutputChanged({ folder, problems: found })))
  yield* Console.log(`${folder}: all ${manifest.outputs.length} files are as they were written`)
})

const compare = Effect.fnUntraced(function* (folder: string, expected: FileRecord) {
  const file = path.join(folder, expected.path)
  const size = yield* Effect.promise(() =>
    stat(file).then(
      ({ size }) => size,
      () => undefined
    )
  )
  if (size === undefined) return `${expected.path}: missing`
  if (size !== expected.bytes) return `${expected.path}: ${size} bytes instead of ${expected.bytes}`
  const { sha256 } = yield* recordFile(file)
  return sha256 === expected.sha256 ? undefined : `${expected.path}: its content has changed`
})
