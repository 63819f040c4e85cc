/**
 * Loads the selected lesions of a run onto the connectome's voxels and makes sure that no two would write the same maps.
 */
import { basename, resolve } from "node:path"
import { Effect, Schema } from "effect"
import { outputName } from "../imaging/BidsName.ts"
import { findLesions } from "./findLesions.ts"
import { type LesionTarget, type LesionWeights, loadLesion } from "./Lesion.ts"
import { type FoundLesion, type LesionSelection, selectLesions } from "./selectLesions.ts"

/** Two lesion files would write the same maps. */
export class SameOutputName extends Schema.TaggedError<SameOutputName>()("SameOutputName", {
  first: Schema.String,
  second: Schema.String,
  output: Schema.String
}) {
  override get message(): string {
    return `${this.first} and ${this.second} would both write ${this.output}…. Rename one, or narrow lesions.pattern.`
  }
}

/** Where lesions lie, and which of them are taken. */
export interface LesionLocation extends LesionSelection {
  readonly path: string | ReadonlyArray<string>
  readonly pattern?: string
  readonly weights?: LesionWeights
}

/** Lesion files that are read at once: one is decoded while the next is inflated. */
const concurrency = 2

/** Every lesion file of every location, in their order; a file that two locations hold counts once. */
const findAll = Effect.fnUntraced(function* ({ path, pattern }: LesionLocation) {
  const found = new Map<string, FoundLesion>()
  for (const location of [path].flat()) {
    for (const file of yield* findLesions({ path: location, pattern })) {
      if (!found.has(file)) found.set(file, { file, location: resolve(location) })
    }
  }
  return [...found.values()]
})

/**
 * Gives the lesions in the order of their locations and files, and the `participants.tsv` that decided among them.
 *
 * @param description the `desc-` label of the maps, the method's name
 */
export const loadLesions = Effect.fn("loadLesions")(function* (
  location: LesionLocation,
  target: LesionTarget & { readonly space: string },
  description: string
) {
  const { files, tables } = yield* selectLesions(yield* findAll(location), location)
  const outputs = new Map<string, string>()
  for (const file of files) {
    const name = outputName(basename(file), { space: target.space, description })
    const output = `${name.directory}/${name.stem("r", "statmap")}`
    const earlier = outputs.get(output)
    if (earlier !== undefined) return yield* new SameOutputName({ first: earlier, second: file, output })
    outputs.set(output, file)
  }
  const lesions = yield* Effect.forEach(files, (file) => loadLesion(file, target, location.weights), { concurrency })
  return { lesions, tables }
})
