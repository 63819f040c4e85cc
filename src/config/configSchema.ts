/**
 * The config's JSON Schema, for editors and for finding out which keys there are. Objects are closed: a key that is not
 * named is an error.
 */
import { Predicate, Schema } from "effect"
import type { AnyConfigDefinition } from "./ConfigDefinition.ts"

export type JsonSchemaNode = { readonly [key: string]: unknown }

const dialect = "https://json-schema.org/draft/2020-12/schema"

/** The schema of one pipeline's config. */
export const configJsonSchema = (definition: AnyConfigDefinition): JsonSchemaNode => ({
  $schema: dialect,
  ...schemaOf(definition)
})

/** The schema of a config of any of the pipelines: an editor tells them apart by `pipeline`. */
export const anyConfigJsonSchema = (definitions: ReadonlyArray<AnyConfigDefinition>): JsonSchemaNode => ({
  $schema: dialect,
  title: "lnm",
  anyOf: definitions.map(schemaOf)
})

/** The schema of any other value that is plain JSON. */
export const closedJsonSchema = (schema: Schema.Constraint, title: string): JsonSchemaNode => ({
  $schema: dialect,
  title,
  ...(close(Schema.toJsonSchemaDocument(schema).schema) as JsonSchemaNode)
})

const schemaOf = ({ schema }: AnyConfigDefinition): JsonSchemaNode =>
  close(Schema.toJsonSchemaDocument(schema).schema) as JsonSchemaNode

/** Keys that an object at a path of a pipeline's config may have; undefined where there is no object. */
export const knownKeys = (
  path: ReadonlyArray<PropertyKey>,
  definition: AnyConfigDefinition
): ReadonlyArray<string> | undefined => {
  const properties = propertiesOf(nodeAt(path, definition))
  return properties === undefined ? undefined : Object.keys(properties)
}

/** Whether at a path of a pipeline's config there is an object with keys of the user's own, such as the columns of a table. */
export const hasFreeKeys = (path: ReadonlyArray<PropertyKey>, definition: AnyConfigDefinition): boolean => {
  const node = nodeAt(path, definition)
  return Predicate.isObject(node) && Predicate.isObject((node as JsonSchemaNode).additionalProperties)
}

const nodeAt = (path: ReadonlyArray<PropertyKey>, definition: AnyConfigDefinition): unknown => {
  let node: unknown = configJsonSchema(definition)
  for (const key of path) node = propertiesOf(node)?.[String(key)]
  return node
}

const propertiesOf = (node: unknown): Record<string, unknown> | undefined => {
  if (!Predicate.isObject(node)) return undefined
  const { properties } = node as { readonly properties?: unknown }
  if (Predicate.isObject(properties)) return properties as Record<string, unknown>
  return formsOf(node).map(propertiesOf).find(Predicate.isNotUndefined)
}

/** The forms that a value may have, where there are several: such as true, or keys that say more. */
const formsOf = (node: unknown): ReadonlyArray<unknown> => {
  const { anyOf } = node as { readonly anyOf?: unknown }
  return Array.isArray(anyOf) ? anyOf : []
}

/** Whether what is at a path of a pipeline's config may be written in several forms, of which one has keys. */
export const hasSeveralForms = (path: ReadonlyArray<PropertyKey>, definition: AnyConfigDefinition): boolean =>
  formsOf(nodeAt(path, definition)).some((form) => propertiesOf(form) !== undefined)

const close = (node: unknown): unknown => {
  if (Array.isArray(node)) return node.map(close)
  if (!Predicate.isObject(node)) return node
  const entries = Object.entries(node).map(([key, value]) => [key, key === "default" ? value : close(value)] as const)
  return { ...Object.fromEntries(entries), ...("properties" in node ? { additionalProperties: false } : {}) }
}
