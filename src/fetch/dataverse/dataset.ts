/**
 * The files of a data set in a Dataverse, listed when it is asked: names, sizes, MD5 and numbers, and the terms under which they may be had.
 *
 * Files are asked for by number: their own persistent names are not always there.
 */
import { Effect, Schema } from "effect"
import { makeFilePattern } from "../../imaging/FilePattern.ts"
import type { DataverseSource } from "../Catalogue.ts"
import { shownAddress, TryAgain, UnexpectedAnswer } from "../FetchFailure.ts"
import type { Listing, RemoteFile } from "../RemoteFile.ts"
import { askJson, type DataverseServer, dataverseServer, type ServerOptions } from "./DataverseServer.ts"
import { type GuestbookAnswers, guestbookNumberIn, needGuestbook, signedRequest } from "./guestbook.ts"

const FileRow = Schema.Struct({
  label: Schema.optionalKey(Schema.String),
  directoryLabel: Schema.optionalKey(Schema.String),
  restricted: Schema.optionalKey(Schema.Boolean),
  dataFile: Schema.Struct({
    id: Schema.Int,
    filename: Schema.String,
    filesize: Schema.optionalKey(Schema.Number),
    md5: Schema.optionalKey(Schema.String),
    checksum: Schema.optionalKey(Schema.Struct({ type: Schema.String, value: Schema.String }))
  })
})

type FileRow = typeof FileRow.Type

const Dataset = Schema.Struct({
  guestbookId: Schema.optionalKey(Schema.Int),
  latestVersion: Schema.optionalKey(
    Schema.Struct({
      license: Schema.optionalKey(
        Schema.Union([Schema.String, Schema.Struct({ name: Schema.String, uri: Schema.optionalKey(Schema.String) })])
      ),
      termsOfUse: Schema.optionalKey(Schema.String),
      termsOfAccess: Schema.optionalKey(Schema.String),
      conditions: Schema.optionalKey(Schema.String),
      restrictions: Schema.optionalKey(Schema.String),
      citationRequirements: Schema.optionalKey(Schema.String)
    })
  )
})

export interface DatasetOptions extends ServerOptions {
  /** What the user answers to a guestbook. */
  readonly answers?: GuestbookAnswers | undefined
}

/** Lists a data set. Errors: `ServerRefused`, `ServerSilent`, `UnexpectedAnswer`, `TokenUnusable`, `GuestbookNeeded`. */
export const listDataset = Effect.fn("listDataset")(function* (source: DataverseSource, options: DatasetOptions = {}) {
  const server = yield* dataverseServer(source.dataverse, options)
  const id = encodeURIComponent(source.doi)
  const dataset = yield* askJson(server, `/api/datasets/:persistentId/?persistentId=${id}`, Dataset)
  const rows = yield* askJson(
    server,
    `/api/datasets/:persistentId/versions/:latest/files?persistentId=${id}`,
    Schema.Array(FileRow)
  )
  const { guestbookId } = dataset
  if (guestbookId !== undefined && options.answers === undefined) return yield* needGuestbook(server, guestbookId)
  const answers = guestbookId === undefined ? undefined : options.answers
  const { matches } = makeFilePattern(source.files)
  const files = yield* Effect.forEach(rows, (row) => remoteFile(server, row, answers))
  const wanted = files.filter(({ name }) => matches(name)).sort((a, b) => (a.name < b.name ? -1 : 1))
  if (wanted.length === 0) {
    const problem = `${source.doi} lists no file that matches ${source.files}`
    return yield* new UnexpectedAnswer({ address: shownAddress(new URL(server.address)), problem })
  }
  const listing: Listing = {
    server: server.address,
    files: wanted,
    terms: termsOf(dataset),
    notes: notesOf(
      server,
      wanted,
      rows.filter((_, n) => wanted.includes(files[n]!))
    )
  }
  return listing
})

const notesOf = (server: DataverseServer, files: ReadonlyArray<RemoteFile>, rows: ReadonlyArray<FileRow>) => {
  const restricted = rows.filter((row) => row.restricted === true).length
  const host = new URL(server.address).host
  return [
    ...(server.token() === undefined ? [] : [`token       from ${server.tokenFrom}, shown to ${host} alone`]),
    ...(restricted > 0
      ? [`restricted  ${restricted} of ${rows.length} files: only for accounts that were let in`]
      : []),
    ...(files.some(({ md5 }) => md5 === undefined)
      ? ["checksums   not of all files: these are taken as they come"]
      : [])
  ]
}

const remoteFile = Effect.fnUntraced(function* (
  server: DataverseServer,
  row: FileRow,
  answers: GuestbookAnswers | undefined
) {
  const { id, filename, filesize, md5, checksum } = row.dataFile
  const name = [row.directoryLabel, row.label ?? filename].filter((part) => part !== undefined).join("/")
  const place = `/api/access/datafile/${id}`
  const url = new URL(`${server.address}${place}`)
  if (name.split("/").some((part) => part === "" || part === "." || part === ".." || part.includes("\\"))) {
    const problem = `it lists a file whose name is no path below a folder: ${name}`
    return yield* new UnexpectedAnswer({ address: shownAddress(url), problem })
  }
  const listed = checksum?.type === "MD5" ? checksum.value : md5
  const file: RemoteFile = {
    name,
    key: url.href,
    bytes: filesize,
    md5: listed?.toLowerCase(),
    request:
      answers === undefined
        ? Effect.sync(() => ({ url, token: server.token() }))
        : signedRequest(server, place, answers),
    whenRefused: (status, said) => whenRefused(server, status, said)
  }
  return file
})

const whenRefused = Effect.fnUntraced(function* (server: DataverseServer, status: number, said: string) {
  const guestbook = guestbookNumberIn(said)
  if (guestbook !== undefined) return yield* needGuestbook(server, guestbook)
  if (status === 401 && server.token() !== undefined) {
    yield* server.dropToken
    return yield* new TryAgain({ problem: "the token is not valid any more", afterMillis: 0 })
  }
  if (status === 401 || status === 403) {
    return "The file is restricted: ask for access on the data set's page, and set DATAVERSE_API_KEY to a token of your account (and DATAVERSE_SERVER to the server's address, where it is not Harvard's)."
  }
  return "Run again: the list of files is read anew each time."
})

/** What the server states, from the shortest form to the longest. */
const termsOf = ({ latestVersion = {} }: typeof Dataset.Type): ReadonlyArray<string> => {
  const { license, termsOfUse, termsOfAccess, conditions, restrictions, citationRequirements } = latestVersion
  const named =
    license === undefined || typeof license === "string" ? license : [license.name, license.uri].join(" ").trim()
  const texts = [
    ["Licence", named],
    ["Terms of use", termsOfUse],
    ["Terms of access", termsOfAccess],
    ["Conditions", conditions],
    ["Restrictions", restrictions],
    ["Citation", citationRequirements]
  ] as const
  return texts.flatMap(([title, text]) =>
    text === undefined || text === "" ? [] : [`${title}: ${withoutMarkup(text)}`]
  )
}

const withoutMarkup = (text: string): string =>
  text
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
