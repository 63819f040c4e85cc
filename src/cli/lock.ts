/** `lnm lock`: writes the lock file of a finished run, once its inputs and outputs have been found to be those of its manifest. */
import { lstat } from "node:fs/promises"
import path from "node:path"
import { Console, Effect, Schema } from "effect"
import { readingReason } from "../files/readingReason.ts"
import { isThere } from "../files/unlessMissing.ts"
import { writeWhole } from "../files/writeWhole.ts"
import { compareInputs } from "../output/compareInputs.ts"
import { compareWithManifest } from "../output/compareWithManifest.ts"
import { formatLockedRun, type LockedRun, lockName, lockVersion, readLockedRun } from "../output/LockedRun.ts"
import { contentOfInputs, contentOfOutputs, inputsInLock } from "../output/lockedFiles.ts"
import { type Manifest, readManifest } from "../output/Manifest.ts"
import { printable } from "../runtime/printable.ts"
import { checking, running } from "./CommandFailed.ts"
import { configInLock, decodeConfig } from "./lockedConfig.ts"

/** No lock can be made of a run, or not where it was asked for. */
export class NotLockable extends Schema.TaggedError<NotLockable>()("NotLockable", {
  path: Schema.String,
  problems: Schema.Array(Schema.String),
  remedy: Schema.String
}) {
  override get message(): string {
    const { path, problems, remedy } = this
    const told = problems.length === 1 ? ` ${problems[0]}. ` : `\n  ${problems.join("\n  ")}\n`
    return `${path}:${told}${remedy}`
  }
}

export const lock = Effect.fnUntraced(function* (options: {
  readonly folder: string
  readonly to: string | undefined
}) {
  const folder = path.resolve(options.folder)
  const file = path.resolve(options.to ?? path.join(path.dirname(folder), lockName))
  const manifest = yield* checking(readManifest(options.folder))
  yield* checking(refuseOther(file))
  const locked = yield* checking(lockRun(folder, manifest, path.dirname(file)))
  yield* running(writeWhole(file, formatLockedRun(locked)))
  yield* Console.log(
    `${printable(file)}: ${locked.inputs.length} input(s), ${locked.outputs.length} maps and tables. ` +
      "Keep it beside the config: `lnm run CONFIG --locked` with it fails where anything is not as locked."
  )
})

/** One config must make all that is in the folder. */
export const problemOfOtherRuns = ({ lesions_of_other_runs }: Manifest): string =>
  `it has maps of ${lesions_of_other_runs} lesion(s) of earlier runs, which the config of the last one does not select`

const remedyOfOtherRuns =
  "Run a config that selects all of them, which computes none of these maps anew, and lock that run."

/** A file that is no lock is not overwritten. */
const refuseOther = Effect.fnUntraced(function* (file: string) {
  const remedy = "Give another name with --to, or move it away."
  const found = yield* Effect.tryPromise({
    try: () => isThere(lstat(file)),
    catch: (cause) => new NotLockable({ path: file, problems: [`it ${readingReason(cause)}`], remedy })
  })
  if (!found) return
  const problems = ["it is there and is no lock file of this version of lnm"]
  yield* Effect.mapError(readLockedRun(file), () => new NotLockable({ path: file, problems, remedy }))
})

/** @param folder of the lock file */
const lockRun = Effect.fnUntraced(function* (output: string, manifest: Manifest, folder: string) {
  const { software, backend } = manifest
  const refuse = (problems: ReadonlyArray<string>, remedy: string) =>
    new NotLockable({ path: output, problems, remedy })
  const { entry, config } = yield* Effect.mapError(decodeConfig(manifest.config), ({ problem }) =>
    refuse([problem], "Run again with this version of lnm, and lock that run.")
  )
  if (entry.freeKeys === undefined) {
    return yield* refuse(
      [`the pipeline ${entry.name} cannot be held to a lock`],
      "`lnm verify` holds its files against the manifest."
    )
  }
  if (backend.arithmetic === "fast") {
    return yield* refuse(
      ["the run used fast arithmetic, whose last bits are others on other machines"],
      "Run again with `--set compute.arithmetic=strict`, or with that key in the config, and lock that run."
    )
  }
  if (manifest.lesions_of_other_runs > 0) {
    return yield* refuse([problemOfOtherRuns(manifest)], remedyOfOtherRuns)
  }
  if (software.numerics === undefined) {
    return yield* refuse(
      [`its manifest, of lnm ${printable(software.version)}, does not say the version of its arithmetic`],
      "Run again, and lock that run."
    )
  }
  const changed = [
    ...(yield* compareWithManifest(output, manifest.outputs)),
    ...(yield* compareInputs(manifest.inputs, { whole: false })).problems
  ]
  if (changed.length > 0) {
    return yield* refuse(changed, "Files are not as the run read or wrote them. Run again, and lock that run.")
  }
  const locked: LockedRun = {
    lock_version: lockVersion,
    software: { ...software, numerics: software.numerics },
    arithmetic: backend.arithmetic,
    config: configInLock(entry, config, folder),
    inputs: inputsInLock(yield* contentOfInputs(manifest), folder),
    outputs: yield* contentOfOutputs(output, manifest)
  }
  return locked
})
