/**
 * `lnm inspect`: what a connectome, a lesion or another NIfTI file, a table of seeds, saved sums, or an output folder holds. Reads no time series; with
 * `--check` all of a store, or of sums.
 */
import { stat } from "node:fs/promises"
import path from "node:path"
import { Console, Effect, Schema } from "effect"
import type { Facts } from "../connectome/Source.ts"
import { allSources, sourceOf } from "../connectome/sourceOf.ts"
import { readingReason } from "../files/readingReason.ts"
import { isThere } from "../files/unlessMissing.ts"
import { manifestName, readManifest } from "../output/Manifest.ts"
import { isArrayFile } from "../output/readArrayFile.ts"
import { formatBytes } from "../runtime/Plan.ts"
import { checking, running } from "./CommandFailed.ts"
import { inspectSeeds, isTableName } from "./inspectSeeds.ts"
import { inspectSums } from "./inspectSums.ts"

/** There is nothing at the path that could be inspected. */
export class NothingToInspect extends Schema.TaggedError<NothingToInspect>()("NothingToInspect", {
  path: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.path}: ${this.problem}. Give an HDF5 or NIfTI file, a folder of them, a connectome store, a Lead-DBS connectome, a table of seeds, saved sums, or an output folder.`
  }
}

/** `--check` was given for something that has no checksums. */
export class NothingToCheck extends Schema.TaggedError<NothingToCheck>()("NothingToCheck", { path: Schema.String }) {
  override get message(): string {
    return (
      `--check: ${this.path} is not a connectome store or saved sums, and only these have checksums to hold it against. ` +
      "An output folder is checked with `lnm verify`."
    )
  }
}

export const inspect = (options: { readonly path: string; readonly json: boolean; readonly check: boolean }) =>
  Effect.gen(function* () {
    const facts: Facts = (yield* isArrayFile(options.path))
      ? yield* inspectSums(options.path, options.check)
      : options.check
        ? yield* checkedFacts(options.path)
        : yield* checking(factsOf(options.path))
    yield* Console.log(options.json ? JSON.stringify(facts, null, 2) : formatFacts(facts))
  }).pipe(Effect.scoped)

/** Whether something is there; fails where the system does not let it be seen. */
const lookAt = (location: string): Effect.Effect<boolean, NothingToInspect> =>
  Effect.tryPromise({
    try: () => isThere(stat(location)),
    catch: (cause) => new NothingToInspect({ path: location, problem: `it ${readingReason(cause)}` })
  })

const noSuchPath = (location: string) =>
  new NothingToInspect({ path: location, problem: "there is no such file or folder" })

/** The facts of what has checksums, once all of it has been held against them. */
const checkedFacts = Effect.fnUntraced(function* (location: string) {
  const { inspect, check } = yield* checking(sourceOf({ path: location }))
  if (check === undefined) return yield* checking(Effect.fail(new NothingToCheck({ path: location })))
  const facts = yield* checking(inspect(location))
  return { ...facts, ...(yield* running(check(location))) }
})

const factsOf = Effect.fnUntraced(function* (location: string) {
  if (isTableName(location) && (yield* lookAt(location))) return yield* inspectSeeds(location)
  const named = yield* sourceOf({ path: location })
  if (named.check !== undefined) return (yield* named.inspect(location)) ?? (yield* noSuchPath(location))
  if (!(yield* lookAt(location))) return yield* noSuchPath(location)
  if (yield* lookAt(path.join(location, manifestName))) return yield* outputFacts(location)
  for (const { inspect } of yield* allSources) {
    const facts = yield* Effect.catchTag(inspect(location), "FolderUnreadable", (error) =>
      Effect.fail(new NothingToInspect({ path: error.path, problem: error.problem }))
    )
    if (facts !== undefined) return facts
  }
  return yield* new NothingToInspect({ path: location, problem: "the folder holds no HDF5 or NIfTI file" })
})

const outputFacts = Effect.fnUntraced(function* (folder: string) {
  const manifest = yield* readManifest(folder)
  return {
    kind: "output folder",
    path: folder,
    software: `${manifest.software.name} ${manifest.software.version}`,
    subjects: manifest.plan.subjects,
    ...(manifest.chosen_subjects === undefined ? {} : { subjects_of_connectome: manifest.chosen_subjects.from }),
    lesions: manifest.plan.lesions,
    passes: manifest.plan.passes,
    files: manifest.outputs.length,
    wall_seconds: manifest.wall_seconds,
    peak_memory: formatBytes(manifest.peak_memory_bytes)
  }
})

const formatFacts = (facts: Facts): string => {
  const width = Math.max(...Object.keys(facts).map((key) => key.length)) + 2
  return Object.entries(facts)
    .map(([key, value]) => `${key.padEnd(width)}${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join("\n")
}
