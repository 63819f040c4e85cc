/** Kinds of values that the configs of several pipelines have, as Schemas, and how a key gets its default. */
import { ByteSize, Effect, Option, Schema } from "effect"

export const withDefault = <S extends Schema.Constraint>(schema: S, value: S["Encoded"]) =>
  Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(schema)

export const Path = (description: string) => Schema.NonEmptyString.annotate({ description })

const PositiveInt = Schema.Int.check(Schema.isGreaterThan(0))

const Auto = Schema.Literals(["auto"])

/** Left to the program, or a number of something. */
export const AutoOrCount = Schema.Union([Auto.annotate({ message: 'Expected "auto" or a whole number' }), PositiveInt])

const isByteSize = Schema.makeFilter<string>((text) =>
  Option.isSome(ByteSize.fromString(text)) ? undefined : "Expected a size such as 4GB, 800MiB or a number of bytes"
)

export const Memory = Schema.Union([Auto, Schema.String.check(isByteSize), PositiveInt])

/** `compute.memory` in bytes; undefined where it is `auto`. */
export const memoryLimitOf = (memory: typeof Memory.Type): number | undefined =>
  memory === "auto"
    ? undefined
    : typeof memory === "number"
      ? memory
      : Option.getOrUndefined(Option.flatMap(ByteSize.fromString(memory), ByteSize.toNumber))
