/** What the system says of a path that cannot be read, as a failure in plain words. Used by every source of a connectome. */
import { Effect } from "effect"
import { InvalidConnectome } from "./Connectome.ts"

/** What the system's codes mean for someone who wants to read. */
const reasons: { readonly [code: string]: readonly [problem: string, remedy: string] } = {
  ENOENT: ["there is no such file or folder", "Correct the path; a link may point to something that is gone."],
  ENOTDIR: ["there is no such file or folder", "Correct the path."],
  EACCES: [
    "it may not be read: permission denied",
    "Ask for the permission to read it, and to enter the folders above it."
  ],
  EPERM: [
    "it may not be read: permission denied",
    "Ask for the permission to read it, and to enter the folders above it."
  ],
  ELOOP: ["its links lead in a circle", "Give the path of the file itself."]
}

/** The failure of a path, from what the system threw. */
export const notReadable = (file: string, cause: unknown): InvalidConnectome => {
  const { code = "", message } = cause as NodeJS.ErrnoException
  const [problem, remedy] = reasons[code] ?? [`it cannot be read (${message})`, "Check the path and the disk."]
  return new InvalidConnectome({ file, problem, remedy, cause })
}

/** Runs a step on a path; what the system throws becomes an `InvalidConnectome` that names it. */
export const onPath = <A>(file: string, step: () => Promise<A>): Effect.Effect<A, InvalidConnectome> =>
  Effect.tryPromise({ try: step, catch: (cause) => notReadable(file, cause) })
