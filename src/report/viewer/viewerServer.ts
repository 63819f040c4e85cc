/**
 * The viewer's server: on loopback alone, for as long as its scope is open. It answers from a table of addresses; a path that a
 * visitor sends is looked up there and never becomes the path of a file.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect, FiberSet, Ref, Schema } from "effect"
import { reasonOf } from "../../files/reasonOf.ts"
import type { ViewerResources } from "./ViewerResource.ts"
import { type Decision, decideVisit, makeSecret, tokenKey, type Visit } from "./viewerAccess.ts"

/** The server could not take its port. */
export class ViewerNotStarted extends Schema.TaggedError<ViewerNotStarted>()("ViewerNotStarted", {
  port: Schema.Int,
  cause: Schema.Defect()
}) {
  override get message(): string {
    const taken = (this.cause as NodeJS.ErrnoException).code === "EADDRINUSE"
    const problem = taken ? "another program has it" : reasonOf(this.cause, "writing")
    return `port ${this.port} of 127.0.0.1 cannot be taken: ${problem}. Name another with --port, or leave --port out.`
  }
}

export interface ServedViewer {
  /** With the token that is good for one visit. */
  readonly address: string
  readonly port: number
}

export interface ViewerServerOptions {
  readonly resources: ViewerResources
  /** 0: any that is free. */
  readonly port: number
  /** What the page may load, as a Content-Security-Policy. */
  readonly policy: string
}

const loopback = "127.0.0.1"

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | string
}

const plainText = "text/plain; charset=utf-8"

/** What every answer has: no other site may show, read or keep anything of it. */
const protection = (policy: string): Readonly<Record<string, string>> => ({
  "Content-Security-Policy": policy,
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store"
})

/** A page that goes on to the viewer by itself: a redirection that another site has started would come without the cookie. */
const goOn = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>lnm view</title><link rel="icon" href="data:,">
<meta http-equiv="refresh" content="0;url=/"></head><body><a href="/">Go on to the maps</a></body></html>`

const answerTo = Effect.fnUntraced(function* (decision: Decision, resources: ViewerResources) {
  if (decision.kind === "refused") {
    const allow: Record<string, string> = decision.status === 405 ? { Allow: "GET, HEAD" } : {}
    return { status: decision.status, headers: { "Content-Type": plainText, ...allow }, body: decision.reason }
  }
  if (decision.kind === "entered") {
    const headers = { "Content-Type": "text/html; charset=utf-8", "Set-Cookie": decision.cookie }
    return { status: 200, headers, body: goOn }
  }
  const resource = resources.get(decision.path)
  const missing = (reason: string): Answer => ({ status: 404, headers: { "Content-Type": plainText }, body: reason })
  if (resource === undefined) return missing("There is nothing at this address.")
  return yield* resource.read.pipe(
    Effect.map((body): Answer => ({ status: 200, headers: { "Content-Type": resource.type }, body })),
    Effect.catch((error) => Effect.succeed(missing(error.message)))
  )
})

const visitOf = ({ method = "", url = "", headers }: IncomingMessage): Visit => ({
  method,
  target: url,
  host: headers.host,
  origin: headers.origin,
  site: [headers["sec-fetch-site"]].flat()[0],
  cookie: headers.cookie
})

const send = (response: ServerResponse, { status, headers, body }: Answer, withBody: boolean): void => {
  const bytes = Buffer.from(body as Uint8Array)
  response.writeHead(status, { ...headers, "Content-Length": bytes.length })
  response.end(withBody ? bytes : undefined)
}

const listen = (server: Server, port: number) =>
  Effect.callback<number, ViewerNotStarted>((resume) => {
    server.once("error", (cause) => resume(Effect.fail(new ViewerNotStarted({ port, cause }))))
    server.listen(port, loopback, () => resume(Effect.succeed((server.address() as AddressInfo).port)))
  })

const close = (server: Server) =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

/** Serves until the scope closes; then no connection is left open. Errors: `ViewerNotStarted`. */
export const serveViewer = Effect.fn("serveViewer")(function* ({
  resources,
  port: wanted,
  policy
}: ViewerServerOptions) {
  const [token, session] = [makeSecret(), makeSecret()]
  const isTokenFresh = yield* Ref.make(true)
  const run = yield* FiberSet.makeRuntime()
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => createServer()),
    close
  )
  const port = yield* listen(server, wanted)
  const handle = Effect.fnUntraced(function* (request: IncomingMessage, response: ServerResponse) {
    for (const [name, value] of Object.entries(protection(policy))) response.setHeader(name, value)
    const secrets = { token, session, isTokenFresh: yield* Ref.get(isTokenFresh) }
    const decision = decideVisit(visitOf(request), port, secrets)
    if (decision.kind === "entered") yield* Ref.set(isTokenFresh, false)
    const answer = yield* answerTo(decision, resources).pipe(
      Effect.catchDefect(() =>
        Effect.succeed<Answer>({ status: 500, headers: { "Content-Type": plainText }, body: "This could not be read." })
      )
    )
    send(response, answer, request.method !== "HEAD")
  })
  server.on("request", (request, response) => run(handle(request, response)))
  const served: ServedViewer = { address: `http://${loopback}:${port}/?${tokenKey}=${token}`, port }
  return served
})
