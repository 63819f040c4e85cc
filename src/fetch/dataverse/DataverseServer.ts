/**
 * The interface of a Dataverse installation: JSON answers of one form, and a token that may be invalid.
 *
 * An invalid token is answered by 401 even for what is public: then it is left out from there on, with a warning.
 *
 * Source: https://guides.dataverse.org/en/latest/api/
 */
import { Effect, Option, Schema } from "effect"
import { warn } from "../../runtime/Warnings.ts"
import { failureOf, ServerRefused, shownAddress, UnexpectedAnswer } from "../FetchFailure.ts"
import { impatience, passingFailure, type Retries, retrying } from "../retrying.ts"
import { findToken } from "../ServerToken.ts"
import { decodeAnswer, saidIn } from "../saidIn.ts"
import { type HttpRequest, type ServerToken, sendRequest, textOf } from "../sendRequest.ts"

export interface DataverseServer {
  readonly address: string
  /** The token that is sent now; undefined where there is none, or it was found to be invalid. */
  readonly token: () => ServerToken | undefined
  /** Where the token is from. */
  readonly tokenFrom: string | undefined
  /** Leaves the token out from now on, and warns. */
  readonly dropToken: Effect.Effect<void>
  readonly retries: Retries
  readonly stallMillis: number | undefined
}

export interface ServerOptions {
  readonly retries?: Retries
  readonly stallMillis?: number
}

/** A server, with the token that there is for it. Errors: `TokenUnusable`. */
export const dataverseServer = Effect.fnUntraced(function* (address: string, options: ServerOptions = {}) {
  const found = yield* findToken(new URL(address))
  let token = found?.token
  const server: DataverseServer = {
    address: address.replace(/\/+$/, ""),
    token: () => token,
    tokenFrom: found?.from,
    dropToken: Effect.suspend(() => {
      token = undefined
      return warn({
        file: found?.from ?? address,
        found: `${new URL(address).host} does not take this token: it is wrong or has expired`,
        taken: "Went on without it, which does for what is public. Make a new one on your account's page there"
      })
    }),
    retries: options.retries ?? impatience,
    stallMillis: options.stallMillis
  }
  return server
})

/** Asks for JSON. A 401 to a token is asked again without it. Errors: `ServerRefused`, `ServerSilent`, `UnexpectedAnswer`. */
export const askJson = Effect.fnUntraced(function* <S extends Schema.ConstraintDecoder<unknown>>(
  server: DataverseServer,
  place: string,
  schema: S,
  post?: object
): Effect.fn.Return<S["Type"], Error> {
  const url = new URL(`${server.address}${place}`)
  const token = server.token()
  const request: HttpRequest = {
    url,
    token,
    headers: { Accept: "application/json" },
    ...(post === undefined ? {} : { method: "POST", body: JSON.stringify(post) })
  }
  const answer = yield* retrying(once(request, server.stallMillis), shownAddress(url), server.retries)
  if (answer.status === 401 && token !== undefined) {
    yield* server.dropToken
    return yield* askJson(server, place, schema, post)
  }
  const body = Option.getOrUndefined(decodeAnswer(answer.text))
  if (answer.status >= 300 || (body !== undefined && body.status !== "OK")) {
    const remedy =
      answer.status === 401 || answer.status === 403
        ? "It asks for an account: set DATAVERSE_API_KEY to a token of yours, and DATAVERSE_SERVER to the server's address where it is not Harvard's."
        : "Look at its page in a browser; the catalogue's entry may be out of date."
    return yield* new ServerRefused({
      address: shownAddress(url),
      status: answer.status,
      said: saidIn(answer.text),
      remedy
    })
  }
  const decoded = Schema.decodeUnknownOption(schema)(body?.data)
  if (Option.isSome(decoded)) return decoded.value
  return yield* new UnexpectedAnswer({ address: shownAddress(url), problem: "the answer is not that of a Dataverse" })
})

const once = (request: HttpRequest, stallMillis: number | undefined) =>
  Effect.tryPromise({
    try: async (signal) => {
      const answer = await sendRequest(request, stallMillis === undefined ? { signal } : { signal, stallMillis })
      const passing = passingFailure(answer.status, answer.headers["retry-after"])
      if (passing !== undefined) {
        answer.discard()
        throw passing
      }
      return { status: answer.status, text: await textOf(answer) }
    },
    catch: failureOf
  })
