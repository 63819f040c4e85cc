/**
 * One HTTP request to its answer: redirects followed, the token shown to nobody but its own server, proxies of the environment used
 * (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), and a connection on which nothing comes noticed.
 *
 * Node's own client: nothing is decompressed, and the body is read as it comes.
 */
import http, { type IncomingMessage } from "node:http"
import https from "node:https"
import { Redacted } from "effect"
import { packageName, packageVersion } from "../runtime/version.ts"
import { shownAddress, TryAgain, UnexpectedAnswer } from "./FetchFailure.ts"

/** A token of a server, and the origin of the only server that it is shown to. */
export interface ServerToken {
  readonly origin: string
  readonly value: Redacted.Redacted<string>
}

export interface HttpRequest {
  readonly url: URL
  readonly method?: "GET" | "HEAD" | "POST"
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly token?: ServerToken | undefined
}

export interface HttpOptions {
  readonly signal: AbortSignal
  /** How long nothing may come before the connection counts as stalled. Default: 60 s. */
  readonly stallMillis?: number
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  /** Of the answer, after redirects. */
  readonly url: URL
  /** Reads the body; rejects with `TryAgain` where the connection breaks or stalls. */
  readonly chunks: AsyncIterable<Buffer>
  /** Ends the connection without reading the body. */
  readonly discard: () => void
}

const stalledAfterMillis = 60_000
const mostRedirects = 10

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Rejects with `TryAgain` where there is no answer, with `UnexpectedAnswer` where redirects lead nowhere, and where `signal` aborts. */
export const sendRequest = async (request: HttpRequest, options: HttpOptions): Promise<HttpAnswer> => {
  let current = request
  for (let count = 0; count <= mostRedirects; count++) {
    const message = await answerTo(current, options)
    const { statusCode: status = 0, headers } = message
    if (!redirects.has(status) || headers.location === undefined) {
      const chunks = chunksOf(message, current.url, options)
      return { status, headers, url: current.url, chunks, discard: () => message.destroy() }
    }
    message.destroy()
    current = redirected(current, status, headers.location)
  }
  throw new UnexpectedAnswer({ address: shownAddress(request.url), problem: `more than ${mostRedirects} redirects` })
}

const redirected = (request: HttpRequest, status: number, location: string): HttpRequest => {
  const url = URL.canParse(location, request.url.href) ? new URL(location, request.url) : undefined
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:"
  if (url === undefined || !isWeb || (request.url.protocol === "https:" && url.protocol !== "https:")) {
    const problem = "it redirects to an address that is no secure web address"
    throw new UnexpectedAnswer({ address: shownAddress(request.url), problem })
  }
  const becomesGet = request.method === "POST" && status < 307
  if (request.body !== undefined && !becomesGet && url.origin !== request.url.origin) {
    const problem = `it redirects what is sent to it to another server, ${url.origin}`
    throw new UnexpectedAnswer({ address: shownAddress(request.url), problem })
  }
  const { body: _, method: __, ...others } = request
  return becomesGet ? { ...others, url } : { ...request, url }
}

/** Reads the proxy's address from the environment at the first request. Idle connections do not keep the process alive. */
const agents = (() => {
  const make = () => {
    const options = { keepAlive: true, proxyEnv: process.env }
    return { http: new http.Agent(options), https: new https.Agent(options) }
  }
  let made: ReturnType<typeof make> | undefined
  return () => (made ??= make())
})()

const headersOf = ({ url, headers, token, body }: HttpRequest): Record<string, string> => ({
  "User-Agent": `${packageName}/${packageVersion}`,
  "Accept-Encoding": "identity",
  ...headers,
  ...(body === undefined
    ? {}
    : { "Content-Type": "application/json", "Content-Length": String(Buffer.byteLength(body)) }),
  ...(token === undefined || token.origin !== url.origin ? {} : { "X-Dataverse-key": Redacted.value(token.value) })
})

const answerTo = (request: HttpRequest, { signal, stallMillis = stalledAfterMillis }: HttpOptions) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const { url, method = "GET", body } = request
    const secure = url.protocol === "https:"
    const sent = (secure ? https : http).request(url, {
      method,
      headers: headersOf(request),
      agent: secure ? agents().https : agents().http,
      signal
    })
    const stalled = setTimeout(() => sent.destroy(new Error(stalledFor(stallMillis))), stallMillis)
    sent.once("response", (message) => {
      clearTimeout(stalled)
      resolve(message)
    })
    sent.on("error", (cause) => {
      clearTimeout(stalled)
      reject(signal.aborted ? signal.reason : new TryAgain({ problem: `no answer (${cause.message})` }))
    })
    sent.end(body)
  })

const stalledFor = (millis: number): string => `nothing came for ${millis / 1000} s`

/** Time counts only while a piece is waited for, not while the last one is written. */
async function* chunksOf(
  message: IncomingMessage,
  url: URL,
  { signal, stallMillis = stalledAfterMillis }: HttpOptions
) {
  const pieces = message[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>
  try {
    for (;;) {
      const stalled = setTimeout(() => message.destroy(new Error(stalledFor(stallMillis))), stallMillis)
      const piece = await pieces.next().finally(() => clearTimeout(stalled))
      if (piece.done === true) return
      yield piece.value
    }
  } catch (cause) {
    if (signal.aborted) throw signal.reason
    throw new TryAgain({ problem: `the connection to ${url.host} broke (${(cause as Error).message})` })
  } finally {
    message.destroy()
  }
}

/** Bytes of an answer that is not a file. */
const mostTextBytes = 32 * 2 ** 20

/** The body as text. Rejects where it is larger than any answer of an interface is. */
export const textOf = async ({ chunks, url }: HttpAnswer): Promise<string> => {
  const pieces: Array<Buffer> = []
  let bytes = 0
  for await (const piece of chunks) {
    bytes += piece.length
    if (bytes > mostTextBytes)
      throw new UnexpectedAnswer({ address: shownAddress(url), problem: "the answer does not end" })
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}
