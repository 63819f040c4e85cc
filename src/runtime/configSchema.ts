/**
 * The config's JSON Schema, for editors and for finding out which keys there are. Objects are closed: a key that is not
 * named is an error.
 */
import { Predicate, Schema } from "effect"
import { Config } from "./Config.ts"

export type JsonSchemaNode = { readonly [key: string]: unknown }

export const configJsonSchema = (): JsonSchemaNode => {
  const { schema } = Schema.toJsonSchemaDocument(Config)
  return { $schema: "https://json-schema.org/draft/2020-12/schema", ...(close(schema) as JsonSchemaNode) }
}

/** Keys that an object at a path of the config may have; undefined where there is no object. */
export const knownKeys = (path: ReadonlyArray<PropertyKey>): ReadonlyArray<string> | undefined => {
  const properties = propertiesOf(nodeAt(path))
  return properties === undefined ? undefined : Object.keys(properties)
}

/** Whether at a path of the config there is an object with keys of the user's own, such as the columns of a table. */
export const hasFreeKeys = (path: ReadonlyArray<PropertyKey>): boolean => {
  const node = nodeAt(path)
  return Predicate.isObject(node) && Predicate.isObject((node as JsonSchemaNode).additionalProperties)
}

const nodeAt = (path: ReadonlyArray<PropertyKey>): unknown => {
  let node: unknown = configJsonSchema()
  for (const key of path) node = propertiesOf(node)?.[String(key)]
  return node
}

const propertiesOf = (node: unknown): Record<string, unknown> | undefined => {
  if (!Predicate.isObject(node)) return undefined
  const { properties } = node as { readonly properties?: unknown }
  return Predicate.isObject(properties) ? (properties as Record<string, unknown>) : undefined
}

const close = (node: unknown): unknown => {
  if (Array.isArray(node)) return node.map(close)
  if (!Predicate.isObject(node)) return node
  const entries = Object.entries(node).map(([key, value]) => [key, key === "default" ? value : close(value)] as const)
  return { ...Object.fromEntries(entries), ...("properties" in node ? { additionalProperties: false } : {}) }
}
