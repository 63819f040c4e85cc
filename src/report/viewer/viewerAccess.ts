/**
 * Who may see what: decides on a request before anything is looked up. A page of another origin, a name that was made to point to
 * loopback, and other users of the machine get nothing.
 *
 * The address that is printed holds a token that is good for one visit. It is exchanged for a cookie that no script can read and that is
 * not sent along from other sites; from then on the cookie counts. Free of effects.
 *
 * Source: OWASP cheat sheets on session management and on cross-site request forgery, https://cheatsheetseries.owasp.org
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"

/** What is looked at of a request. */
export interface Visit {
  readonly method: string
  /** Path and query, as they come. */
  readonly target: string
  readonly host: string | undefined
  readonly origin: string | undefined
  /** `Sec-Fetch-Site`: where the request was started, as browsers say. */
  readonly site: string | undefined
  readonly cookie: string | undefined
}

export interface Secrets {
  readonly token: string
  readonly session: string
  /** Whether nobody has come with the token yet. */
  readonly isTokenFresh: boolean
}

export type Decision =
  | { readonly kind: "refused"; readonly status: 400 | 403 | 405; readonly reason: string }
  /** The token was right: the visitor gets the cookie, and is sent on to the page. */
  | { readonly kind: "entered"; readonly cookie: string }
  | { readonly kind: "allowed"; readonly path: string }

/** Bytes of a secret: 256 bits cannot be guessed. */
const secretBytes = 32

export const makeSecret = (): string => randomBytes(secretBytes).toString("base64url")

/** Name of the query's key in the address that is printed. */
export const tokenKey = "token"

/** Browsers keep cookies by host without the port: two viewers must not overwrite each other's. */
const cookieName = (port: number): string => `lnm-view-${port}`

/** Whether a text is the secret, in a time that does not tell how much of it is right. */
const isSecret = (text: string | undefined, secret: string): boolean =>
  text !== undefined && timingSafeEqual(digestOf(text), digestOf(secret))

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest()

const cookieOf = (header: string | undefined, name: string): string | undefined =>
  header
    ?.split(";")
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1)

const refused = (status: 400 | 403 | 405, reason: string): Decision => ({ kind: "refused", status, reason })

export const decideVisit = (visit: Visit, port: number, secrets: Secrets): Decision => {
  const { method, target, host, origin, site, cookie } = visit
  if (method !== "GET" && method !== "HEAD") return refused(405, "Only GET and HEAD are answered.")
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  if (host === undefined || !hosts.includes(host)) return refused(403, "This server has no such name.")
  if (origin !== undefined && origin !== `http://${host}`) return refused(403, "Pages of other origins get nothing.")
  if (!URL.canParse(target, `http://${host}`)) return refused(400, "This is no address.")
  const { pathname, searchParams } = new URL(target, `http://${host}`)
  const token = searchParams.get(tokenKey)
  const isKnown = isSecret(cookieOf(cookie, cookieName(port)), secrets.session)
  if (pathname === "/" && token !== null) {
    const isRight = isSecret(token, secrets.token) && (secrets.isTokenFresh || isKnown)
    if (!isRight)
      return refused(403, "This address has been used, or is not right. Start lnm view again for a new one.")
    if (method !== "GET") return refused(403, "The address is for a browser.")
    return { kind: "entered", cookie: `${cookieName(port)}=${secrets.session}; Path=/; HttpOnly; SameSite=Strict` }
  }
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    return refused(403, "Pages of other origins get nothing.")
  }
  if (!isKnown) return refused(403, "Open the address that lnm view has printed.")
  return { kind: "allowed", path: pathname }
}
