/** Files at addresses that the catalogue names: their sizes are asked for one by one. */
import { Effect } from "effect"
import type { PlainSource } from "./Catalogue.ts"
import { failureOf, ServerRefused, shownAddress } from "./FetchFailure.ts"
import type { Listing, RemoteFile } from "./RemoteFile.ts"
import { impatience, passingFailure, type Retries, retrying } from "./retrying.ts"
import { sendRequest } from "./sendRequest.ts"

export interface PlainOptions {
  readonly retries?: Retries
  readonly stallMillis?: number
}

const asked = 4

const remedy = "Look at the address in a browser; the catalogue's entry may be out of date."

/** Errors: `ServerRefused` where a file is not there, `ServerSilent`, `UnexpectedAnswer`. */
export const listPlain = Effect.fn("listPlain")(function* (source: PlainSource, options: PlainOptions = {}) {
  const base = new URL(source.url.endsWith("/") ? source.url : `${source.url}/`)
  const files = yield* Effect.forEach(source.files, (name) => plainFile(name, new URL(name, base), options), {
    concurrency: asked
  })
  const listing: Listing = { server: base.origin, files, terms: [], notes: [] }
  return listing
})

const plainFile = Effect.fnUntraced(function* (name: string, url: URL, options: PlainOptions) {
  const file: RemoteFile = {
    name,
    key: url.href,
    bytes: yield* retrying(sizeOf(url, options.stallMillis), shownAddress(url), options.retries ?? impatience),
    md5: undefined,
    request: Effect.succeed({ url }),
    whenRefused: () => Effect.succeed(remedy)
  }
  return file
})

const sizeOf = (url: URL, stallMillis: number | undefined) =>
  Effect.tryPromise({
    try: async (signal) => {
      const answer = await sendRequest(
        { url, method: "HEAD" },
        stallMillis === undefined ? { signal } : { signal, stallMillis }
      )
      answer.discard()
      const passing = passingFailure(answer.status, answer.headers["retry-after"])
      if (passing !== undefined) throw passing
      if (answer.status !== 200) {
        throw new ServerRefused({ address: shownAddress(url), status: answer.status, said: "", remedy })
      }
      const bytes = answer.headers["content-length"]
      return bytes === undefined ? undefined : Number(bytes)
    },
    catch: failureOf
  })
