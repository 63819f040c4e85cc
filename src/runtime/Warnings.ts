/**
 * Warnings, as a service: a result that may not be what the user meant is never silent. Each names the file, what was found in it
 * and what was taken. The command prints them on standard error as they come, and writes all of them into the plan, the summary
 * and the manifest; a program that provides no such service gets them in its log.
 *
 * What no map can be made of is no warning but a tagged error of whoever finds it.
 */
import { Context, Effect } from "effect"

/** One warning: what may not be what the user meant. */
export interface Warning {
  /** The file or folder, or the key of the config, that it is about. */
  readonly file: string
  /** What was found: a clause without a full stop, "3 voxels hold NaN". */
  readonly found: string
  /** What was taken or done, and how to change that: one or more sentences, without the last full stop. */
  readonly taken: string
}

/** Takes warnings and remembers them. */
export interface WarningsService {
  /** Takes warnings that are found together; those that differ only by their file are told as one. */
  readonly warn: (warnings: ReadonlyArray<Warning>) => Effect.Effect<void>
  /** Every warning so far, each once, in the order in which they came. */
  readonly all: Effect.Effect<ReadonlyArray<Warning>>
}

/** Files of a warning that are named in a message; more are counted. */
const mostNamed = 8

/** One sentence or more for warnings that differ only by their file. */
const messageOf = (warnings: ReadonlyArray<Warning>): string => {
  const { found, taken } = warnings[0]!
  const files = warnings.map(({ file }) => file)
  const rest = files.length - mostNamed
  const named = rest > 0 ? `${files.slice(0, mostNamed).join(", ")} and ${rest} more` : files.join(", ")
  return `${named}: ${found}. ${taken}.`
}

const keyOf = ({ file, found, taken }: Warning): string => [file, found, taken].join("\n")

/** Keeps warnings, and tells each once by `tell`: those that differ only by their file in one message. */
export const makeWarnings = (
  tell: (message: string, warnings: ReadonlyArray<Warning>) => Effect.Effect<void>
): WarningsService => {
  const known = new Map<string, Warning>()
  return {
    warn: (warnings) =>
      Effect.suspend(() => {
        const added = warnings.filter((warning) => {
          const isNew = !known.has(keyOf(warning))
          known.set(keyOf(warning), warning)
          return isNew
        })
        const alike = Map.groupBy(added, ({ found, taken }) => keyOf({ file: "", found, taken }))
        return Effect.forEach(alike.values(), (group) => tell(messageOf(group), group), { discard: true })
      }),
    all: Effect.sync(() => [...known.values()])
  }
}

/** The warnings of the running program. Default: they go to the log and are not kept. */
export const Warnings = Context.Reference<WarningsService>("lesion-network-mapping/runtime/Warnings", {
  defaultValue: () => ({
    warn: (warnings) => makeWarnings((message) => Effect.logWarning(message)).warn(warnings),
    all: Effect.succeed([])
  })
})

/** Tells of one thing that may not be what the user meant. */
export const warn = (warning: Warning): Effect.Effect<void> =>
  Effect.flatMap(Warnings, (service) => service.warn([warning]))

/** Tells of several that were found together. */
export const warnAll = (warnings: ReadonlyArray<Warning>): Effect.Effect<void> =>
  Effect.flatMap(Warnings, (service) => service.warn(warnings))
