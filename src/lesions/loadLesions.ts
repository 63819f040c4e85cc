/**
 * Loads the selected lesions of a run, masks and seeds, onto the connectome's voxels and makes sure that no two would write the same maps.
 * Lesions that cannot be used are told all at once, or left out.
 */
import { resolve } from "node:path"
import { Effect, Result } from "effect"
import { type Warning, Warnings, warnAll } from "../runtime/Warnings.ts"
import { makeTemplateWarps } from "../warps/templateWarps.ts"
import { keepUsable, type OnBadLesion, type TriedLesion } from "./badLesions.ts"
import { findLesions } from "./findLesions.ts"
import { type Lesion, type LesionReading, loadLesion, putOnConnectome } from "./Lesion.ts"
import { type FoundLesion, type NamedLesion, nameLesions, otherSubjectOf } from "./lesionNames.ts"
import { settleOutputNames } from "./outputNames.ts"
import type { LesionTarget } from "./placeLesion.ts"
import { type FoundSeed, findSeeds, type SeedLocation, seedFilesOf } from "./seeds/findSeeds.ts"
import { calledOf } from "./seeds/Seed.ts"
import { type LesionSelection, selectLesions } from "./selectLesions.ts"

/** Where lesions lie, which of them are taken, and what in them is lesion. */
export interface LesionLocation extends LesionSelection, LesionReading {
  /** Of masks; undefined: there are only seeds. */
  readonly path?: string | ReadonlyArray<string>
  readonly pattern?: string
  /** Seeds without a mask file. Default: there are none. */
  readonly seeds?: SeedLocation | undefined
  /** Default: `error`. */
  readonly on_bad?: OnBadLesion
}

/** What the maps of the lesions are called, and where they go. */
export interface LesionOutputs {
  /** The `desc-` label of the maps. */
  readonly method: string
  /** Absolute. Nothing in it is a lesion. */
  readonly folder?: string
}

/** Lesion files that are read at once: one is decoded while others are opened or inflated. */
const concurrency = 4

/** Every lesion file of every location, in their order; a file that two locations hold counts once. */
const findAll = Effect.fnUntraced(function* ({ path, pattern }: LesionLocation, output: string | undefined) {
  const found = new Map<string, FoundLesion>()
  for (const location of [path ?? []].flat()) {
    for (const file of yield* findLesions({ path: location, pattern, output })) {
      if (!found.has(file)) found.set(file, { file, location: resolve(location) })
    }
  }
  return [...found.values()]
})

/** Puts a seed onto the connectome. What says which values of a mask file are lesion does not concern it. */
const placeSeed = (found: FoundSeed, target: LesionTarget, { flip = null }: LesionReading) =>
  Effect.map(
    putOnConnectome(found.mask, target, { flip }, found.by),
    (lesion): Lesion => ({ ...lesion, file: found.file, grid: found.grid, seed: found.seed })
  )

/**
 * Loads a lesion and collects its warnings, so that the warnings of all lesions can be issued together, by kind and in
 * order.
 */
const tryLesion = Effect.fnUntraced(function* (
  lesion: NamedLesion | FoundSeed,
  target: LesionTarget,
  reading: LesionReading
): Effect.fn.Return<TriedLesion> {
  const warnings: Array<Warning> = []
  const keep = (some: ReadonlyArray<Warning>) => Effect.sync(() => void warnings.push(...some))
  const loading = "mask" in lesion ? placeSeed(lesion, target, reading) : loadLesion(lesion.file, target, reading)
  const result = yield* loading.pipe(
    Effect.provideService(Warnings, { warn: keep, all: Effect.succeed([]) }),
    Effect.result
  )
  return { file: calledOf(lesion), result, warnings }
})

const warnOfFolders = (lesions: ReadonlyArray<NamedLesion>) =>
  warnAll(
    lesions.flatMap(({ file }) => {
      const other = otherSubjectOf(file)
      if (other === undefined) return []
      const found = `its name says sub-${other.named}, its folder sub-${other.folder}`
      return [{ file, found, taken: `It was taken for sub-${other.named}; correct the name if that is wrong` }]
    })
  )

/**
 * Gives the lesions in the order of their locations and files, then the seeds; those that were left out; and the files, beside
 * masks, that they come from: tables that decided among masks, and what seeds were read from.
 */
export const loadLesions = Effect.fn("loadLesions")(function* (
  location: LesionLocation,
  target: LesionTarget & { readonly space: string },
  outputs: LesionOutputs
) {
  const found = nameLesions(yield* findAll(location, outputs.folder))
  const { lesions: selected, tables } = yield* selectLesions(found, location)
  yield* warnOfFolders(selected)
  const warps = location.warps ?? (yield* makeTemplateWarps(undefined, target.space))
  const seeds = yield* findSeeds(location.seeds ?? {}, target, warps)
  const all = [...selected, ...seeds.seeds]
  const namings = yield* settleOutputNames(all, { ...outputs, space: target.space })
  const tried = yield* Effect.forEach(
    all,
    (one, n) =>
      Effect.map(tryLesion(one, target, location), (lesion) => ({
        ...lesion,
        name: one.name,
        result: Result.map(lesion.result, (placed) => ({ ...placed, name: one.name, naming: namings[n]! }))
      })),
    { concurrency }
  )
  const { lesions, leftOut } = yield* keepUsable(tried, location.on_bad ?? "error")
  const files = [...tables, ...seedFilesOf(location.seeds ?? {}), ...seeds.files]
  return { lesions, leftOut, tables: files as ReadonlyArray<string> }
})
