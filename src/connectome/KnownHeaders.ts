/**
 * What the headers of a connectome's files say, kept for others who open the same files: parts of a run on many machines, none of which then
 * opens files whose subjects it does not read. By default nothing is kept.
 *
 * A file is known by its path, size and time of change; one that is another now is read.
 */
import { stat } from "node:fs/promises"
import { deserialize, serialize } from "node:v8"
import { Context, Effect } from "effect"
import { packageVersion } from "../runtime/version.ts"

interface Known {
  readonly bytes: number
  readonly changed: number
  readonly header: unknown
}

export interface HeaderMemory {
  readonly known: Map<string, Known>
}

/** The headers that are known to the running program; undefined: none are kept. */
export const KnownHeaders = Context.Reference<HeaderMemory | undefined>(
  "lesion-network-mapping/connectome/KnownHeaders",
  {
    defaultValue: () => undefined
  }
)

/** Empty, or what `encodeHeaders` gave; what this version did not write is as good as empty. */
export const makeHeaderMemory = (encoded?: Uint8Array): HeaderMemory => {
  if (encoded !== undefined) {
    try {
      const { version, known } = deserialize(encoded) as { readonly version: unknown; readonly known: unknown }
      if (version === packageVersion && known instanceof Map) return { known: known as Map<string, Known> }
    } catch {
      // Damaged, or of another version of V8: the files are opened.
    }
  }
  return { known: new Map() }
}

export const encodeHeaders = ({ known }: HeaderMemory): Uint8Array => serialize({ version: packageVersion, known })

/** The header of a file as it is known, or as `read` gives it, which is then known. */
export const knownHeader = <A, E, R>(file: string, read: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const memory = yield* KnownHeaders
    if (memory === undefined) return yield* read
    // A file that cannot be looked at is an error of `read`.
    const found = yield* Effect.promise(() => stat(file).catch(() => undefined))
    const known = memory.known.get(file)
    if (known !== undefined && known.bytes === found?.size && known.changed === found.mtimeMs) return known.header as A
    const header = yield* read
    if (found !== undefined) memory.known.set(file, { bytes: found.size, changed: found.mtimeMs, header })
    return header
  })
