/** What the system says of a path that cannot be read, as a failure in plain words. Used by every source of a connectome. */
import { Effect } from "effect"
import { reasonOf } from "../files/reasonOf.ts"
import { wordsFor } from "../files/systemWords.ts"
import { InvalidConnectome } from "./Connectome.ts"

/** The failure of a path, from what the system threw. */
export const notReadable = (file: string, cause: unknown): InvalidConnectome => {
  const { problem, remedy } = wordsFor(cause)?.givenPath ?? {
    problem: `it cannot be read (${(cause as Error).message})`,
    remedy: "Check the path and the disk."
  }
  return new InvalidConnectome({ file, problem, remedy, cause })
}

/** Why a file that was opened can no longer be read: what the system says of it, or that it is damaged. */
export const unreadableBecause = (
  cause: unknown,
  damaged: { readonly problem: string; readonly remedy: string }
): { readonly problem: string; readonly remedy: string } =>
  wordsFor(cause) === undefined
    ? damaged
    : { problem: `it cannot be read: ${reasonOf(cause, "reading")}`, remedy: "Mend that, and run again." }

/** Runs a step on a path; what the system throws becomes an `InvalidConnectome` that names it. */
export const onPath = <A>(file: string, step: () => Promise<A>): Effect.Effect<A, InvalidConnectome> =>
  Effect.tryPromise({ try: step, catch: (cause) => notReadable(file, cause) })
