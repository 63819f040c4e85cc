import { assert, describe, it } from "@effect/vitest"
import { decideVisit, makeSecret, type Secrets, type Visit } from "../../../src/report/viewer/viewerAccess.ts"

const port = 8123
const secrets: Secrets = { token: makeSecret(), session: makeSecret(), isTokenFresh: true }
const used: Secrets = { ...secrets, isTokenFresh: false }

/** What a browser sends that was let in before. */
const known: Visit = {
  method: "GET",
  target: "/study.json",
  host: `127.0.0.1:${port}`,
  origin: undefined,
  site: "same-origin",
  cookie: `theme=dark; lnm-view-${port}=${secrets.session}`
}

const first: Visit = { ...known, target: `/?token=${secrets.token}`, site: "none", cookie: undefined }

const statusOf = (visit: Visit, given = secrets): number | string => {
  const decision = decideVisit(visit, port, given)
  return decision.kind === "refused" ? decision.status : decision.kind
}

describe("a visit to the viewer", () => {
  it("with the token gets a cookie that no script reads and no other site sends along", () => {
    assert.deepStrictEqual(decideVisit(first, port, secrets), {
      kind: "entered",
      cookie: `lnm-view-${port}=${secrets.session}; Path=/; HttpOnly; SameSite=Strict`
    })
  })

  it("with the token counts once; who has the cookie may come with it again", () => {
    assert.strictEqual(statusOf(first, used), 403)
    assert.strictEqual(statusOf({ ...first, cookie: known.cookie }, used), "entered")
  })

  it("with a wrong token, or one that is shorter or longer, is refused", () => {
    for (const token of ["", "x", secrets.token.slice(1), `${secrets.token}x`, secrets.session]) {
      assert.strictEqual(statusOf({ ...first, target: `/?token=${token}` }), 403, token)
    }
  })

  it("with the token anywhere but at the page's address is none with a token", () => {
    assert.strictEqual(statusOf({ ...first, target: `/study.json?token=${secrets.token}` }), 403)
  })

  it("with the cookie is allowed, by the path alone", () => {
    assert.deepStrictEqual(decideVisit(known, port, used), { kind: "allowed", path: "/study.json" })
    assert.deepStrictEqual(decideVisit({ ...known, target: "/study.json?again#x" }, port, used), {
      kind: "allowed",
      path: "/study.json"
    })
  })

  it("without the cookie, or with another, is refused", () => {
    const cookies = [
      undefined,
      "",
      `lnm-view-${port}=`,
      `lnm-view-${port}=${secrets.token}`,
      `lnm-view-1=${secrets.session}`
    ]
    for (const cookie of cookies) assert.strictEqual(statusOf({ ...known, cookie }), 403, cookie)
  })

  it("by another name of this machine is refused, as a name may have been made to point here", () => {
    for (const host of [
      undefined,
      "",
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1",
      "127.0.0.1:80",
      `[::1]:${port}`
    ]) {
      assert.strictEqual(statusOf({ ...known, host }), 403, host)
      assert.strictEqual(statusOf({ ...first, host }), 403, host)
    }
    assert.strictEqual(statusOf({ ...known, host: `localhost:${port}` }), "allowed")
  })

  it("from a page of another origin is refused, of another port of this machine too", () => {
    for (const origin of ["null", "http://evil.example", "http://127.0.0.1:9", `https://127.0.0.1:${port}`]) {
      assert.strictEqual(statusOf({ ...known, origin }), 403, origin)
      assert.strictEqual(statusOf({ ...first, origin }), 403, origin)
    }
    assert.strictEqual(statusOf({ ...known, origin: `http://127.0.0.1:${port}` }), "allowed")
    for (const site of ["cross-site", "same-site"]) assert.strictEqual(statusOf({ ...known, site }), 403, site)
    for (const site of [undefined, "none"]) assert.strictEqual(statusOf({ ...known, site }), "allowed", site)
  })

  it("that would change something is refused", () => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "get", ""]) {
      assert.strictEqual(statusOf({ ...known, method }), 405, method)
    }
    assert.strictEqual(statusOf({ ...known, method: "HEAD" }), "allowed")
    assert.strictEqual(
      statusOf({ ...first, method: "HEAD" }),
      403,
      "a token is not used up by who only asks whether it is there"
    )
  })
})
