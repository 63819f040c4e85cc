/**
 * Reads a config file: YAML, then `--set key.path=value` on top, then the Schema. Every complaint names the file, the
 * line and the key; an unknown key also the nearest known one. Paths in it are made absolute, relative to the file.
 */
import { readFile } from "node:fs/promises"
import path from "node:path"
import { Effect, Predicate, Schema, SchemaIssue } from "effect"
import { closest } from "fastest-levenshtein"
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from "yaml"
import { builtinDemo, type Config } from "../../pipelines/functional-network-mapping/Config.ts"
import type { PrepareConfig } from "../../pipelines/prepare-connectome/PrepareConfig.ts"
import { configs, hasFreeKeys, isPipelineName, knownKeys, type PipelineName } from "./configSchema.ts"

/** The config, or what was set on the command line, is wrong. */
export class InvalidConfig extends Schema.TaggedError<InvalidConfig>()("InvalidConfig", {
  file: Schema.String,
  problems: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const lines = this.problems.map((problem) => `${this.file}${problem}`)
    return lines.length === 1 ? lines[0]! : `${lines.length} problems in the config\n  ${lines.join("\n  ")}`
  }
}

export interface LoadedConfig<C = Config> {
  /** Absolute path of the YAML file. */
  readonly file: string
  /** With absolute paths. */
  readonly config: C
}

/**
 * The config of `functional-network-mapping`.
 *
 * @param assignments as given to `--set`: `lesions.batch_size=3`, the value in YAML
 */
export const loadConfig = Effect.fn("loadConfig")(function* (file: string, assignments: ReadonlyArray<string> = []) {
  const loaded = yield* loadAnyConfig(file, assignments)
  const { config } = loaded
  if (config.pipeline === "functional-network-mapping") return { ...loaded, config } satisfies LoadedConfig
  const problem = `: pipeline: this is a config of ${config.pipeline}, not of functional-network-mapping`
  return yield* new InvalidConfig({ file, problems: [problem] })
})

/**
 * The config of whatever pipeline the file names.
 *
 * @param assignments as given to `--set`
 */
export const loadAnyConfig = Effect.fn("loadAnyConfig")(function* (
  file: string,
  assignments: ReadonlyArray<string> = []
) {
  const absolute = path.resolve(file)
  const fail = (problems: ReadonlyArray<string>) => new InvalidConfig({ file, problems })
  const text = yield* Effect.tryPromise({
    try: () => readFile(absolute, "utf8"),
    catch: (cause) => fail([`: ${readingProblem(cause as NodeJS.ErrnoException)}`])
  })
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  // The first is the mistake; those after it follow from it.
  const [mistake] = document.errors
  if (mistake !== undefined) {
    return yield* fail([`${lineAt(lines, mistake.pos[0])}: this is no valid YAML: ${mistake.message}`])
  }
  const alias = danglingAlias(document)
  if (alias !== undefined) {
    return yield* fail([`${lineAt(lines, alias.offset)}: *${alias.name} is an alias to YAML; put a pattern in quotes`])
  }
  for (const assignment of assignments) {
    const problem = assign(document, assignment, pipelineOf(document))
    if (problem !== undefined) return yield* fail([`: --set ${assignment}: ${problem}`])
  }
  const pipeline = pipelineOf(document)
  const problem = pipelineProblem(document)
  if (problem !== undefined) return yield* fail([`${lineOf(document, lines, ["pipeline"])}: ${problem}`])
  const options = { errors: "all", onExcessProperty: "error" } as const
  const folder = path.dirname(absolute)
  const explained = Effect.mapError(({ issue }: { readonly issue: SchemaIssue.Issue }) =>
    fail(complaintsOf(issue, document, lines, pipeline))
  )
  const config: Config | PrepareConfig =
    pipeline === "prepare-connectome"
      ? resolvePreparePaths(
          yield* explained(Schema.decodeUnknownEffect(configs[pipeline])(document.toJS(), options)),
          folder
        )
      : resolvePaths(yield* explained(Schema.decodeUnknownEffect(configs[pipeline])(document.toJS(), options)), folder)
  const loaded: LoadedConfig<Config | PrepareConfig> = { file: absolute, config }
  return loaded
})

/** The pipeline whose keys the document is held against: the one it names, else the first. */
const pipelineOf = (document: Document): PipelineName => {
  const name = isMap(document.contents) ? document.get("pipeline") : undefined
  return isPipelineName(name) ? name : "functional-network-mapping"
}

/** What is wrong with the value of `pipeline`, where there is one. */
const pipelineProblem = (document: Document): string | undefined => {
  const name = isMap(document.contents) ? document.get("pipeline") : undefined
  if (name === undefined || isPipelineName(name)) return undefined
  const known = Object.keys(configs)
  const hint = typeof name === "string" ? `; did you mean ${closest(name, known)}?` : ""
  return `pipeline: expected ${known.join(" or ")}, got ${JSON.stringify(name)}${hint}`
}

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1()

/** One complaint a key; a missing key is not reported where a misspelt one explains it. */
const complaintsOf = (
  issue: SchemaIssue.Issue,
  document: Document,
  lines: LineCounter,
  pipeline: PipelineName
): ReadonlyArray<string> => {
  const byKey = new Map<string, { readonly keys: ReadonlyArray<PropertyKey>; readonly messages: Array<string> }>()
  for (const { path: issuePath = [], message } of formatIssues(issue).issues) {
    const keys = issuePath.map((key) => (typeof key === "object" ? key.key : key))
    const known = byKey.get(keys.join("."))
    if (known === undefined) byKey.set(keys.join("."), { keys, messages: [message] })
    else known.messages.push(message.replace(/^Expected /, ""))
  }
  const complaints = [...byKey.values()].map(({ keys, messages }) => ({ keys, message: messages.join(", or ") }))
  const misspelt = complaints.filter(({ message }) => isExcess(message)).map(({ keys }) => nearestKey(keys, pipeline))
  return complaints
    .filter(({ keys, message }) => !(isMissing(message) && misspelt.includes(String(keys.at(-1)))))
    .map(({ keys, message }) => `${lineOf(document, lines, keys)}: ${explain(keys, message, pipeline)}`)
}

const isExcess = (message: string): boolean => /excess property/i.test(message)
const isMissing = (message: string): boolean => /missing key/i.test(message)

const readingProblem = ({ code, message }: NodeJS.ErrnoException): string =>
  code === "ENOENT"
    ? "there is no such config file"
    : code === "EISDIR"
      ? "this is a folder, not a config file"
      : message

/** The first alias without an anchor: what YAML makes of a pattern that begins with `*`. */
const danglingAlias = (document: Document): { readonly name: string; readonly offset: number } | undefined => {
  let found: ReturnType<typeof danglingAlias>
  visit(document, {
    Alias: (_, node) => {
      if (node.resolve(document) !== undefined) return undefined
      found = { name: node.source, offset: node.range?.[0] ?? 0 }
      return visit.BREAK
    }
  })
  return found
}

/** Sets `key.path=value` in the document; says what is wrong where that cannot be done. */
const assign = (document: Document, assignment: string, pipeline: PipelineName): string | undefined => {
  const [, key, value] = /^([\w.]+)=(.*)$/s.exec(assignment) ?? []
  if (key === undefined || value === undefined) return "write it as key.path=value"
  // There is nothing that an alias could refer to: this is a pattern.
  const parsed = parseDocument(value.startsWith("*") ? JSON.stringify(value) : value)
  if (parsed.errors.length > 0) return `the value is no valid YAML: ${parsed.errors[0]!.message.split("\n")[0]}`
  const keys = key.split(".")
  for (let depth = 0; depth < keys.length; depth++) {
    const above = keys.slice(0, depth)
    if (depth > 0 && knownKeys(above, pipeline) === undefined && !hasFreeKeys(above, pipeline)) {
      return unknownKey(above, pipeline)
    }
    const holder = depth === 0 ? document.contents : document.getIn(above, true)
    if (isMap(holder)) continue
    if (!isEmpty(holder)) return `${depth === 0 ? "the file" : `${above.join(".")} in the file`} is no mapping of keys`
    if (depth === 0) document.contents = null
    else if (isNode(holder)) document.deleteIn(above)
  }
  document.setIn(keys, parsed.toJS())
  return undefined
}

/** Whether a key is not there, or is there without a value. */
const isEmpty = (node: unknown): boolean =>
  node === undefined || node === null || (isScalar(node) && node.value === null)

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

const lineAt = (lines: LineCounter, offset: number): string => `:${lines.linePos(offset).line}`

const explain = (keys: ReadonlyArray<PropertyKey>, message: string, pipeline: PipelineName): string => {
  const name = keys.join(".")
  if (isExcess(message)) return unknownKey(keys, pipeline)
  if (isMissing(message)) return `${name} is missing; it has no default`
  return keys.length === 0 ? `the config must be a mapping of keys (${message})` : `${name}: ${message}`
}

const unknownKey = (keys: ReadonlyArray<PropertyKey>, pipeline: PipelineName): string => {
  const nearest = nearestKey(keys, pipeline)
  return `${keys.join(".")} is no known key${nearest === undefined ? "" : `; did you mean ${nearest}?`}`
}

const nearestKey = (keys: ReadonlyArray<PropertyKey>, pipeline: PipelineName): string | undefined => {
  const known = knownKeys(keys.slice(0, -1), pipeline) ?? []
  return known.length === 0 ? undefined : closest(String(keys.at(-1)), [...known])
}

const resolvePaths = (config: Config, folder: string): Config => {
  const resolve = (location: string) => (location === builtinDemo ? location : path.resolve(folder, location))
  const { connectome, lesions, parcellations, output } = config
  return {
    ...config,
    connectome: {
      ...connectome,
      path: resolve(connectome.path),
      ...(connectome.mask === undefined ? {} : { mask: resolve(connectome.mask) })
    },
    lesions: {
      ...lesions,
      path: Predicate.isString(lesions.path) ? resolve(lesions.path) : lesions.path.map(resolve)
    },
    parcellations: parcellations.map((parcellation) => ({
      ...parcellation,
      path: resolve(parcellation.path),
      ...(parcellation.labels === undefined ? {} : { labels: resolve(parcellation.labels) })
    })),
    output: { ...output, path: resolve(output.path) }
  }
}

const resolvePreparePaths = (config: PrepareConfig, folder: string): PrepareConfig => {
  const { source, output } = config
  return {
    ...config,
    source: {
      ...source,
      path: path.resolve(folder, source.path),
      ...(source.mask === undefined ? {} : { mask: path.resolve(folder, source.mask) })
    },
    output: { path: path.resolve(folder, output.path) }
  }
}
