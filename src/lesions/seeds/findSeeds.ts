/**
 * Finds the seeds that a config names beside lesion masks, or instead of them, and makes a mask of each: spheres and points of tables, drawn on the
 * connectome's grid, and parcels of an atlas.
 *
 * Between the config and `loadLesions`, which puts these masks onto the connectome as it does those of files. Spheres and points that are given in
 * the other MNI152 template are drawn around the places to which the warp brings their centres; parcels are brought over as masks are.
 */
import { Effect } from "effect"
import { entitiesFrom, lettersAndDigits } from "../../imaging/BidsName.ts"
import type { Grid } from "../../imaging/Grid.ts"
import { originWarnings, placementWarnings } from "../../imaging/nifti/placementWarnings.ts"
import { spaceInName } from "../../imaging/templateSpace.ts"
import { warn, warnAll } from "../../runtime/Warnings.ts"
import type { TemplateWarp, TemplateWarps } from "../../warps/templateWarps.ts"
import { pointBefore } from "../../warps/Warp.ts"
import type { NamedLesion } from "../lesionNames.ts"
import type { LesionTarget } from "../placeLesion.ts"
import type { LesionMask } from "../readLesionMask.ts"
import { type AtlasLocation, readAtlasParcels } from "./atlasSeeds.ts"
import { drawSeed } from "./drawSeed.ts"
import { InvalidSeeds } from "./InvalidSeeds.ts"
import { nameInMessages, type PlaceSeed, type Seed } from "./Seed.ts"
import { readSeedTable, type SeedRow, type TableKind } from "./seedTable.ts"

/** Where seeds come from. */
export interface SeedLocation extends Partial<AtlasLocation> {
  /** Table of names, coordinates and radii. */
  readonly spheres?: string
  /** Table of names and coordinates. */
  readonly points?: string
  /** Template of the coordinates and of the atlas. Default: what the names of the files say, else the connectome's. */
  readonly space?: string
}

/** A seed whose mask is there, and is not yet put onto the connectome. */
export interface FoundSeed extends NamedLesion {
  readonly seed: Seed
  readonly mask: LesionMask
  /** The grid that its maps are written on where each lesion has its own. */
  readonly grid: Grid
  /** What it came over from the other template by; undefined: it lies in the connectome's. */
  readonly by: TemplateWarp | undefined
}

type Target = LesionTarget & { readonly space: string }

/** Files that name seeds, in the order of their seeds. */
export const seedFilesOf = ({ spheres, points, atlas }: SeedLocation): ReadonlyArray<string> =>
  [spheres, points, atlas].flatMap((file) => file ?? [])

/** The warp for a file that lies in the other template; undefined where it lies in the connectome's. Warns where nothing says so. */
const warpFor = Effect.fnUntraced(function* (
  file: string,
  { space }: SeedLocation,
  target: Target,
  warps: TemplateWarps
) {
  const said = spaceInName(file)
  if (space !== undefined && said !== undefined && space !== said) {
    const problem = `its name says space-${said}, and seeds.space is ${space}`
    return yield* new InvalidSeeds({ file, problems: [problem], remedy: "Correct one of them" })
  }
  const is = space ?? said
  if (is === undefined) {
    const taken = `They are taken to lie in the connectome's space, ${target.space}. If they do, set seeds.space to it`
    yield* warn({ file, found: "neither its name nor seeds.space says in which space its seeds lie", taken })
  }
  return is === undefined || is === target.space ? undefined : yield* warps.bring(file, is)
})

/** A seed by its name: entities in it, as `sub-01`, are those of its maps; without `sub-` the whole name is its label. */
const named = (file: string, name: string): NamedLesion => ({
  file,
  location: file,
  name,
  // With an extension, so that a dot in the name does not begin one. Values become parts of paths.
  entities: entitiesFrom(`${name}.nii`).map(({ key, value }) => ({ key, value: lettersAndDigits(value) || "unnamed" }))
})

/** Where the centre of a row lies in the connectome's template. */
const centreOf = Effect.fnUntraced(function* (file: string, { line, centreMm }: SeedRow, by: TemplateWarp | undefined) {
  if (by === undefined) return centreMm
  const centre = pointBefore(by.warp, centreMm)
  if (centre !== undefined) return centre
  const problem = `line ${line}: no place in the connectome's template is found for (${centreMm.join(", ")}) by ${by.file}`
  return yield* new InvalidSeeds({
    file,
    problems: [problem],
    remedy: "Give its coordinates in the connectome's template"
  })
})

const seedsOfTable = Effect.fnUntraced(function* (
  kind: TableKind,
  location: SeedLocation,
  target: Target,
  warps: TemplateWarps
) {
  const file = location[kind]
  if (file === undefined) return []
  const by = yield* warpFor(file, location, target, warps)
  const rows = yield* readSeedTable(file, kind)
  return yield* Effect.forEach(
    rows,
    Effect.fnUntraced(function* (row) {
      const centreMm = yield* centreOf(file, row, by)
      const { radiusMm } = row
      const seed: PlaceSeed =
        radiusMm === undefined ? { kind: "point", centreMm } : { kind: "sphere", centreMm, radiusMm }
      const drawn = drawSeed(nameInMessages(file, row.name), seed, target.grid)
      const mask: LesionMask = by === undefined ? drawn : { ...drawn, isBrought: true }
      const found: FoundSeed = { ...named(file, row.name), seed, mask, grid: target.grid, by }
      return found
    })
  )
})

const seedsOfAtlas = Effect.fnUntraced(function* (location: SeedLocation, target: Target, warps: TemplateWarps) {
  const { atlas } = location
  if (atlas === undefined) return { seeds: [], files: [] }
  const by = yield* warpFor(atlas, location, target, warps)
  const { header, parcels, namesFile } = yield* readAtlasParcels({ ...location, atlas })
  yield* warnAll([...placementWarnings(header), ...originWarnings(header, target.grid.affine)])
  const seeds = parcels.map(({ label, name, elements }): FoundSeed => {
    const mask: LesionMask = {
      mask: { header: { file: nameInMessages(atlas, name), grid: header.grid }, elements },
      values: { distinct: [{ value: label, voxels: elements.length }] },
      empty: undefined,
      warnings: []
    }
    return { ...named(atlas, name), seed: { kind: "parcel", label }, mask, grid: header.grid, by }
  })
  return { seeds, files: namesFile === undefined ? [] : [namesFile] }
})

/**
 * The seeds of a config: spheres, points, parcels, each in the order of its file; and the other files that were read.
 *
 * Errors: `InvalidSeeds`; `SpaceMismatch`, `MissingWarp`, `InvalidWarp`; those of an atlas that cannot be read.
 */
export const findSeeds = Effect.fn("findSeeds")(function* (
  location: SeedLocation,
  target: Target,
  warps: TemplateWarps
) {
  const spheres = yield* seedsOfTable("spheres", location, target, warps)
  const points = yield* seedsOfTable("points", location, target, warps)
  const parcels = yield* seedsOfAtlas(location, target, warps)
  const seeds: ReadonlyArray<FoundSeed> = [...spheres, ...points, ...parcels.seeds]
  return { seeds, files: parcels.files as ReadonlyArray<string> }
})
