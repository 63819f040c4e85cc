/**
 * A wish to stop, as a service: Ctrl-C or SIGTERM in the command. Work that can be gone on with later looks whether a stop is asked for, and
 * ends at a good place by itself; all other work is interrupted at once, as any Effect is.
 */
import { Context, Effect } from "effect"

export interface InterruptionService {
  /** Whether a stop is asked for. */
  readonly isRequested: Effect.Effect<boolean>
  /** Runs work that looks for itself whether a stop is asked for, and ends soon then: so long it is not interrupted. */
  readonly heeded: <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Runs a part of such work, a wait for other work, that does not look whether a stop is asked for: it is interrupted at once. */
  readonly unheeded: <A, E, R>(part: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** The wish to stop of the running program. Default: nobody asks for it but by interrupting the fiber. */
export const Interruption = Context.Reference<InterruptionService>("lesion-network-mapping/runtime/Interruption", {
  defaultValue: () => ({ isRequested: Effect.succeed(false), heeded: (work) => work, unheeded: (part) => part })
})

/** An interruption, and how whoever hears the signal asks for the stop. */
export interface RequestableInterruption extends InterruptionService {
  /** Asks for a stop. False where no work heeds it: then it must be interrupted. */
  readonly request: () => boolean
}

export const makeInterruption = (): RequestableInterruption => {
  let requested = false
  let heeding = 0
  const add = (change: 1 | -1) =>
    Effect.sync(() => {
      heeding += change
    })
  return {
    isRequested: Effect.sync(() => requested),
    heeded: (work) =>
      Effect.acquireUseRelease(
        add(1),
        () => work,
        () => add(-1)
      ),
    unheeded: (part) =>
      Effect.acquireUseRelease(
        add(-1),
        () => part,
        () => add(1)
      ),
    request: () => {
      requested = true
      return heeding > 0
    }
  }
}
