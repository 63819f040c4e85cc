/**
 * Loads the selected lesions of a run onto the connectome's voxels and makes sure that no two would write the same maps.
 */
import { resolve } from "node:path"
import { Effect } from "effect"
import { warnAll } from "../runtime/Warnings.ts"
import { findLesions } from "./findLesions.ts"
import { type LesionTarget, type LesionWeights, loadLesion } from "./Lesion.ts"
import { type FoundLesion, type NamedLesion, nameLesions, otherSubjectOf } from "./lesionNames.ts"
import { settleOutputNames } from "./outputNames.ts"
import { type LesionSelection, selectLesions } from "./selectLesions.ts"

/** Where lesions lie, and which of them are taken. */
export interface LesionLocation extends LesionSelection {
  readonly path: string | ReadonlyArray<string>
  readonly pattern?: string
  readonly weights?: LesionWeights
}

/** What the maps of the lesions are called, and where they go. */
export interface LesionOutputs {
  /** The `desc-` label of the maps. */
  readonly method: string
  /** Absolute. Nothing in it is a lesion. */
  readonly folder?: string
}

/** Lesion files that are read at once: one is decoded while the next is inflated. */
const concurrency = 2

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

const warnOfFolders = (lesions: ReadonlyArray<NamedLesion>) =>
  warnAll(
    lesions.flatMap(({ file }) => {
      const other = otherSubjectOf(file)
      if (other === undefined) return []
      const found = `its name says sub-${other.named}, its folder sub-${other.folder}`
      return [{ file, found, taken: `It was taken for sub-${other.named}; correct the name if that is wrong` }]
    })
  )

/** Gives the lesions in the order of their locations and files, and the `participants.tsv` that decided among them. */
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
  const loaded = yield* Effect.forEach(selected, ({ file }) => loadLesion(file, target, location.weights), {
    concurrency
  })
  return { lesions: loaded.map((lesion) => ({ ...lesion, ...named.get(lesion.file)! })), tables }
})
