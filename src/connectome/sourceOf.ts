/** Which source a path belongs to: the one place that tells them apart, for `run`, `plan`, `prepare-connectome` and `inspect`. */
import { Effect } from "effect"
import type { InvalidConnectome } from "./Connectome.ts"
import type { ConnectomeLocation, RawSource, Source } from "./Source.ts"
import { type SourceRow, sources } from "./sources.ts"

const loaded = ({ load }: SourceRow): Effect.Effect<Source> => Effect.map(Effect.promise(load), ({ source }) => source)

/** All sources, in their order. */
export const allSources: Effect.Effect<ReadonlyArray<Source>> = Effect.suspend(() => Effect.forEach(sources, loaded))

/** The source that a config means by a location. The last in the table is meant by any, and says what is wrong with it. */
export const sourceOf = (location: ConnectomeLocation): Effect.Effect<Source, InvalidConnectome> =>
  Effect.flatMap(allSources, (all) => namedBy(location, all))

/** Errors: `InvalidConnectome` where the system does not let it be seen what lies there. */
const namedBy = Effect.fnUntraced(function* <S extends Pick<Source, "isNamedBy">>(
  location: ConnectomeLocation,
  candidates: ReadonlyArray<S>
) {
  for (const source of candidates) if (yield* source.isNamedBy(location)) return source
  return candidates.at(-1)!
})

/** The same among the sources that a store can be made from. */
export const rawSourceOf = (location: ConnectomeLocation): Effect.Effect<RawSource, InvalidConnectome> =>
  Effect.flatMap(allSources, (all) => {
    const candidates = all.flatMap(({ raw, isNamedBy }) => (raw === undefined ? [] : [{ raw, isNamedBy }]))
    return Effect.map(namedBy(location, candidates), ({ raw }) => raw)
  })

/** The source that reads a run, by the name of its reader. */
export const rawSourceNamed = (reader: string): Effect.Effect<RawSource> => {
  const row = sources.find(({ name }) => name === reader)
  if (row === undefined) return Effect.die(new Error(`no source is called ${reader}`))
  return Effect.flatMap(loaded(row), ({ raw }) =>
    raw === undefined ? Effect.die(new Error(`the source ${reader} reads no runs`)) : Effect.succeed(raw)
  )
}
