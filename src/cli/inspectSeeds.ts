/** What `lnm inspect` tells of a table of seeds. */
import path from "node:path"
import { Effect } from "effect"
import type { Facts } from "../connectome/Source.ts"
import { spaceInName } from "../imaging/templateSpace.ts"
import { readSeedTable, type SeedRow } from "../lesions/seeds/seedTable.ts"

/** Names that are told; more are counted. */
const mostNamed = 8

/** Whether a file may be a table of seeds, by its name. */
export const isTableName = (file: string): boolean => /\.(tsv|csv)$/i.test(path.basename(file))

const rangeOf = (values: ReadonlyArray<number>): readonly [number, number] => [
  values.reduce((a, b) => Math.min(a, b)),
  values.reduce((a, b) => Math.max(a, b))
]

const namesOf = (seeds: ReadonlyArray<SeedRow>): ReadonlyArray<string> => {
  const named = seeds.slice(0, mostNamed).map(({ name }) => name)
  return seeds.length > mostNamed ? [...named, `and ${seeds.length - mostNamed} more`] : named
}

/** Errors: `InvalidSeeds`. */
export const inspectSeeds = Effect.fn("inspectSeeds")(function* (file: string) {
  const seeds = yield* readSeedTable(file)
  const radii = seeds.flatMap(({ radiusMm }) => radiusMm ?? [])
  const along = (axis: 0 | 1 | 2) => rangeOf(seeds.map(({ centreMm }) => centreMm[axis]))
  const facts: Facts = {
    kind: `table of seeds: ${radii.length > 0 ? "spheres" : "points"}`,
    path: file,
    seeds: seeds.length,
    names: namesOf(seeds),
    space: spaceInName(file) ?? "not in its name",
    x_mm: along(0),
    y_mm: along(1),
    z_mm: along(2),
    ...(radii.length > 0 ? { radius_mm: rangeOf(radii) } : {})
  }
  return facts
})
