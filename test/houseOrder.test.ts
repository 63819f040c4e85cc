/** The order in which the folders of the house may import each other, so that it stays. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve, sep } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { repository } from "./support/runLnm.ts"

/** Folders from the top of the house down; those of one row may import each other's files, and all rows below. */
const floors: ReadonlyArray<ReadonlyArray<string>> = [
  ["src/cli"],
  ["pipelines"],
  ["src/report", "src/cluster", "src/demo"],
  ["src/stages", "src/engine"],
  ["src/elements", "src/output"],
  ["src/connectome", "src/lesions", "src/parcellations", "src/fetch", "src/warps"],
  ["src/imaging", "src/config", "src/files", "src/runtime"],
  ["src/kernels"]
]

/** The package's root exports from every floor. */
const root = "src/index.ts"

const sources = ["src", "pipelines"]
  .flatMap((folder) => readdirSync(join(repository, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => relative(repository, join(entry.parentPath, entry.name)).split(sep).join("/"))
  .filter((file) => !file.startsWith("src/kernels/assembly/"))

/** A file's imports of the repository's own files, types too, as paths from its root. */
const importsOf = (file: string): ReadonlyArray<string> => {
  const text = readFileSync(join(repository, file), "utf8")
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) => match[1]!)
  return specifiers.map((specifier) =>
    relative(repository, resolve(repository, dirname(file), specifier))
      .split(sep)
      .join("/")
  )
}

const imports = new Map(sources.map((file) => [file, importsOf(file)]))

const floorOf = (file: string): number =>
  floors.findIndex((folders) => folders.some((folder) => file.startsWith(`${folder}/`)))

/** Files on a way from a file back to itself. */
const circleFrom = (start: string): ReadonlyArray<string> | undefined => {
  const seen = new Set<string>()
  const search = (file: string, way: ReadonlyArray<string>): ReadonlyArray<string> | undefined => {
    for (const next of imports.get(file) ?? []) {
      if (next === start) return [...way, start]
      if (seen.has(next)) continue
      seen.add(next)
      const found = search(next, [...way, next])
      if (found !== undefined) return found
    }
    return undefined
  }
  return search(start, [start])
}

describe("the order of the house", () => {
  it("has a floor for every source file", () => {
    const homeless = sources.filter((file) => file !== root && floorOf(file) < 0)
    assert.deepStrictEqual(homeless, [])
  })

  it("sees every import, as a file that is there", () => {
    const all = [...imports.values()].flat()
    assert.isAbove(all.length, sources.length)
    assert.deepStrictEqual(
      all.filter((imported) => !existsSync(join(repository, imported))),
      []
    )
  })

  it("lets no file import from a floor above", () => {
    const upwards = sources
      .filter((file) => file !== root)
      .flatMap((file) =>
        imports
          .get(file)!
          .filter((imported) => imported === root || floorOf(imported) < floorOf(file))
          .map((imported) => `${file} -> ${imported}`)
      )
    assert.deepStrictEqual(upwards, [])
  })

  it("lets no files import each other in a circle", () => {
    const circles = sources.flatMap((file) => circleFrom(file)?.join(" -> ") ?? [])
    assert.deepStrictEqual(circles, [])
  })
})
