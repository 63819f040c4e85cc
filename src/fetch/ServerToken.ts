/**
 * The token of a Dataverse account: from DATAVERSE_API_KEY, or from a file that only its owner may read. It is never an argument, since every
 * user of a machine sees those. It is one server's, and shown to no other that a catalogue names.
 */
import { lstat } from "node:fs/promises"
import { homedir } from "node:os"
import path from "node:path"
import { Effect, Redacted, Schema } from "effect"
import { readRegularFile } from "../files/readRegularFile.ts"
import { reasonOf } from "../files/reasonOf.ts"
import { unlessMissing } from "../files/unlessMissing.ts"
import type { ServerToken } from "./sendRequest.ts"

/** The token cannot be used. */
export class TokenUnusable extends Schema.TaggedError<TokenUnusable>()("TokenUnusable", {
  from: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.from}: ${this.problem}.`
  }
}

const variable = "DATAVERSE_API_KEY"

/** The server that the token is of. */
const owner = (): string => process.env.DATAVERSE_SERVER?.trim() || "https://dataverse.harvard.edu"

/** Bytes of a file that holds a token and nothing else. */
const mostTokenBytes = 4096

/** Undefined where the user has no home. */
const tokenFile = (): string | undefined => {
  const folder = process.env.XDG_CONFIG_HOME || configIn(homeFolder())
  return folder === undefined ? undefined : path.join(folder, "lnm", "dataverse-api-key")
}

const configIn = (home: string | undefined): string | undefined => home && path.join(home, ".config")

const homeFolder = (): string | undefined => {
  try {
    return homedir()
  } catch {
    // HOME is not set, and the user has no entry in the password file, as in a container.
    return undefined
  }
}

/** A token for a server, and where it is from; undefined where there is none, or it is another server's. Errors: `TokenUnusable`. */
export const findToken = Effect.fn("findToken")(function* (server: URL) {
  const address = owner()
  if (!URL.canParse(address)) {
    return yield* new TokenUnusable({
      from: "DATAVERSE_SERVER",
      problem: `${address} is no address such as https://dataverse.harvard.edu`
    })
  }
  if (new URL(address).origin !== server.origin) return undefined
  const fromEnvironment = process.env[variable]?.trim()
  const from = fromEnvironment ? variable : tokenFile()
  const text = fromEnvironment || (from && (yield* readToken(from)))
  if (from === undefined || text === undefined) return undefined
  const refuse = (problem: string) => new TokenUnusable({ from, problem })
  if (!/^[\x21-\x7e]+$/.test(text)) return yield* refuse("it holds no token: one line of letters, digits and dashes")
  if (server.protocol !== "https:" && !isLoopback(server)) {
    return yield* refuse(`it is not sent to ${server.origin}, which is not encrypted; give the server as https://`)
  }
  const token: ServerToken = { origin: server.origin, value: Redacted.make(text) }
  return { token, from }
})

const isLoopback = ({ hostname }: URL): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)

/** Bits of a mode by which others than the owner may do something with a file. */
const others = 0o077

const readToken = Effect.fnUntraced(function* (file: string) {
  const refuse = (problem: string) => new TokenUnusable({ from: file, problem })
  const found = yield* Effect.tryPromise({
    try: () => lstat(file).catch(unlessMissing),
    catch: (cause) => refuse(reasonOf(cause, "reading"))
  })
  if (found === undefined) return undefined
  if ((found.mode & others) !== 0) {
    return yield* refuse("others may read or change this file, which holds a token; `chmod 600` it")
  }
  const content = yield* Effect.tryPromise({
    try: () => readRegularFile(file, mostTokenBytes),
    catch: (cause) => refuse(reasonOf(cause, "reading"))
  })
  return content.toString().trim()
})
