/**
 * The files behind a virtual HDF5 dataset. Where one is not there, the HDF5 library reads the fill value in its place and says
 * nothing: a part of the subjects would be all zeros.
 */
import { stat } from "node:fs/promises"
import path from "node:path"
import { Effect, Result } from "effect"
import { InvalidConnectome } from "../Connectome.ts"
import type { Hdf5Dataset } from "./hdf5Library.ts"
import { openHdf5 } from "./openHdf5.ts"

/** The name by which a virtual dataset refers to its own file. */
const sameFile = "."

/** A name with this stands for many files, and the library opens those that it finds. */
const pattern = "%b"

/** Where the library looks for a source, in its order (H5F_prefix_open_file). */
const candidatesOf = (file: string, source: string): ReadonlyArray<string> => {
  const name = path.isAbsolute(source) ? path.basename(source) : source
  const beside = [path.resolve(path.dirname(file), name), path.resolve(name)]
  return path.isAbsolute(source) ? [source, ...beside] : beside
}

const isThere = (file: string): Effect.Effect<boolean> =>
  Effect.tryPromise(() => stat(file)).pipe(Effect.match({ onFailure: () => false, onSuccess: () => true }))

/** The files that a virtual dataset's values come from, as absolute paths. Fails where one is not there, or lacks the dataset. */
export const findSources = Effect.fn("findSources")(function* (file: string, { sources }: Hdf5Dataset) {
  const found = new Set<string>()
  for (const [source, members] of Map.groupBy(sources, (each) => each.file)) {
    if (source === sameFile || source.includes(pattern)) continue
    const refuse = (problem: string) =>
      new InvalidConnectome({
        file,
        problem: `\`timeseries\` is a virtual dataset, and ${source}, which some of its subjects are in, ${problem}`,
        remedy: "Put that file where it was when the virtual dataset was made, or make it anew."
      })
    const existing = yield* Effect.findFirst(candidatesOf(file, source), isThere)
    if (existing._tag === "None") return yield* refuse("is missing")
    const opened = yield* Effect.result(
      Effect.scoped(
        Effect.map(openHdf5(existing.value), (other) =>
          members.find(({ dataset }) => other.dataset(dataset) === undefined)
        )
      )
    )
    if (Result.isFailure(opened)) return yield* refuse(`cannot be read: ${opened.failure.problem}`)
    if (opened.success !== undefined) return yield* refuse(`has no dataset \`${opened.success.dataset}\``)
    found.add(existing.value)
  }
  return [...found]
})
