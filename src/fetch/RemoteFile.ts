/** A file on a server, as it is listed: what a download needs to know of it. */
import type { Effect } from "effect"
import type { HttpRequest } from "./sendRequest.ts"

export interface RemoteFile {
  /** Path below the folder that it goes to, with `/`. */
  readonly name: string
  /** Which file of which server it is, for one that goes on with its download later. */
  readonly key: string
  /** As listed; undefined where the server does not say it. */
  readonly bytes: number | undefined
  /** As listed, lower case. */
  readonly md5: string | undefined
  /** How it is asked for: anew for each attempt, since signed addresses expire. */
  readonly request: Effect.Effect<HttpRequest, Error>
  /** What to do where the server does not give it; undefined: nothing in particular. */
  readonly whenRefused: (status: number, said: string) => Effect.Effect<string, Error>
}

/** What is to be downloaded, and what the server says of it. */
export interface Listing {
  readonly server: string
  readonly files: ReadonlyArray<RemoteFile>
  /** Terms of use as the server states them, a paragraph each. */
  readonly terms: ReadonlyArray<string>
  /** What else there is to say in the plan. */
  readonly notes: ReadonlyArray<string>
}

/** Bytes of files that say how large they are. */
export const bytesOf = (files: ReadonlyArray<Pick<RemoteFile, "bytes">>): number =>
  files.reduce((sum, { bytes = 0 }) => sum + bytes, 0)
