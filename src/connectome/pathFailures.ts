/** What the system says of a path that cannot be read, as a failure in plain words. Used by every source of a connectome. */
import { Effect } from "effect"
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

/** Runs a step on a path; what the system throws becomes an `InvalidConnectome` that names it. */
export const onPath = <A>(file: string, step: () => Promise<A>): Effect.Effect<A, InvalidConnectome> =>
  Effect.tryPromise({ try: step, catch: (cause) => notReadable(file, cause) })
