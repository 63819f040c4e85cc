/** What is made of the configs' Schemas: that it is fresh, and that it reaches every key. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { registry } from "../../pipelines/registry.ts"
import { referenceFile, referenceText, schemaFile, schemaText } from "../../scripts/configReference.ts"
import type { AnyConfigDefinition } from "../../src/config/ConfigDefinition.ts"
import { configJsonSchema, type JsonSchemaNode } from "../../src/config/configSchema.ts"
import { repository } from "../support/runLnm.ts"

const text = (file: string): string => readFileSync(join(repository, file), "utf8")

const stale = "is stale: run npm run docs:config"

/** Every key of a config, also of the objects in lists and of those that are one of several forms: `parcellations[].name`. */
const everyKey = (node: JsonSchemaNode, prefix = ""): ReadonlyArray<string> => [
  ...Object.entries((node.properties ?? {}) as Record<string, JsonSchemaNode>).flatMap(([name, inner]) => [
    `${prefix}${name}`,
    ...everyKey(inner, `${prefix}${name}.`)
  ]),
  ...((node.anyOf ?? []) as ReadonlyArray<JsonSchemaNode>).flatMap((form) => everyKey(form, prefix)),
  ...(node.items === undefined ? [] : everyKey(node.items as JsonSchemaNode, `${prefix.slice(0, -1)}[].`))
]

/** Keys whose value is an object: those of the tables' headings. */
const isGroup = (key: string, definition: AnyConfigDefinition): boolean => {
  const node = (configJsonSchema(definition).properties as Record<string, JsonSchemaNode>)[key]
  return node?.properties !== undefined
}

/** The last cell of a key's row; empty where there is no row. */
const meaningOf = (key: string, tables: string): string => {
  const row = tables.split("\n").find((line) => line.startsWith(`| \`${key}\` | `)) ?? ""
  return row.split(" | ").at(-1)!.replace(/\|$/, "").trim()
}

describe("the JSON Schema of configs", () => {
  it("is what the command prints", () => {
    assert.isTrue(text(schemaFile) === schemaText(registry), `${schemaFile} ${stale}`)
  })

  it("is named in the first line of every config, by a path that leads to it", () => {
    const isConfig = (name: string) => name.endsWith(".yaml") && name !== "catalogue.yaml"
    const configs = readdirSync(join(repository, "configs")).filter(isConfig)
    assert.isAtLeast(configs.length, 4)
    for (const name of configs) {
      const [, named] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text(`configs/${name}`)) ?? []
      assert.strictEqual(join(dirname(`configs/${name}`), named ?? ""), schemaFile, name)
    }
  })

  it("goes into the package with the configs", () => {
    assert.include(JSON.parse(text("package.json")).files, dirname(schemaFile))
    assert.isTrue(existsSync(join(repository, schemaFile)))
  })
})

describe("docs/config.md", () => {
  const page = text(referenceFile)

  it("is fresh", () => {
    assert.isTrue(page === referenceText(page, registry), `${referenceFile} ${stale}`)
  })

  for (const definition of registry) {
    it(`has a row or a heading for every key of ${definition.name}, each with a meaning`, () => {
      const [, section = ""] = page.split(`\n## \`${definition.name}\`\n`)
      const own = section.split("\n## ")[0]!
      const keys = everyKey(configJsonSchema(definition))
      assert.isAtLeast(keys.length, 12)
      for (const key of keys) {
        if (isGroup(key, definition)) assert.include(own, `\n### \`${key}\`\n\n`)
        else assert.isAtLeast(meaningOf(key, own).length, 10, key)
      }
    })
  }

  it("needs its marks", () => {
    assert.throws(() => referenceText("no marks", registry), /needs the lines/)
  })
})

describe("the configs that say that they have every key", () => {
  it.each(["functional-network-mapping", "group-network-mapping"])("have it: configs/%s.yaml", (name) => {
    const config = text(`configs/${name}.yaml`)
    const definition = registry.find((pipeline) => pipeline.name === name)!
    const missing = everyKey(configJsonSchema(definition))
      .map((key) => key.split(".").at(-1)!)
      .filter((key) => !new RegExp(`^[ #-]*\\b${key}:|[{,] ${key}:`, "m").test(config))
    assert.deepStrictEqual(missing, [], "add these, as comments where they have no default")
  })
})
