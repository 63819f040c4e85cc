import { assert, describe, it } from "@effect/vitest"
import { Predicate } from "effect"
import { functionalNetworkMappingEntry as mapping } from "../../pipelines/functional-network-mapping/entry.ts"
import { prepareConnectomeEntry } from "../../pipelines/prepare-connectome/entry.ts"
import { registry } from "../../pipelines/registry.ts"
import {
  anyConfigJsonSchema,
  configJsonSchema,
  hasFreeKeys,
  type JsonSchemaNode,
  knownKeys
} from "../../src/config/configSchema.ts"

interface Property {
  readonly path: string
  readonly node: JsonSchemaNode
  readonly required: boolean
}

/** Every property of the schema and of the objects in it. */
const propertiesOf = (node: JsonSchemaNode, prefix = ""): ReadonlyArray<Property> =>
  Object.entries((node.properties ?? {}) as Record<string, JsonSchemaNode>).flatMap(([key, child]) => [
    { path: `${prefix}${key}`, node: child, required: ((node.required ?? []) as ReadonlyArray<string>).includes(key) },
    ...propertiesOf(child, `${prefix}${key}.`)
  ])

const objectsIn = (node: unknown): ReadonlyArray<JsonSchemaNode> => {
  if (Array.isArray(node)) return node.flatMap(objectsIn)
  if (!Predicate.isObject(node)) return []
  const inner = Object.values(node).flatMap(objectsIn)
  return "properties" in node && "type" in node ? [node as JsonSchemaNode, ...inner] : inner
}

describe("configJsonSchema", () => {
  const schema = configJsonSchema(mapping)
  const properties = propertiesOf(schema)

  it("closes every object, so that editors mark an unknown key", () => {
    const objects = objectsIn(schema)
    assert.isAtLeast(objects.length, 6)
    for (const object of objects) assert.strictEqual(object.additionalProperties, false)
  })

  it("describes every key", () => {
    assert.isAtLeast(properties.length, 18)
    for (const { path, node } of properties) {
      assert.isTrue(Predicate.isString(node.description) && node.description.length > 10, `${path} has no description`)
    }
  })

  it("requires the pipeline and two paths with what holds them, and nothing else", () => {
    assert.deepStrictEqual(
      properties
        .filter(({ required }) => required)
        .map(({ path }) => path)
        .sort(),
      ["connectome", "connectome.path", "output", "output.path", "pipeline"]
    )
  })

  it("says the default of each key that has one and is no object", () => {
    const withoutDefault = properties
      .filter(({ node, required }) => !required && node.properties === undefined && !("default" in node))
      .map(({ path }) => path)
    // Optional without a default: where the source, or the kind of folder, decides.
    assert.deepStrictEqual(withoutDefault.sort(), [
      "connectome.mask",
      "connectome.pattern",
      "connectome.space",
      "connectome.subjects",
      "lesions.label",
      "lesions.participant",
      "lesions.path",
      "lesions.pattern",
      "lesions.session",
      "lesions.where",
      "seeds.atlas",
      "seeds.labels",
      "seeds.names",
      "seeds.points",
      "seeds.space",
      "seeds.spheres",
      "templates"
    ])
  })
})

describe("configJsonSchema of prepare-connectome", () => {
  const properties = propertiesOf(configJsonSchema(prepareConnectomeEntry))

  it("describes every key, and requires the source, the output and their paths", () => {
    for (const { path, node } of properties) {
      assert.isTrue(Predicate.isString(node.description) && node.description.length > 10, `${path} has no description`)
    }
    const required = properties.filter(({ required }) => required).map(({ path }) => path)
    assert.deepStrictEqual(required.sort(), ["output", "output.path", "pipeline", "source", "source.path"])
  })
})

describe("anyConfigJsonSchema", () => {
  it("has a closed schema for each pipeline, told apart by the key `pipeline`", () => {
    const { anyOf } = anyConfigJsonSchema(registry) as { readonly anyOf: ReadonlyArray<JsonSchemaNode> }
    const names = anyOf.map((schema) => JSON.stringify((schema.properties as Record<string, JsonSchemaNode>).pipeline))
    for (const [position, name] of ["functional-network-mapping", "prepare-connectome"].entries()) {
      assert.include(names[position], `"enum":["${name}"]`)
    }
    for (const object of objectsIn(anyOf)) assert.strictEqual(object.additionalProperties, false)
  })
})

describe("knownKeys", () => {
  it("lists the keys of the pipeline that is asked for", () => {
    assert.include([...knownKeys(["source"], prepareConnectomeEntry)!], "pattern")
    assert.isUndefined(knownKeys(["lesions"], prepareConnectomeEntry))
  })

  it("lists the keys of an object of the config, and of nothing else", () => {
    assert.includeMembers([...knownKeys([], mapping)!], ["pipeline", "connectome", "lesions", "output"])
    assert.includeMembers([...knownKeys(["lesions"], mapping)!], ["path", "pattern", "batch_size"])
    assert.isUndefined(knownKeys(["method"], mapping))
    assert.isUndefined(knownKeys(["lesions", "path"], mapping))
    assert.isUndefined(knownKeys(["nothing", "here"], mapping))
  })
})

describe("hasFreeKeys", () => {
  it("tells an object whose keys are the user's own from those with fixed keys and from values", () => {
    assert.isTrue(hasFreeKeys(["lesions", "where"], mapping))
    for (const path of [[], ["lesions"], ["lesions", "path"], ["nothing"]]) assert.isFalse(hasFreeKeys(path, mapping))
  })
})
