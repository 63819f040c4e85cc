/**
 * `lnm run CONFIG --locked LOCK`: holds a run to a lock file, before it for config and inputs, after it for maps and tables. Any
 * difference ends the command with an exit code of its own.
 */
import path from "node:path"
import { Effect, Schema } from "effect"
import type { LockableRun, PlannedRun } from "../../pipelines/PipelineEntry.ts"
import { isMissing } from "../files/unlessMissing.ts"
import { numericsVersion } from "../kernels/numericPolicy.ts"
import { fileDifferences, type LockedRun, readLockedRun } from "../output/LockedRun.ts"
import { contentOfOutputs, inputsInLock } from "../output/lockedFiles.ts"
import { readManifest } from "../output/Manifest.ts"
import { recordContent } from "../output/recordContent.ts"
import { printableExcerpt } from "../runtime/printable.ts"
import { packageVersion } from "../runtime/version.ts"
import { warn } from "../runtime/Warnings.ts"
import { CommandFailed, checking, exitCodes, running } from "./CommandFailed.ts"
import { configDifferences } from "./lockedConfig.ts"

/** Differences that a message names; more are counted. */
const mostNamed = 50

/** A run, or what came out of it, differs from a lock file. */
export class NotAsLocked extends Schema.TaggedError<NotAsLocked>()("NotAsLocked", {
  lock: Schema.String,
  differences: Schema.Array(Schema.String),
  /** Whether maps have been computed. */
  computed: Schema.Boolean
}) {
  override get message(): string {
    const { lock, differences, computed } = this
    const named = differences.slice(0, mostNamed).map(printableExcerpt)
    const rest = differences.length > mostNamed ? [`and ${differences.length - mostNamed} more`] : []
    const begin = computed
      ? "the run was computed, and is not as locked"
      : "nothing was computed, as the run is not as locked"
    return (
      `${lock}: ${begin}:\n  ${[...named, ...rest].join("\n  ")}\n` +
      `Mend what differs. If it is meant, run without --locked, and make the lock anew: lnm lock OUTPUT --to ${lock}`
    )
  }
}

/** A lock was given for a run that has none. */
export class CannotBeLocked extends Schema.TaggedError<CannotBeLocked>()("CannotBeLocked", {}) {
  override get message(): string {
    return "--locked: runs of this pipeline make no maps that could be held against a lock file. Leave it out."
  }
}

/** A lock file that has been read. */
export interface OpenLock {
  /** As given. */
  readonly file: string
  readonly folder: string
  readonly locked: LockedRun
}

/** Reads a lock file, and warns where it is of another version of lnm. */
export const openLock = Effect.fnUntraced(function* (file: string) {
  const locked = yield* checking(readLockedRun(file))
  const { version } = locked.software
  if (version !== packageVersion) {
    yield* warn({
      file,
      found: `it was made by lnm ${printableExcerpt(version)}, and this is ${packageVersion}`,
      taken: "The run is held to it all the same: config, inputs, version of the arithmetic, maps and tables decide"
    })
  }
  const lock: OpenLock = { file, folder: path.dirname(path.resolve(file)), locked }
  return lock
})

const refuse = (lock: OpenLock, differences: ReadonlyArray<string>, computed: boolean) =>
  differences.length === 0
    ? Effect.void
    : Effect.fail(new CommandFailed(new NotAsLocked({ lock: lock.file, differences, computed }), exitCodes.notAsLocked))

/** Holds a planned run to the lock: arithmetic, config and inputs. */
export const holdPlanned = Effect.fnUntraced(function* (lock: OpenLock, { lockable }: PlannedRun) {
  if (lockable === undefined) return yield* checking(Effect.fail(new CannotBeLocked()))
  const { locked, folder } = lock
  const { numerics } = locked.software
  const differences = [
    ...(numerics === numericsVersion
      ? []
      : [`the version of lnm's arithmetic is ${numericsVersion}, was ${numerics}: any value may differ`]),
    ...(yield* differencesOfConfig(lock, lockable.config)),
    ...(locked.arithmetic === lockable.arithmetic
      ? []
      : [`the arithmetic of the backend is ${lockable.arithmetic}, was ${locked.arithmetic}`])
  ]
  const inputs = yield* checking(lockable.inputs)
  yield* refuse(lock, [...differences, ...fileDifferences("input", locked.inputs, inputsInLock(inputs, folder))], false)
  return lockable
})

/** A config that is none of this version's differs too. */
const differencesOfConfig = ({ locked, folder }: OpenLock, config: unknown) =>
  configDifferences(locked.config, config, folder).pipe(
    Effect.catchTag("ConfigNotKnown", ({ problem }) => Effect.succeed([`of the lock, ${problem}`]))
  )

/**
 * Tells what differs where a run could not even be planned: an input that is gone, or damaged, often is why. Where nothing does, the plan's
 * own error stands.
 */
export const holdUnplanned = Effect.fnUntraced(function* (lock: OpenLock, config: unknown) {
  const { locked, folder } = lock
  const problems = yield* Effect.forEach(locked.inputs, (input) => problemOfInput(input.path, input.sha256, folder))
  yield* refuse(lock, [...(yield* differencesOfConfig(lock, config)), ...problems.flat()], false)
})

/** A store is a folder; what of it has changed, its own error says. */
const problemOfInput = (input: string, sha256: string, folder: string) =>
  Effect.match(recordContent(path.resolve(folder, input)), {
    onSuccess: (now) => (now.sha256 === sha256 ? [] : [`input ${input} has another content`]),
    onFailure: ({ cause }) => (isMissing(cause) ? [`input ${input} is missing`] : [])
  })

/** Holds what a run has written to the lock. */
export const holdFinished = Effect.fnUntraced(function* (lock: OpenLock, { output }: LockableRun) {
  const found = yield* running(Effect.flatMap(readManifest(output), (manifest) => contentOfOutputs(output, manifest)))
  yield* refuse(lock, fileDifferences("output", lock.locked.outputs, found), true)
  return found.length
})
