/**
 * Reads a config file: YAML, then `--set key.path=value` on top, then the Schema. Every complaint names the file, the line or what was set
 * on the command line, and the key; an unknown key also the nearest known one. Paths in it are made absolute, relative to the file.
 */
import path from "node:path"
import { Effect, Schema, SchemaIssue } from "effect"
import { closest } from "fastest-levenshtein"
import { type Document, isMap, isNode, isScalar, LineCounter } from "yaml"
import { printableExcerpt } from "../runtime/printable.ts"
import { type Assignment, assign, saidOf, setBy } from "./assignments.ts"
import type { AnyConfigDefinition, ConfigDefinition } from "./ConfigDefinition.ts"
import { isProblem, parseYaml, plainValue } from "./configDocument.ts"
import { knownKeys } from "./configSchema.ts"
import { readConfigText } from "./configText.ts"
import { keepLabelsAsWritten } from "./labelsAsWritten.ts"
import { longestKey, nearestKey, unknownKey } from "./unknownKey.ts"

/** The config, or what was set on the command line, is wrong. */
export class InvalidConfig extends Schema.TaggedError<InvalidConfig>()("InvalidConfig", {
  file: Schema.String,
  problems: Schema.Array(Schema.String),
  /** Number of problems beyond those in the list. */
  further: Schema.optionalKey(Schema.Int)
}) {
  override get message(): string {
    const { file, problems, further = 0 } = this
    const lines = problems.map((problem) => `${file}${problem}`)
    if (lines.length === 1 && further === 0) return lines[0]!
    const rest = further === 0 ? [] : [`and ${further} more`]
    return `${lines.length + further} problems in the config\n  ${[...lines, ...rest].join("\n  ")}`
  }
}

export interface LoadedConfig<Config> {
  /** Absolute path of the YAML file. */
  readonly file: string
  /** The decoded config, with absolute paths. */
  readonly config: Config
}

/** A config, and which of the definitions it was read by. */
export interface LoadedConfigOf<Definition> extends LoadedConfig<unknown> {
  readonly definition: Definition
}

/**
 * The config of one pipeline.
 *
 * @param assignments as given to `--set`
 */
export const loadConfigAs = <Config>(
  definition: ConfigDefinition<Config>,
  file: string,
  assignments: ReadonlyArray<Assignment> = []
): Effect.Effect<LoadedConfig<Config>, InvalidConfig> =>
  Effect.map(loadConfigAsAny([definition], file, assignments), ({ config, ...loaded }) => ({
    ...loaded,
    config: config as Config
  }))

/**
 * The config of whatever pipeline the file names.
 *
 * @param definitions of the pipelines that it may name
 * @param assignments as given to `--set`
 */
export const loadConfigAsAny = Effect.fn("loadConfig")(function* <Definition extends AnyConfigDefinition>(
  definitions: ReadonlyArray<Definition>,
  file: string,
  assignments: ReadonlyArray<Assignment> = []
) {
  const absolute = path.resolve(file)
  const fail = (problems: ReadonlyArray<string>) => new InvalidConfig({ file, problems })
  const text = yield* Effect.mapError(readConfigText(absolute), ({ problem }) => fail([`: ${problem}`]))
  const lines = new LineCounter()
  const document = parseYaml(text, lines)
  if (isProblem(document)) return yield* fail([`${lineMark(document.line)}: ${document.problem}`])
  keepLabelsAsWritten(document)
  for (const { assignment, saidAs } of assignments.map(saidOf)) {
    const problem = assign(document, assignment, definitionOf(document, definitions))
    if (problem !== undefined) return yield* fail([`: ${saidAs}: ${problem}`])
  }
  const placeOf = (keys: ReadonlyArray<PropertyKey>) => {
    const set = setBy(assignments, keys)
    return set === undefined ? lineOf(document, lines, keys) : `: ${set}`
  }
  const problem = pipelineProblem(document, definitions)
  if (problem !== undefined) return yield* fail([`${placeOf(["pipeline"])}: ${problem}`])
  const plain = plainValue(document)
  if (isProblem(plain)) return yield* fail([`: ${plain.problem}`])
  const definition = definitionOf(document, definitions)
  const options = { errors: "all", onExcessProperty: "error" } as const
  const folder = path.dirname(absolute)
  const decoded = yield* Schema.decodeUnknownEffect(definition.schema)(plain.value, options).pipe(
    Effect.mapError(({ issue }) => new InvalidConfig({ file, ...complaintsOf(issue, placeOf, definition) }))
  )
  const config: unknown = definition.resolvePaths(decoded, (location) => path.resolve(folder, location))
  const loaded: LoadedConfigOf<Definition> = { file: absolute, config, definition }
  return loaded
})

const nameOf = (document: Document): unknown => (isMap(document.contents) ? document.get("pipeline") : undefined)

/** The definition whose keys the document is held against: of the pipeline it names, else the first. */
const definitionOf = <Definition extends AnyConfigDefinition>(
  document: Document,
  definitions: ReadonlyArray<Definition>
): Definition => definitions.find(({ name }) => name === nameOf(document)) ?? definitions[0]!

/** What is wrong with the value of `pipeline`, where there is one. */
const pipelineProblem = (document: Document, definitions: ReadonlyArray<AnyConfigDefinition>): string | undefined => {
  const name = nameOf(document)
  const known = definitions.map((definition) => definition.name)
  if (name === undefined || known.includes(String(name))) return undefined
  const hint =
    typeof name === "string" && name.length <= longestKey && known.length > 1
      ? `; did you mean ${closest(name, known)}?`
      : ""
  return `pipeline: expected ${known.join(" or ")}, got ${printableExcerpt(JSON.stringify(name) ?? String(name))}${hint}`
}

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1()

/** Complaints that are told; more are counted. */
const mostComplaints = 20

/** One complaint a key; a missing key is not reported where a misspelt one explains it. */
const complaintsOf = (
  issue: SchemaIssue.Issue,
  placeOf: (keys: ReadonlyArray<PropertyKey>) => string,
  definition: AnyConfigDefinition
): { readonly problems: ReadonlyArray<string>; readonly further?: number } => {
  const byKey = new Map<string, { readonly keys: ReadonlyArray<PropertyKey>; readonly messages: Array<string> }>()
  for (const { path: issuePath = [], message } of formatIssues(issue).issues) {
    const keys = issuePath.map((key) => (typeof key === "object" ? key.key : key))
    const known = byKey.get(keys.join("."))
    if (known === undefined) byKey.set(keys.join("."), { keys, messages: [message] })
    else known.messages.push(message.replace(/^Expected /, ""))
  }
  const all = [...byKey.values()].map(({ keys, messages }) => ({ keys, message: messages.join(", or ") }))
  const complaints = all.slice(0, mostComplaints)
  const misspelt = complaints.filter(({ message }) => isExcess(message)).map(({ keys }) => nearestKey(keys, definition))
  const problems = complaints
    .filter(({ keys, message }) => !(isMissing(message) && misspelt.includes(String(keys.at(-1)))))
    .map(({ keys, message }) => `${placeOf(keys)}: ${printableExcerpt(explain(keys, message, definition))}`)
  return all.length > complaints.length ? { problems, further: all.length - complaints.length } : { problems }
}

const isExcess = (message: string): boolean => /excess property/i.test(message)
const isMissing = (message: string): boolean => /missing key/i.test(message)

/** ":12" for the line of a key, or of the nearest key above it that the file has; nothing where it has none. */
const lineOf = (document: Document, lines: LineCounter, keys: ReadonlyArray<PropertyKey>): string => {
  for (let depth = keys.length; depth > 0; depth--) {
    const node = keyNode(document, keys.slice(0, depth)) ?? document.getIn(keys.slice(0, depth), true)
    if (isNode(node) && node.range) return lineAt(lines, node.range[0])
  }
  return ""
}

/** Where a key of a mapping stands: its value may begin lines below. */
const keyNode = (document: Document, keys: ReadonlyArray<PropertyKey>): unknown => {
  const holder = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true)
  if (!isMap(holder)) return undefined
  return holder.items.find(({ key }) => (isScalar(key) ? key.value : key) === keys.at(-1))?.key
}

const lineAt = (lines: LineCounter, offset: number): string => lineMark(lines.linePos(offset).line)

const lineMark = (line: number | undefined): string => (line === undefined ? "" : `:${line}`)

const explain = (keys: ReadonlyArray<PropertyKey>, message: string, definition: AnyConfigDefinition): string => {
  const name = keys.join(".")
  if (isExcess(message)) return unknownKey(keys, definition)
  if (isMissing(message)) return `${name} is missing; it has no default`
  const inner = keys.length === 0 ? undefined : knownKeys(keys, definition)
  if (message === "Expected object" && inner !== undefined)
    return `${name}: expected keys below it: ${inner.join(", ")}`
  return keys.length === 0 ? `the config must be a mapping of keys (${message})` : `${name}: ${message}`
}
