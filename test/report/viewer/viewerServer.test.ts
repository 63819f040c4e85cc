/** The server as it answers on its port: to a visitor with a token, to others, and to nobody once its scope is closed. */
import { request } from "node:http"
import { createConnection } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { ResourceUnavailable, type ViewerResources } from "../../../src/report/viewer/ViewerResource.ts"
import { type ServedViewer, serveViewer } from "../../../src/report/viewer/viewerServer.ts"

const policy = "default-src 'none'"

const resources: ViewerResources = new Map([
  ["/", { type: "text/html", read: Effect.succeed(Buffer.from("<p>maps</p>")) }],
  ["/gone", { type: "text/plain", read: Effect.fail(new ResourceUnavailable({ problem: "the file is gone" })) }],
  ["/broken", { type: "text/plain", read: Effect.die(new Error("secret detail")) }]
])

interface Got {
  readonly status: number
  readonly headers: NodeJS.Dict<string | ReadonlyArray<string>>
  readonly body: string
}

const get = (
  port: number,
  path: string,
  { method = "GET", headers = {} }: { readonly method?: string; readonly headers?: Record<string, string> } = {}
): Promise<Got> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      let body = ""
      response.on("data", (piece: Buffer) => {
        body += piece
      })
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body }))
    })
    asked.once("error", reject)
    asked.end()
  })

/** The bytes of a request, as no client would write them. */
const getRaw = (port: number, lines: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let got = ""
    const socket = createConnection(port, "127.0.0.1", () => socket.write(lines))
    socket.on("data", (piece) => {
      got += piece
    })
    socket.once("error", reject)
    socket.once("close", () => resolve(got))
  })

const whileServed = (use: (served: ServedViewer) => Promise<void>) =>
  Effect.gen(function* () {
    const served = yield* serveViewer({ resources, port: 0, policy })
    yield* Effect.promise(() => use(served))
  }).pipe(Effect.scoped)

/** Comes with the token; gives what is sent from then on. */
const enter = async ({ address, port }: ServedViewer) => {
  const { pathname, search } = new URL(address)
  const entered = await get(port, pathname + search)
  const cookie = String([entered.headers["set-cookie"]].flat()[0]).split(";")[0]!
  return { entered, headers: { cookie } }
}

describe("the viewer's server", () => {
  it.effect("takes a visitor with the token to the page, once, and then goes by the cookie", () =>
    whileServed(async (served) => {
      const { entered, headers } = await enter(served)
      assert.strictEqual(entered.status, 200)
      assert.include(entered.body, `content="0;url=/"`)
      const page = await get(served.port, "/", { headers })
      assert.deepStrictEqual([page.status, page.body], [200, "<p>maps</p>"])
      const again = await enter(served)
      assert.strictEqual(again.entered.status, 403)
      assert.isUndefined(again.entered.headers["set-cookie"])
      assert.strictEqual((await get(served.port, "/")).status, 403)
    })
  )

  it.effect("says on every answer what the page may load, and that nothing of it may be kept or shown elsewhere", () =>
    whileServed(async (served) => {
      const { entered, headers } = await enter(served)
      const answers = [entered, await get(served.port, "/", { headers }), await get(served.port, "/nowhere")]
      for (const answer of answers) {
        assert.strictEqual(answer.headers["content-security-policy"], policy)
        assert.strictEqual(answer.headers["x-content-type-options"], "nosniff")
        assert.strictEqual(answer.headers["referrer-policy"], "no-referrer")
        assert.strictEqual(answer.headers["cache-control"], "no-store")
        assert.isUndefined(answer.headers["access-control-allow-origin"])
      }
    })
  )

  it.effect("gives only what its table has: no path leads to a file", () =>
    whileServed(async (served) => {
      const { headers } = await enter(served)
      const { cookie } = headers
      const paths = [
        "/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/page/../x",
        "/maps/0-0.nii.gz"
      ]
      for (const path of paths) {
        const got = await getRaw(
          served.port,
          `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`
        )
        assert.match(got, /^HTTP\/1.1 404 /, path)
        assert.notInclude(got, "root:")
      }
      const absolute = await getRaw(
        served.port,
        `GET file:///etc/passwd HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`
      )
      assert.match(absolute, /^HTTP\/1.1 4\d\d /)
    })
  )

  it.effect("answers HEAD without a body, says why a file cannot be had, and tells nothing of its own faults", () =>
    whileServed(async (served) => {
      const { headers } = await enter(served)
      const head = await get(served.port, "/", { method: "HEAD", headers })
      assert.deepStrictEqual([head.status, head.body, head.headers["content-length"]], [200, "", "11"])
      const gone = await get(served.port, "/gone", { headers })
      assert.deepStrictEqual([gone.status, gone.body], [404, "the file is gone"])
      const broken = await get(served.port, "/broken", { headers })
      assert.strictEqual(broken.status, 500)
      assert.notInclude(broken.body, "secret")
      const posted = await get(served.port, "/", { method: "POST", headers })
      assert.deepStrictEqual([posted.status, posted.headers.allow], [405, "GET, HEAD"])
    })
  )

  it.effect("listens on loopback alone", () =>
    whileServed(async ({ address }) => {
      assert.strictEqual(new URL(address).hostname, "127.0.0.1")
    })
  )

  it.effect("says so where its port is taken, and how to go on", () =>
    Effect.gen(function* () {
      const { port } = yield* serveViewer({ resources, port: 0, policy })
      const failure = yield* Effect.flip(serveViewer({ resources, port, policy }))
      assert.match(failure.message, /another program has it.*--port/)
    }).pipe(Effect.scoped)
  )

  it.effect("ends with its scope, open connections too", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { port } = yield* serveViewer({ resources, port: 0, policy }).pipe(Scope.provide(scope))
      const held = createConnection(port, "127.0.0.1")
      yield* Effect.promise(() => new Promise((resolve) => held.once("connect", resolve)))
      const closed = new Promise((resolve) => held.once("close", resolve))
      yield* Scope.close(scope, Exit.void)
      yield* Effect.promise(() => closed)
      const refused = yield* Effect.promise(() => get(port, "/").catch((error: NodeJS.ErrnoException) => error.code))
      assert.strictEqual(refused, "ECONNREFUSED")
    })
  )
})
