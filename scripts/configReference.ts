/**
 * What is made of the configs' Schemas for people: the JSON Schema that editors read, and the tables of `docs/config.md`. Both are
 * plain functions to text; `writeConfigReference.ts` writes them, and a test says where they are stale.
 */
import { Predicate } from "effect"
import type { AnyConfigDefinition } from "../src/config/ConfigDefinition.ts"
import { anyConfigJsonSchema, configJsonSchema, type JsonSchemaNode } from "../src/config/configSchema.ts"

/** Where the JSON Schema lies in the repository and in the package: beside the configs that name it. */
export const schemaFile = "configs/lnm.schema.json"

export const referenceFile = "docs/config.md"

export const schemaText = (definitions: ReadonlyArray<AnyConfigDefinition>): string =>
  `${JSON.stringify(anyConfigJsonSchema(definitions), null, 2)}\n`

const begin = "<!-- keys: made by npm run docs:config -->"
const end = "<!-- end of keys -->"

/** The page with its tables made anew; what is written around them stays. */
export const referenceText = (page: string, definitions: ReadonlyArray<AnyConfigDefinition>): string => {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${referenceFile} needs the lines ${begin} and ${end}, in this order`)
  const tables = definitions.map(sectionOf).join("\n\n")
  return `${page.slice(0, from)}${begin}\n\n${tables}\n\n${page.slice(to)}`
}

interface Key {
  readonly name: string
  readonly node: JsonSchemaNode
  readonly required: boolean
}

const sectionOf = (definition: AnyConfigDefinition): string => {
  const keys = keysOf(configJsonSchema(definition))
  const groups = keys.filter(({ node }) => isGroup(node))
  const single = keys.filter(({ node }) => !isGroup(node))
  return [
    `## \`${definition.name}\``,
    tableOf(single.flatMap(withInnerKeys)),
    ...groups.flatMap((group) => [
      `### \`${group.name}\``,
      descriptionOf(group.node),
      tableOf(keysOf(group.node).flatMap((key) => withInnerKeys({ ...key, name: `${group.name}.${key.name}` })))
    ])
  ].join("\n\n")
}

/** An object with keys that are named, and nothing else. */
const isGroup = ({ properties }: JsonSchemaNode): boolean => Predicate.isObject(properties)

const keysOf = ({ properties, required = [] }: JsonSchemaNode): ReadonlyArray<Key> =>
  Object.entries(properties as Record<string, JsonSchemaNode>).map(([name, node]) => ({
    name,
    node,
    required: (required as ReadonlyArray<string>).includes(name)
  }))

/** A key, and those of the objects that its value may be or hold. */
const withInnerKeys = (key: Key): ReadonlyArray<Key> => {
  const { name, node } = key
  if (isGroup(node)) return [key, ...keysOf(node).flatMap((inner) => withInnerKeys(below(name, inner)))]
  const item = node.items as JsonSchemaNode | undefined
  const inner = [...formsOf(node).map((form) => [name, form] as const), ...(item ? [[`${name}[]`, item] as const] : [])]
  return [
    key,
    ...inner
      .filter(([, form]) => isGroup(form))
      .flatMap(([holder, form]) => keysOf(form).flatMap((each) => withInnerKeys(below(holder, each))))
  ]
}

const below = (holder: string, key: Key): Key => ({ ...key, name: `${holder}.${key.name}` })

const formsOf = ({ anyOf = [] }: JsonSchemaNode): ReadonlyArray<JsonSchemaNode> =>
  anyOf as ReadonlyArray<JsonSchemaNode>

const tableOf = (keys: ReadonlyArray<Key>): string =>
  [
    "| Key | Value | Default | Meaning |",
    "|---|---|---|---|",
    ...keys.map(
      ({ name, node, required }) =>
        `| \`${name}\` | ${inCell(valueOf(node))} | ${defaultOf(node, required)} | ${inCell(descriptionOf(node))} |`
    )
  ].join("\n")

const inCell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ")

/** Patterns and code in a description are marked as such: `**` would be read as bold. */
const descriptionOf = ({ description }: JsonSchemaNode): string =>
  String(description ?? "").replace(/(?<![\w`])\*\*?\/\S*[^\s.,]/g, "`$&`")

const defaultOf = (node: JsonSchemaNode, required: boolean): string => {
  if ("default" in node) return `\`${JSON.stringify(node.default).replaceAll('"', "").replaceAll(",", ", ")}\``
  return required ? "**needed**" : ""
}

/** What may be written for a value. */
const valueOf = (node: JsonSchemaNode): string => {
  const forms = formsOf(node)
  if (forms.length > 0) return [...new Set(forms.map(valueOf))].join(" or ")
  if (Array.isArray(node.enum)) return node.enum.map((value) => `\`${value}\``).join(" or ")
  if (node.type === "array") return `a list of: ${valueOf(node.items as JsonSchemaNode)}`
  if (node.type === "object")
    return isGroup(node) ? `\`{ ${Object.keys(node.properties as object).join(", ")} }\`` : "keys of yours"
  if (node.type === "boolean") return "`true` or `false`"
  if (node.type === "number" || node.type === "integer") return numberOf(node)
  return node.type === "null" ? "`null`" : "text"
}

const numberOf = ({ type, minimum, maximum, exclusiveMinimum }: JsonSchemaNode): string => {
  const kind = type === "integer" ? "a whole number" : "a number"
  const least = exclusiveMinimum === undefined ? minimum : exclusiveMinimum
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  const from = least === undefined ? "" : exclusiveMinimum === undefined ? ` from ${least}` : ` above ${least}`
  return `${kind}${from}${most === undefined ? "" : ` up to ${most}`}`
}
