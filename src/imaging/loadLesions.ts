/**
 * Loads the selected lesions of a run onto the connectome's voxels and makes sure that no two would write the same maps. Lesions
 * that cannot be used are told all at once, or left out.
 */
import { basename, resolve } from "node:path"
import { Effect, Schema } from "effect"
import { type Warning, Warnings } from "../runtime/Warnings.ts"
import { outputName } from "./BidsName.ts"
import { keepUsable, type OnBadLesion, type TriedLesion } from "./badLesions.ts"
import { findLesions } from "./findLesions.ts"
import { type LesionReading, loadLesion } from "./Lesion.ts"
import type { LesionValues } from "./lesionValues.ts"
import { makeLoadingMemory } from "./loadingMemory.ts"
import type { LesionTarget } from "./placeLesion.ts"
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

/** Where lesions lie, which of them are taken, and what in them is lesion. */
export interface LesionLocation extends LesionSelection, LesionValues {
  readonly path: string | ReadonlyArray<string>
  readonly pattern?: string
  /** Default: `error`. */
  readonly on_bad?: OnBadLesion
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

/** Loads a lesion, and keeps its warnings: told together with those of all lesions, they are told by kind and in order. */
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

/**
 * Gives the lesions in the order of their locations and files, and the `participants.tsv` that decided among them.
 *
 * @param description the `desc-` label of the maps, the method's name
 * @param memoryLimitBytes what the run may use, and with it reading the files. Default: any amount
 */
export const loadLesions = Effect.fn("loadLesions")(function* (
  location: LesionLocation,
  target: LesionTarget & { readonly space: string },
  description: string,
  memoryLimitBytes = Number.POSITIVE_INFINITY
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
  const reading = { ...location, memory: makeLoadingMemory(memoryLimitBytes) }
  const tried = yield* Effect.forEach(files, (file) => tryLesion(file, target, reading), { concurrency })
  const lesions = yield* keepUsable(tried, location.on_bad ?? "error")
  return { lesions, tables }
})
