/**
 * The `zarr.json` files of a connectome store, decoded by Schema: the group's attributes, and of each array the fields that say
 * how its numbers lie. A field that is missing or of another type is a failure that names the file and the key.
 *
 * Source: Zarr core specification, version 3.1, "Group metadata" and "Array metadata".
 */
import path from "node:path"
import { Effect, Schema, SchemaIssue } from "effect"
import { readRegularFile } from "../../files/readRegularFile.ts"
import { isMissing } from "../../files/unlessMissing.ts"
import { InvalidConnectome } from "../Connectome.ts"
import { onPath } from "../pathFailures.ts"

const Size = Schema.Int.check(Schema.isGreaterThan(0))

/** As zarrita and the Python library write them; any other representation of the same array is refused. */
export const ArrayMetadata = Schema.Struct({
  zarr_format: Schema.Literal(3),
  node_type: Schema.Literal("array"),
  shape: Schema.Array(Size),
  data_type: Schema.String,
  chunk_grid: Schema.Struct({
    name: Schema.Literal("regular"),
    configuration: Schema.Struct({ chunk_shape: Schema.Array(Size) })
  }),
  chunk_key_encoding: Schema.Struct({
    name: Schema.Literal("default"),
    configuration: Schema.optionalKey(Schema.Struct({ separator: Schema.optionalKey(Schema.Literal("/")) }))
  }),
  codecs: Schema.Tuple([
    Schema.Struct({
      name: Schema.Literal("bytes"),
      configuration: Schema.Struct({ endian: Schema.Literal("little") })
    })
  ])
})

export type ArrayMetadata = typeof ArrayMetadata.Type

/** Attributes stay undecoded here; `storeFormat.ts` has their Schema. */
export const GroupMetadata = Schema.Struct({
  zarr_format: Schema.Literal(3),
  node_type: Schema.Literal("group"),
  attributes: Schema.Record(Schema.String, Schema.Unknown)
})

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/** The parser of JSON quotes the text with its line ends. */
const onOneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ")

/** "`shape.0` Expected …" of the first issue. */
export const describeIssue = (issue: SchemaIssue.Issue): string => {
  const [first] = issuesOf(issue).issues
  if (first === undefined) return "it is not what it must be"
  const key = (first.path ?? []).map(String).join(".")
  const message = onOneLine(first.message)
  return key === "" ? message : `\`${key}\`: ${message}`
}

/** Bytes of a `zarr.json`: several times what the names of 100,000 subjects and of their files take. */
const mostMetadataBytes = 128 * 2 ** 20

export const metadataName = "zarr.json"

/** Reads a `zarr.json`; `what` says what it should describe, `remedy` what to do where it does not. */
export const readMetadata = Effect.fnUntraced(function* <S extends Schema.ConstraintDecoder<unknown>>(
  folder: string,
  schema: S,
  what: string,
  remedy: string
): Effect.fn.Return<S["Type"], InvalidConnectome> {
  const file = path.join(folder, metadataName)
  const refuse = (problem: string, cause?: unknown) =>
    new InvalidConnectome({ file, problem, remedy, ...(cause === undefined ? {} : { cause }) })
  const text = yield* onPath(file, async () => String(await readRegularFile(file, mostMetadataBytes))).pipe(
    Effect.mapError((failure) =>
      isMissing(failure.cause) ? refuse(`${what}: the file is missing`, failure.cause) : failure
    )
  )
  const json = yield* Effect.try({
    try: (): unknown => JSON.parse(text),
    catch: (cause) => refuse(`${what}: it is no JSON (${onOneLine((cause as Error).message)})`, cause)
  })
  return yield* Schema.decodeUnknownEffect(schema)(json).pipe(
    Effect.mapError(({ issue }) => refuse(`${what}: ${describeIssue(issue)}`))
  )
})
