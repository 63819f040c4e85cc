/**
 * Loads the selected lesions of a run onto the connectome's voxels and makes sure that no two would write the same maps. Lesions
 * that cannot be used are told all at once, or left out.
 */
import { resolve } from "node:path"
import { Effect } from "effect"
import { type Warning, Warnings, warnAll } from "../runtime/Warnings.ts"
import { keepUsable, type OnBadLesion, type TriedLesion } from "./badLesions.ts"
import { findLesions } from "./findLesions.ts"
import { type LesionReading, loadLesion } from "./Lesion.ts"
import { type FoundLesion, type NamedLesion, nameLesions, otherSubjectOf } from "./lesionNames.ts"
import { settleOutputNames } from "./outputNames.ts"
import type { LesionTarget } from "./placeLesion.ts"
import { type LesionSelection, selectLesions } from "./selectLesions.ts"

/** Where lesions lie, which of them are taken, and what in them is lesion. */
export interface LesionLocation extends LesionSelection, LesionReading {
  readonly path: string | ReadonlyArray<string>
  readonly pattern?: string
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
  for (const location of [path].flat()) {
    for (const file of yield* findLesions({ path: location, pattern, output })) {
      if (!found.has(file)) found.set(file, { file, location: resolve(location) })
    }
  }
  return [...found.values()]
})

/**
 * Loads a lesion and collects its warnings, so that the warnings of all lesions can be issued together, by kind and in
 * order.
 */
const tryLesion = Effect.fnUntraced(function* (
  file: string,
  target: LesionTarget,
  reading: LesionReading
): Effect.fn.Return<TriedLesion> {
  const warnings: Array<Warning> = []
  const keep = (some: ReadonlyArray<Warning>) => Effect.sync(() => void warnings.push(...some))
  const result = yield* loadLesion(file, target, reading).pipe(
    Effect.provideService(Warnings, { warn: keep, all: Effect.succeed([]) }),
    Effect.result
  )
  return { file, result, warnings }
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
 * Gives the lesions in the order of their locations and files, those that were left out, and the `participants.tsv` that decided among them.
 */
export const loadLesions = Effect.fn("loadLesions")(function* (
  location: LesionLocation,
  target: LesionTarget & { readonly space: string },
  outputs: LesionOutputs
) {
  const found = nameLesions(yield* findAll(location, outputs.folder))
  const { lesions: selected, tables } = yield* selectLesions(found, location)
  yield* warnOfFolders(selected)
  const namings = yield* settleOutputNames(selected, { ...outputs, space: target.space })
  const named = new Map(selected.map(({ file, name }, n) => [file, { name, naming: namings[n]! }]))
  const tried = yield* Effect.forEach(selected, ({ file }) => tryLesion(file, target, location), { concurrency })
  const { lesions, leftOut } = yield* keepUsable(tried, location.on_bad ?? "error")
  return {
    lesions: lesions.map((lesion) => ({ ...lesion, ...named.get(lesion.file)! })),
    leftOut: leftOut.map((lesion) => ({ ...lesion, name: named.get(lesion.file)!.name })),
    tables
  }
})
