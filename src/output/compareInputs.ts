/**
 * Holds the inputs of a run, as they are now, against what its manifest says of them: each by the method by which it was hashed, and where
 * that is asked for each is read whole. Of samples a whole file cannot be judged; what was compared is counted by method.
 */
import { Effect } from "effect"
import { findDamagedChunks } from "../connectome/store/StoreConnectome.ts"
import { readStoreContent } from "../connectome/store/storeContent.ts"
import { printableExcerpt } from "../runtime/printable.ts"
import { hashAgain } from "./hashAgain.ts"
import { hashWhole } from "./hashInput.ts"
import { hashOf, type InputRecord } from "./InputRecord.ts"
import { InputUnreadable } from "./Manifest.ts"

export interface ComparedInputs {
  /** A clause for each input that is not as it was, after its path. */
  readonly problems: ReadonlyArray<string>
  /** Inputs that are as they were, as far as their method tells. */
  readonly same: Readonly<Record<InputRecord["method"], number>>
}

/** @param whole whether all of each is read, also where samples or the checksums of a store were recorded */
export const compareInputs = Effect.fn("compareInputs")(function* (
  inputs: ReadonlyArray<InputRecord>,
  { whole }: { readonly whole: boolean }
) {
  const problems: Array<string> = []
  const same = { sha256: 0, "sha256-sampled": 0, store: 0 }
  for (const input of inputs) {
    const problem = yield* problemOf(input, whole)
    if (problem === undefined) same[input.method]++
    else problems.push(`${printableExcerpt(input.path)}: ${problem}`)
  }
  const compared: ComparedInputs = { problems, same }
  return compared
})

const problemOf = (input: InputRecord, whole: boolean): Effect.Effect<string | undefined> =>
  Effect.gen(function* () {
    const now = yield* hashAgain(input)
    if (now.bytes !== input.bytes) return `${now.bytes} bytes instead of ${input.bytes}`
    // A file that is as large as it was is hashed as it was: by samples above one size, else whole.
    if (now.method !== input.method || hashOf(now) !== hashOf(input)) return "its content has changed"
    return whole ? yield* problemOfRest(input) : undefined
  }).pipe(Effect.catchTag("InputUnreadable", ({ message }) => Effect.succeed(afterPath(input.path, message))))

/** What is wrong about the part that the method did not read. */
const problemOfRest = Effect.fnUntraced(function* (input: InputRecord) {
  if (input.method === "sha256") return undefined
  if (input.method === "sha256-sampled") {
    yield* hashWhole(input.path)
    return undefined
  }
  const chunks = yield* readStoreContent(input.path).pipe(
    Effect.flatMap((content) => findDamagedChunks(content, input.subjects)),
    Effect.mapError((cause) => new InputUnreadable({ file: input.path, cause }))
  )
  const [first] = chunks
  return first === undefined ? undefined : `${chunks.length} chunk file(s) are damaged, the first is ${first.file}`
})

const afterPath = (path: string, message: string): string =>
  message.startsWith(`${path} `) ? message.slice(path.length + 1) : message
