/** Which kind of MATLAB file a file is: version 5 and 7.3 are different formats with one extension. */
import { open } from "node:fs/promises"
import { Effect } from "effect"
import { InvalidConnectome } from "../Connectome.ts"
import { onPath } from "../pathFailures.ts"

/** Where HDF5 looks for its signature first; MATLAB writes 512 bytes of its own before. */
const signaturePlaces = [0, 512]

const signature = Buffer.from("\x89HDF\r\n\x1a\n", "latin1")

const beginningBytes = 1024

const isMat5 = (beginning: Buffer): boolean =>
  beginning.subarray(0, 10).toString("latin1") === "MATLAB 5.0" &&
  ["IM", "MI"].includes(beginning.subarray(126, 128).toString("latin1"))

const beginningOf = async (file: string): Promise<Buffer> => {
  await using handle = await open(file)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(beginningBytes), 0, beginningBytes, 0)
  return buffer.subarray(0, bytesRead)
}

export const matKindOf = Effect.fnUntraced(function* (file: string) {
  const beginning = yield* onPath(file, () => beginningOf(file))
  if (signaturePlaces.some((at) => beginning.subarray(at, at + 8).equals(signature))) return "7.3" as const
  if (isMat5(beginning)) return "5" as const
  return yield* new InvalidConnectome({
    file,
    problem: "it is no MATLAB file of version 5 or 7.3",
    remedy: "Check that it was copied whole; older ones are saved anew by MATLAB with -v7.3."
  })
})

/** Reads something of a file of version 5; what is thrown on the way is damage to the file. */
export const onMat5 = <A>(file: string, step: () => Promise<A>): Effect.Effect<A, InvalidConnectome> =>
  Effect.tryPromise({
    try: step,
    catch: (cause) =>
      new InvalidConnectome({
        file,
        problem: `it cannot be read as a MATLAB file: ${(cause as Error).message}`,
        remedy: "Check that it was copied whole.",
        cause
      })
  })
