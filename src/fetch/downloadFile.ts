/**
 * Downloads one file whole, whatever happens on the way: it goes on after the last byte that came, by one range; begins anew where the
 * server's file has changed meanwhile or the server knows no ranges; and is held against the listed size and MD5 at its end.
 */
import { Effect, type Scope } from "effect"
import { reasonOf } from "../files/reasonOf.ts"
import { wordsFor } from "../files/systemWords.ts"
import { checkAsListed } from "./asListed.ts"
import { FetchNotWritten, failureOf, ServerRefused, shownAddress, TryAgain, UnexpectedAnswer } from "./FetchFailure.ts"
import { type Digests, PartFile, partName } from "./PartFile.ts"
import type { RemoteFile } from "./RemoteFile.ts"
import { passingFailure, type Retries, retrying } from "./retrying.ts"
import { saidIn } from "./saidIn.ts"
import { type HttpAnswer, type HttpRequest, sendRequest, textOf } from "./sendRequest.ts"

export interface DownloadOptions {
  /** Whether a file is taken whose size or MD5 is not as listed. */
  readonly acceptMismatch: boolean
  /** Called with how many bytes have come, those of earlier attempts first. */
  readonly onBytes?: (bytes: number) => void
  readonly retries?: Retries
  readonly stallMillis?: number
}

/** How often a file may change while it is downloaded. */
const mostRestarts = 3

/**
 * Downloads a file to a path.
 *
 * Errors: `ChecksumMismatch`, the file being kept; `ServerRefused`, `ServerSilent`, `UnexpectedAnswer`, `FetchNotWritten`.
 */
export const downloadFile = Effect.fn("downloadFile")(function* (
  file: RemoteFile,
  target: string,
  options: DownloadOptions
): Effect.fn.Return<Digests, Error, Scope.Scope> {
  const part = yield* Effect.acquireRelease(
    onDisk(target, (signal) => PartFile.open(target, file.key, file.md5, signal)),
    (opened) => Effect.ignore(Effect.tryPromise(() => opened.close()))
  )
  options.onBytes?.(part.bytes)
  yield* fill(part, file, options)
  const found = part.digests()
  yield* checkAsListed(file, partName(target), found, options.acceptMismatch)
  yield* onDisk(target, () => part.finish())
  return found
}, Effect.scoped)

const onDisk = <A>(file: string, step: (signal: AbortSignal) => Promise<A>) =>
  Effect.tryPromise({
    try: step,
    catch: (cause) => new FetchNotWritten({ file, problem: reasonOf(cause) })
  })

/** Asks for what is missing until the part is whole. */
const fill = Effect.fnUntraced(function* (part: PartFile, file: RemoteFile, options: DownloadOptions) {
  let seen = part.bytes
  let restarts = 0
  const hasProgressed = () => {
    const has = part.bytes > seen
    seen = Math.max(seen, part.bytes)
    return has
  }
  const attempt: Effect.Effect<void, Error> = Effect.gen(function* () {
    if (isWhole(part, file)) return
    const request = yield* file.request
    const outcome = yield* Effect.tryPromise({
      try: (signal) => receive(part, request, file, options, signal),
      catch: (cause) => failureIn(part, cause)
    })
    if (outcome.kind === "whole") return
    if (outcome.kind === "changed") {
      seen = 0
      if (++restarts > mostRestarts) {
        const problem = "the file on the server changes again and again while it is downloaded"
        return yield* new UnexpectedAnswer({ address: shownAddress(request.url), problem })
      }
      return yield* attempt
    }
    const { status, said } = outcome
    const remedy = yield* file.whenRefused(status, said)
    return yield* new ServerRefused({ address: shownAddress(request.url), status, said, remedy })
  })
  const address = `${shownAddress(new URL(file.key))} (${file.name})`
  yield* retrying(attempt, address, options.retries, hasProgressed)
})

const isWhole = (part: PartFile, file: RemoteFile): boolean => {
  const total = part.state.total ?? file.bytes
  return total !== undefined && part.bytes > 0 && part.bytes === total
}

/** A failure of the disk is no failure of the server. */
const failureIn = (part: PartFile, cause: unknown): TryAgain | Error =>
  wordsFor(cause) !== undefined && !(cause instanceof TryAgain)
    ? new FetchNotWritten({ file: partName(part.file), problem: reasonOf(cause) })
    : failureOf(cause)

type Outcome =
  | { readonly kind: "whole" }
  /** What was there is of another version, and has been thrown away. */
  | { readonly kind: "changed" }
  | { readonly kind: "refused"; readonly status: number; readonly said: string }

/** One request for what is missing, to its end. Rejects with `TryAgain` where it ends too early. */
const receive = async (
  part: PartFile,
  request: HttpRequest,
  file: RemoteFile,
  { onBytes, stallMillis }: DownloadOptions,
  signal: AbortSignal
): Promise<Outcome> => {
  const answer = await sendRequest(
    { ...request, headers: { ...request.headers, ...rangeOf(part) } },
    stallMillis === undefined ? { signal } : { signal, stallMillis }
  )
  const passing = passingFailure(answer.status, answer.headers["retry-after"])
  if (passing !== undefined) {
    answer.discard()
    throw passing
  }
  if (answer.status === 416 || (answer.status === 206 && !isNext(part, answer))) {
    answer.discard()
    await part.restart()
    await part.describe({ version: undefined, total: undefined })
    return { kind: "changed" }
  }
  if (answer.status !== 200 && answer.status !== 206) return refusal(answer)
  if (isMessage(answer, file)) return refusal(answer)
  if (answer.status === 200 && part.bytes > 0) await part.restart()
  const total = totalOf(answer)
  await part.describe({ version: versionOf(answer), total })
  for await (const piece of answer.chunks) {
    await part.append(piece)
    onBytes?.(part.bytes)
  }
  if (total !== undefined && part.bytes < total)
    throw new TryAgain({ problem: `it ended after ${part.bytes} of ${total} bytes` })
  await part.describe({ version: versionOf(answer), total: part.bytes })
  return { kind: "whole" }
}

const refusal = async (answer: HttpAnswer): Promise<Outcome> => {
  const said = saidIn(await textOf(answer))
  return { kind: "refused", status: answer.status, said }
}

const rangeOf = ({ bytes, state }: PartFile): Record<string, string> => {
  if (bytes === 0) return {}
  const isStrong = state.version?.startsWith('"') === true
  return { Range: `bytes=${bytes}-`, ...(isStrong ? { "If-Range": state.version! } : {}) }
}

const versionOf = ({ headers }: HttpAnswer): string | undefined => headers.etag ?? headers["last-modified"]

/** Whether a partial answer goes on where the part ends, with the same version of the file. */
const isNext = (part: PartFile, answer: HttpAnswer): boolean => {
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers["content-range"] ?? "") ?? []
  const { version, total: known } = part.state
  const sameTotal = known === undefined || total === "*" || Number(total) === known
  return Number(from) === part.bytes && sameTotal && (version === undefined || version === versionOf(answer))
}

const totalOf = ({ status, headers }: HttpAnswer): number | undefined => {
  const text = status === 206 ? headers["content-range"]?.split("/")[1] : headers["content-length"]
  return text === undefined || text === "*" ? undefined : Number(text)
}

/** Whether a server has sent an error of its own with a status of success. */
const isMessage = ({ headers }: HttpAnswer, file: RemoteFile): boolean =>
  /^application\/json\b/.test(headers["content-type"] ?? "") &&
  !file.name.endsWith(".json") &&
  Number(headers["content-length"] ?? -1) !== file.bytes
