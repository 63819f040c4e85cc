/** Which source a path belongs to: the one place that tells them apart, for `run`, `plan`, `prepare-connectome` and `inspect`. */
import { Effect } from "effect"
import type { ConnectomeLocation, RawSource, Source } from "./Source.ts"
import { type SourceRow, sources } from "./sources.ts"

const loaded = ({ load }: SourceRow): Effect.Effect<Source> => Effect.map(Effect.promise(load), ({ source }) => source)

/** All sources, in their order. */
export const allSources: Effect.Effect<ReadonlyArray<Source>> = Effect.suspend(() => Effect.forEach(sources, loaded))

/** The source that a config means by a location. The last in the table is meant by any, and says what is wrong with it. */
export const sourceOf = (location: ConnectomeLocation): Effect.Effect<Source> =>
  Effect.map(allSources, (all) => all.find(({ isNamedBy }) => isNamedBy(location)) ?? all.at(-1)!)

/** The same among the sources that a store can be made from. */
export const rawSourceOf = (location: ConnectomeLocation): Effect.Effect<RawSource> =>
  Effect.map(allSources, (all) => {
    const candidates = all.flatMap(({ raw, isNamedBy }) => (raw === undefined ? [] : [{ raw, isNamedBy }]))
    return (candidates.find(({ isNamedBy }) => isNamedBy(location)) ?? candidates.at(-1)!).raw
  })

/** The source that reads a run, by the name of its reader. */
export const rawSourceNamed = (reader: string): Effect.Effect<RawSource> => {
  const row = sources.find(({ name }) => name === reader)
  if (row === undefined) return Effect.die(new Error(`no source is called ${reader}`))
  return Effect.flatMap(loaded(row), ({ raw }) =>
    raw === undefined ? Effect.die(new Error(`the source ${reader} reads no runs`)) : Effect.succeed(raw)
  )
}
