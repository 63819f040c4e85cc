/**
 * Loads all lesions of a run onto the connectome's voxels and makes sure that no two would write the same maps.
 */
import { basename } from "node:path"
import { Effect, Schema } from "effect"
import { outputName } from "./BidsName.ts"
import { findLesions } from "./findLesions.ts"
import { type LesionTarget, loadLesion } from "./Lesion.ts"

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

export interface LesionLocation {
  readonly path: string
  readonly pattern?: string
}

/** Lesion files that are read at once: one is decoded while the next is inflated. */
const concurrency = 2

/** @param description the `desc-` label of the maps, the method's name */
export const loadLesions = Effect.fn("loadLesions")(function* (
  location: LesionLocation,
  target: LesionTarget & { readonly space: string },
  description: string
) {
  const files = yield* findLesions(location)
  const outputs = new Map<string, string>()
  for (const file of files) {
    const name = outputName(basename(file), { space: target.space, description })
    const output = `${name.directory}/${name.stem("r", "statmap")}`
    const earlier = outputs.get(output)
    if (earlier !== undefined) return yield* new SameOutputName({ first: earlier, second: file, output })
    outputs.set(output, file)
  }
  return yield* Effect.forEach(files, (file) => loadLesion(file, target), { concurrency })
})
