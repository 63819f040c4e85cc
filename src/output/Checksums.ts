/**
 * Hashes of a run's inputs for its manifest, as a service. Lesions, atlases, tables and the config are small and always hashed whole.
 * A connectome is hashed by samples, or by the checksums that a store has, so that hashing costs next to nothing beside computing; or
 * whole where that is asked for, which may take longer than computing. Nothing is remembered from run to run.
 */
import { Context, Effect, Layer } from "effect"
import type { Connectome } from "../connectome/Connectome.ts"
import { hashSampled, hashWhole } from "./hashInput.ts"
import { hashStore, hashWholeStore } from "./hashStore.ts"
import type { InputRecord } from "./InputRecord.ts"
import type { InputUnreadable } from "./Manifest.ts"

/** How much of a connectome is hashed. */
export const inputChecks = ["samples", "full"] as const

export type InputCheck = (typeof inputChecks)[number]

type Records = Effect.Effect<ReadonlyArray<InputRecord>, InputUnreadable>

/** Hashes of inputs. Errors: `InputUnreadable` where a file cannot be read. */
export class Checksums extends Context.Service<
  Checksums,
  {
    /** A record of each file, hashed whole, in order. */
    readonly of: (files: ReadonlyArray<string>) => Records
    /** A record of each file of a connectome, in order; then of a store one of all its chunk files. */
    readonly ofConnectome: (connectome: Connectome) => Records
  }
>()("lesion-network-mapping/runtime/Checksums") {
  /** @param check how much of a connectome is hashed */
  static readonly layer = (check: InputCheck = "samples"): Layer.Layer<Checksums> =>
    Layer.succeed(Checksums, Checksums.of({ of, ofConnectome: check === "full" ? wholeConnectome : sampledConnectome }))
}

/** Files whose samples are read side by side: enough to hide the latency of a network disk. */
const sampledAtOnce = 4

const of = (files: ReadonlyArray<string>): Records => Effect.forEach(files, hashWhole)

const sampledConnectome = (connectome: Connectome): Records => {
  const { files, stored } = connectome
  return stored === undefined
    ? Effect.forEach(files, hashSampled, { concurrency: sampledAtOnce })
    : Effect.zipWith(of(files), hashStore({ ...connectome, stored }), (records, store) => [...records, store])
}

const wholeConnectome = (connectome: Connectome): Records => {
  const { files, stored } = connectome
  return stored === undefined
    ? of(files)
    : Effect.zipWith(of(files), hashWholeStore({ ...connectome, stored }), (records, store) => [...records, store])
}
