/** Tables of seeds among the tables of a folder, for a config where there are no lesion masks. */
import { extname } from "node:path"
import { Effect, Option } from "effect"
import { spaceInName } from "../../../src/imaging/templateSpace.ts"
import { readSeedTable, type TableKind } from "../../../src/lesions/seeds/seedTable.ts"

export interface FoundSeeds {
  readonly kind: TableKind
  readonly path: string
  readonly count: number
  /** What its name says; undefined: nothing. */
  readonly space: string | undefined
}

/** Tables that are read at most: a folder may hold thousands. */
const mostTables = 100

/** @returns of spheres and of points the first table each */
export const findSeedTables = Effect.fn("findSeedTables")(function* (tables: ReadonlyArray<string>) {
  const candidates = tables.filter((file) => [".tsv", ".csv"].includes(extname(file).toLowerCase()))
  const read = yield* Effect.forEach(candidates.slice(0, mostTables), (path) =>
    Effect.map(
      Effect.option(readSeedTable(path)),
      Option.map((seeds): FoundSeeds => {
        const kind = seeds[0]!.radiusMm === undefined ? "points" : "spheres"
        return { kind, path, count: seeds.length, space: spaceInName(path) }
      })
    )
  )
  const found = read.flatMap(Option.toArray)
  return (["spheres", "points"] as const).flatMap((kind) => found.find((seeds) => seeds.kind === kind) ?? [])
})
