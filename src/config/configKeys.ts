/** Kinds of values that the configs of several pipelines have, as Schemas, and how a key gets its default. */
import { ByteSize, Effect, Option, Schema } from "effect"
import { bidsLabel } from "../imaging/bidsLabel.ts"

export const withDefault = <S extends Schema.Constraint>(schema: S, value: S["Encoded"]) =>
  Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema)

/** `~/…`, `~name/…`, `$HOME/…`, `${HOME}/…`: as such they would be folders of these names beside the config. */
const forShell = /^(?:~[^/]*|\$\w+|\$\{\w+\})(?:\/|$)/

const isNotForShell = Schema.makeFilter<string>((location) =>
  forShell.test(location)
    ? `Expected a path without ${location.startsWith("~") ? "~" : "variables"}, which only a shell expands: write it out (a folder of that name is ./${location.split("/")[0]})`
    : undefined
)

/** Where a file or folder is. */
export const Location = Schema.NonEmptyString.check(isNotForShell)

export const Path = (description: string) => Schema.NonEmptyString.annotate({ description }).check(isNotForShell)

/** The label of a template space: part of every map's name. */
export const SpaceLabel = Schema.String.check(Schema.isPattern(bidsLabel)).annotate({
  description:
    "BIDS label of the template space, letters and digits, e.g. MNI152NLin6Asym. Optional where the source says it."
})

/** Whether a report is made, and what its slices lie over. */
export const Report = Schema.Union([
  Schema.Boolean,
  Schema.Struct({
    background: Path("An image of the brain in the maps' space, of any grid, that slices are shown over.")
  })
])

/** How several scans of one person are treated. */
export const Runs = Schema.Literals(["concatenate", "separate"]).annotate({
  description:
    "NIfTI, Lead-DBS and NumPy: several scans of one person (runs, sessions) are standardised each and joined to one subject, or are subjects of their own.",
  default: "concatenate"
})

/** The same where maps are computed: r may also be averaged over the scans of a person. */
export const RunsOfMaps = Schema.Literals(["concatenate", "average", "separate"]).annotate({
  description:
    "NIfTI, Lead-DBS and NumPy: several scans of one person (runs, sessions) are standardised each and joined to one subject; are one subject over whose runs r is averaged before atanh (also of a store that was made with runs: separate); or are subjects of their own.",
  default: "concatenate"
})

const PositiveInt = Schema.Int.check(Schema.isGreaterThan(0))

const Auto = Schema.Literals(["auto"])

/**
 * Most threads that a run may be told to take. No machine has as many processors; each thread takes memory, and a number that is a
 * slip of the keyboard would exhaust the machine.
 */
const mostWorkers = 1024

/** Number of worker threads, or `auto`. */
export const Workers = Schema.Union([
  Auto.annotate({ message: `Expected "auto" or a whole number up to ${mostWorkers}` }),
  PositiveInt.check(Schema.isLessThanOrEqualTo(mostWorkers))
])

/** A positive count, or `auto`. */
export const AutoOrCount = Schema.Union([Auto.annotate({ message: 'Expected "auto" or a whole number' }), PositiveInt])

const isByteSize = Schema.makeFilter<string>((text) =>
  Option.isSome(ByteSize.fromString(text)) ? undefined : "Expected a size such as 4GB, 800MiB or a number of bytes"
)

const Memory = Schema.Union([Auto, Schema.String.check(isByteSize), PositiveInt])

/** `compute.memory`, by default `auto`. */
export const MemoryKey = withDefault(
  Memory.annotate({
    description:
      "Bytes that the run may use, e.g. 4GB. auto: 60 % of what the machine, its control groups and the job have free.",
    default: "auto"
  }),
  "auto"
)

/** `compute.memory` in bytes; undefined where it is `auto`. */
export const memoryLimitOf = (memory: typeof Memory.Type): number | undefined =>
  memory === "auto"
    ? undefined
    : typeof memory === "number"
      ? memory
      : Option.getOrUndefined(Option.flatMap(ByteSize.fromString(memory), ByteSize.toNumber))

const unitsInSeconds: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 }

const duration = /^(\d+(?:\.\d+)?)\s*(s|min|h)$/

/** A time such as 5s, 10min or 1h. */
const Duration = Schema.String.check(Schema.isPattern(duration)).annotate({
  description: "A time: a number and s, min or h.",
  message: "Expected a time such as 30s, 10min or 1h"
})

/** Whether checkpoints are written, and how often. */
export const Checkpoint = Schema.Union([Schema.Boolean, Schema.Struct({ every: Duration })])

/** `checkpoint.every` in seconds; undefined where it is left to what checkpoints cost. */
export const checkpointSeconds = (checkpoint: typeof Checkpoint.Type): number | undefined => {
  if (typeof checkpoint === "boolean") return undefined
  const [, amount, unit] = duration.exec(checkpoint.every)!
  return Number(amount) * unitsInSeconds[unit!]!
}
