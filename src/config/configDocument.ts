/**
 * A YAML document that can be made into plain values, whatever is in the text: its depth, its aliases and the work of reading it
 * are bounded, and its keys are unique. What is wrong is told with its place.
 */
import {
  CST,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  Lexer,
  LineCounter,
  parseDocument,
  visit,
  type YAMLMap
} from "yaml"
import { printableExcerpt } from "../runtime/printable.ts"

/** What is wrong with a text, and in which line; undefined: in no line alone. */
export interface YamlProblem {
  readonly problem: string
  readonly line: number | undefined
}

/** Levels of mappings and lists; configs have four. */
const mostDepth = 32

/** Words and marks of a text: three times what a list of ten thousand files has. The parser takes a second over them. */
const mostTokens = 200_000

/** Aliases, and copies that they make together: more than anybody writes by hand. */
const mostAliases = 100

/** Parses a text: a document, or the first problem. */
export const parseYaml = (text: string, lineCounter = new LineCounter()): Document.Parsed | YamlProblem => {
  const at = (offset: number | undefined) =>
    offset === undefined ? undefined : text.slice(0, offset).split("\n").length
  const ofTokens = tokenProblem(text)
  if (ofTokens !== undefined) return { problem: ofTokens.problem, line: at(ofTokens.offset) }
  const document = parseBounded(text, lineCounter)
  // The first is the mistake; those after it follow from it.
  const [mistake] = document.errors
  // A lone * is an alias without a name, which is better told with its key.
  const found = mistake === undefined || mistake.code === "BAD_ALIAS" ? problemIn(document) : undefined
  if (found !== undefined) return { problem: found.problem, line: at(found.offset) }
  if (mistake === undefined) return document
  return { problem: `this is no valid YAML: ${inPlainWords(mistake.message)}`, line: at(mistake.pos[0]) }
}

/** Whether a result is a problem instead of a document or value. */
export const isProblem = (parsed: object): parsed is YamlProblem => "problem" in parsed && "line" in parsed

/** The plain value of a document that has been found without problems, or why it has none. */
export const plainValue = (document: Document): { readonly value: unknown } | YamlProblem => {
  try {
    return { value: document.toJS({ maxAliasCount: mostAliases }) as unknown }
  } catch {
    // The only error left: aliases of aliases multiply beyond `mostAliases`.
    return { problem: "its aliases stand for too much; write the values out", line: undefined }
  }
}

interface PlacedProblem {
  readonly problem: string
  readonly offset: number | undefined
}

/**
 * Finds too many words and marks, and brackets that are nested too deeply or close nothing, before parsing: the parser takes seconds over a
 * million of them.
 */
const tokenProblem = (text: string): PlacedProblem | undefined => {
  let depth = 0
  let offset = 0
  let tokens = 0
  let isScalar = false
  for (const token of new Lexer().lex(text)) {
    if (++tokens > mostTokens) {
      return { problem: `it has more than ${mostTokens} words and marks, which no config has`, offset: undefined }
    }
    if (!isScalar && (token === "[" || token === "{")) depth++
    if (!isScalar && (token === "]" || token === "}")) depth--
    if (depth > mostDepth) return { problem: "it is nested too deeply", offset }
    if (depth < 0) return { problem: `this is no valid YAML: a ${token} that closes nothing`, offset }
    // Some tokens only announce the kind of the next one.
    const isMark = CST.prettyToken(token).startsWith("<")
    isScalar = token === CST.SCALAR
    if (!isMark) offset += token.length
  }
  return undefined
}

/** `repeatedKey` finds repeated keys in linear time; the parser would compare each key with all before it. */
const options = { prettyErrors: false, uniqueKeys: false, logLevel: "error" } as const

/** Parses without stack traces: each mistake in a text becomes an error, and making their stacks would be most of the work. */
const parseBounded = (text: string, lineCounter: LineCounter): Document.Parsed => {
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return parseDocument(text, { ...options, lineCounter })
  } finally {
    Error.stackTraceLimit = before
  }
}

const inPlainWords = (message: string): string => {
  if (message.includes("call stack")) return "it is nested too deeply"
  return message.startsWith("Source contains multiple documents")
    ? "the file holds several documents; a config is one, so remove the lines `---` and what is not wanted"
    : message
}

/** The first problem of a document that parses as YAML and cannot be a config. */
const problemIn = (document: Document): PlacedProblem | undefined => {
  const anchors = new Set<string>()
  let aliases = 0
  let found: PlacedProblem | undefined
  const stop = (problem: string, node: unknown): symbol => {
    found = { problem, offset: isNode(node) ? node.range?.[0] : undefined }
    return visit.BREAK
  }
  visit(document, {
    Node: (_, node, above) => {
      if (above.filter(isCollection).length > mostDepth) return stop("it is nested too deeply", node)
      if (isAlias(node)) {
        if (++aliases > mostAliases) return stop(`it has more than ${mostAliases} aliases; write the values out`, node)
        const problem = aliasProblem(node.source, above, anchors)
        return problem === undefined ? undefined : stop(problem, node)
      }
      if (node.anchor !== undefined) anchors.add(node.anchor)
      const twice = isMap(node) ? repeatedKey(node) : undefined
      if (twice === undefined) return undefined
      return stop(
        `this is no valid YAML: keys must be unique, and ${printableExcerpt(String(twice))} is there twice`,
        twice
      )
    }
  })
  return found
}

/** What is wrong with an alias; an alias without an anchor is what YAML makes of a pattern that begins with `*`. */
const aliasProblem = (
  name: string,
  above: ReadonlyArray<unknown>,
  anchors: ReadonlySet<string>
): string | undefined => {
  const within = above.some((holder) => isCollection(holder) && holder.anchor === name)
  if (within) return `the alias *${printableExcerpt(name)} stands within what it stands for`
  if (anchors.has(name)) return undefined
  const keys = above.flatMap((holder) => (isPair(holder) && isScalar(holder.key) ? [String(holder.key.value)] : []))
  const where = keys.length === 0 ? "" : `${printableExcerpt(keys.join("."))}: `
  const pattern = printableExcerpt(`*${name}`)
  return `${where}${pattern} is an alias to YAML; put the pattern in quotes, "${pattern}"`
}

/** The second of two equal keys. */
const repeatedKey = ({ items }: YAMLMap): unknown => {
  const keys = new Set<unknown>()
  return items.find(({ key }) => {
    const before = keys.size
    return keys.add(isScalar(key) ? key.value : key).size === before
  })?.key
}
