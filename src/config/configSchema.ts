/**
 * The config's JSON Schema, for editors and for finding out which keys there are. Objects are closed: a key that is not
 * named is an error.
 */
import { Predicate, Schema } from "effect"
import { Config } from "../../pipelines/functional-network-mapping/Config.ts"
import { PrepareConfig } from "../../pipelines/prepare-connectome/PrepareConfig.ts"

/** The config of each pipeline, by the value of its key `pipeline`. */
export const configs = {
  "functional-network-mapping": Config,
  "prepare-connectome": PrepareConfig
} as const

export type PipelineName = keyof typeof configs

export const isPipelineName = (name: unknown): name is PipelineName =>
  typeof name === "string" && Object.hasOwn(configs, name)

export type JsonSchemaNode = { readonly [key: string]: unknown }

const dialect = "https://json-schema.org/draft/2020-12/schema"

/** The schema of one pipeline's config. */
export const configJsonSchema = (pipeline: PipelineName = "functional-network-mapping"): JsonSchemaNode => ({
  $schema: dialect,
  ...schemaOf(pipeline)
})

/** The schema of a config of any pipeline: an editor tells them apart by `pipeline`. */
export const anyConfigJsonSchema = (): JsonSchemaNode => ({
  $schema: dialect,
  title: "lnm",
  anyOf: Object.keys(configs)
    .filter(isPipelineName)
    .map((pipeline) => schemaOf(pipeline))
})

const schemaOf = (pipeline: PipelineName): JsonSchemaNode =>
  close(Schema.toJsonSchemaDocument(configs[pipeline]).schema) as JsonSchemaNode

/** Keys that an object at a path of a pipeline's config may have; undefined where there is no object. */
export const knownKeys = (
  path: ReadonlyArray<PropertyKey>,
  pipeline: PipelineName = "functional-network-mapping"
): ReadonlyArray<string> | undefined => {
  const properties = propertiesOf(nodeAt(path, pipeline))
  return properties === undefined ? undefined : Object.keys(properties)
}

/** Whether at a path of a pipeline's config there is an object with keys of the user's own, such as the columns of a table. */
export const hasFreeKeys = (
  path: ReadonlyArray<PropertyKey>,
  pipeline: PipelineName = "functional-network-mapping"
): boolean => {
  const node = nodeAt(path, pipeline)
  return Predicate.isObject(node) && Predicate.isObject((node as JsonSchemaNode).additionalProperties)
}

const nodeAt = (path: ReadonlyArray<PropertyKey>, pipeline: PipelineName): unknown => {
  let node: unknown = configJsonSchema(pipeline)
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
