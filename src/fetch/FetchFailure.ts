/**
 * How a download fails. A server that is only busy, or a connection that breaks, is tried again (`TryAgain`); all else is told at once.
 *
 * Addresses are told without what follows the path: there signed addresses keep their secret. No header is ever told.
 */
import { Schema } from "effect"
import { printableExcerpt } from "../runtime/printable.ts"

/** An address as a person may see it. */
export const shownAddress = (url: URL): string => `${url.origin}${url.pathname}`

/** It may go well the next time. */
export class TryAgain extends Schema.TaggedError<TryAgain>()("TryAgain", {
  problem: Schema.String,
  /** How long the server asks to wait. */
  afterMillis: Schema.optionalKey(Schema.Number)
}) {}

/** What a promise of the adapters rejects with, as a failure. */
export const failureOf = (cause: unknown): TryAgain | Error =>
  cause instanceof Error ? cause : new Error(String(cause))

/** It did not go well so often that it is given up. */
export class ServerSilent extends Schema.TaggedError<ServerSilent>()("ServerSilent", {
  address: Schema.String,
  problem: Schema.String,
  attempts: Schema.Int
}) {
  override get message(): string {
    return (
      `${this.address}: ${printableExcerpt(this.problem)}, ${this.attempts} times in a row. ` +
      "What has come is kept: run again later, and it goes on from there. Behind a proxy set HTTPS_PROXY."
    )
  }
}

/** The server does not give it. */
export class ServerRefused extends Schema.TaggedError<ServerRefused>()("ServerRefused", {
  address: Schema.String,
  status: Schema.Int,
  said: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    const said = this.said === "" ? "" : `: ${printableExcerpt(this.said)}`
    return `${this.address}: the server answers ${this.status}${said}. ${this.remedy}`
  }
}

/** What came is not what the catalogue or the server has announced. */
export class UnexpectedAnswer extends Schema.TaggedError<UnexpectedAnswer>()("UnexpectedAnswer", {
  address: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.address}: ${printableExcerpt(this.problem)}. Look at the address in a browser; the catalogue's entry may be out of date.`
  }
}

/** The whole file is there, and its size or MD5 is not as the server lists it. It is kept. */
export class ChecksumMismatch extends Schema.TaggedError<ChecksumMismatch>()("ChecksumMismatch", {
  file: Schema.String,
  listedBytes: Schema.UndefinedOr(Schema.Number),
  foundBytes: Schema.Number,
  listedMd5: Schema.UndefinedOr(Schema.String),
  foundMd5: Schema.String
}) {
  override get message(): string {
    return (
      `${this.file}: it is not as the server lists it: ${differences(this)}. Either it was damaged on the way, or the list is out of date. ` +
      "It is kept: remove it and run again to download it anew, or run again with --accept-mismatch to take it as it is."
    )
  }
}

/** How a file differs from what the server lists. */
export const differences = (found: {
  readonly listedBytes: number | undefined
  readonly foundBytes: number
  readonly listedMd5: string | undefined
  readonly foundMd5: string
}): string =>
  `listed ${found.listedBytes ?? "?"} bytes, MD5 ${found.listedMd5 ?? "none"}; found ${found.foundBytes} bytes, MD5 ${found.foundMd5}`

/** The system does not take a file. */
export class FetchNotWritten extends Schema.TaggedError<FetchNotWritten>()("FetchNotWritten", {
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file} could not be written: ${this.problem}. What has come is kept: make room and run again, and it goes on from there.`
  }
}
