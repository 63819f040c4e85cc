/**
 * A server on loopback that answers as a Dataverse 6 does with its files in an object store on another port: listing, redirects to signed
 * addresses, ranges, tokens, restricted files and guestbooks; and that misbehaves as a test asks it to.
 */
import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"

export interface ServedFile {
  readonly name: string
  readonly folder?: string
  content: Buffer
  /** As listed, where that is wrong. */
  readonly listedMd5?: string
  readonly listedBytes?: number
  readonly restricted?: boolean
}

export interface DataverseOptions {
  readonly files: ReadonlyArray<ServedFile>
  readonly tokens?: ReadonlyArray<string>
  readonly terms?: string
  readonly guestbook?: { readonly id: number; readonly questions: ReadonlyArray<string>; readonly isTold: boolean }
  /** Misbehaves in the object store: true where it has answered. `count` is that of requests for this file, from 1. */
  readonly misbehave?: (count: number, exchange: Exchange) => boolean
}

export interface Exchange {
  readonly file: ServedFile
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** First byte that is asked for. */
  readonly from: number
}

export interface SeenRequest {
  readonly port: number
  readonly path: string
  readonly token: string | undefined
  readonly range: string | undefined
  readonly body: string
}

export interface Dataverse {
  readonly address: string
  readonly doi: string
  readonly seen: Array<SeenRequest>
  /** Port of the object store. */
  readonly storagePort: number
  readonly close: () => Promise<void>
}

export const md5Of = (content: Buffer): string => createHash("md5").update(content).digest("hex")
export const sha256Of = (content: Buffer): string => createHash("sha256").update(content).digest("hex")

const json = (response: ServerResponse, status: number, body: object): ServerResponse =>
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body))

const refuse = (response: ServerResponse, status: number, message: string): ServerResponse =>
  json(response, status, { status: "ERROR", message })

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const pieces: Array<Buffer> = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString()
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)))

export const firstId = 4000

export const startDataverse = async (options: DataverseOptions): Promise<Dataverse> => {
  const seen: Array<SeenRequest> = []
  const sockets = new Set<Socket>()
  const ports = { api: 0, storage: 0 }
  const note = (port: number, request: IncomingMessage, body: string): void => {
    const { "x-dataverse-key": token, range } = request.headers
    seen.push({ port, path: request.url!, token: token as string | undefined, range, body })
  }
  const storage = createServer((request, response) => {
    note(ports.storage, request, "")
    serveBytes(options, counts, request, response)
  })
  const counts = new Map<ServedFile, number>()
  const api = createServer(async (request, response) => {
    const body = await bodyOf(request)
    note(ports.api, request, body)
    answer(options, ports, request, response)
  })
  for (const server of [storage, api]) {
    server.on("connection", (socket) => {
      sockets.add(socket)
      socket.once("close", () => sockets.delete(socket))
    })
  }
  ports.storage = await listen(storage)
  ports.api = await listen(api)
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await Promise.all([storage, api].map((server) => new Promise((resolve) => server.close(resolve))))
  }
  const address = `http://127.0.0.1:${ports.api}`
  return { address, doi: "doi:10.5072/FK2/TINY", seen, storagePort: ports.storage, close }
}

/** The interface. */
const answer = (
  { files, tokens = [], terms, guestbook }: DataverseOptions,
  ports: { readonly api: number; readonly storage: number },
  request: IncomingMessage,
  response: ServerResponse
): ServerResponse => {
  const url = new URL(request.url!, `http://127.0.0.1:${ports.api}`)
  const token = request.headers["x-dataverse-key"] as string | undefined
  if (token !== undefined && !tokens.includes(token)) return refuse(response, 401, "Bad API key")
  if (url.pathname === "/api/datasets/:persistentId/versions/:latest/files") {
    return json(response, 200, { status: "OK", data: files.map(rowOf) })
  }
  if (url.pathname === "/api/datasets/:persistentId/") {
    const told = guestbook?.isTold === true ? { guestbookId: guestbook.id } : {}
    return json(response, 200, { status: "OK", data: { id: 1, latestVersion: { termsOfUse: terms }, ...told } })
  }
  if (url.pathname === `/api/guestbooks/${guestbook?.id}`) {
    const customQuestions = guestbook!.questions.map((question, n) => ({ id: 100 + n, question, required: true }))
    return json(response, 200, { status: "OK", data: { nameRequired: true, emailRequired: true, customQuestions } })
  }
  const [, id] = /^\/api\/access\/datafile\/(\d+)$/.exec(url.pathname) ?? []
  const file = files[Number(id) - firstId]
  if (file === undefined) return refuse(response, 404, "Not found")
  if (file.restricted === true && token === undefined)
    return refuse(response, 403, "Not authorized to access this file")
  if (guestbook !== undefined && url.searchParams.get("signature") !== "abc") {
    if (request.method === "POST" && url.searchParams.get("signed") === "true") {
      const signedUrl = `http://127.0.0.1:${ports.api}${url.pathname}?signature=abc`
      return json(response, 200, { status: "OK", data: { signedUrl } })
    }
    const message = `You may not download this file without the required Guestbook response for guestbookID ${guestbook.id}.`
    return refuse(response, 400, message)
  }
  const location = `http://127.0.0.1:${ports.storage}/bucket/${id}?X-Amz-Signature=secret`
  return response.writeHead(303, { Location: location }).end()
}

const rowOf = (file: ServedFile, n: number): object => ({
  label: file.name,
  ...(file.folder === undefined ? {} : { directoryLabel: file.folder }),
  restricted: file.restricted === true,
  dataFile: {
    id: firstId + n,
    filename: file.name,
    filesize: file.listedBytes ?? file.content.length,
    checksum: { type: "MD5", value: file.listedMd5 ?? md5Of(file.content) }
  }
})

/** The object store: one range of a file, with its ETag. */
const serveBytes = (
  { files, misbehave }: DataverseOptions,
  counts: Map<ServedFile, number>,
  request: IncomingMessage,
  response: ServerResponse
): void => {
  const file = files[Number(/^\/bucket\/(\d+)/.exec(request.url!)![1]) - firstId]!
  const count = (counts.get(file) ?? 0) + 1
  counts.set(file, count)
  const etag = `"${md5Of(file.content)}"`
  const [, start] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? []
  const condition = request.headers["if-range"]
  const from = start === undefined || (condition !== undefined && condition !== etag) ? 0 : Number(start)
  if (misbehave?.(count, { file, request, response, from }) === true) return
  if (from >= file.content.length && from > 0) {
    response.writeHead(416, { "Content-Range": `bytes */${file.content.length}` }).end()
    return
  }
  sendFrom({ file, response, from }).end(file.content.subarray(from))
}

/** Sends the header of a whole answer. */
export const sendFrom = ({ file, response, from }: Pick<Exchange, "file" | "response" | "from">): ServerResponse => {
  const { length } = file.content
  const headers = { ETag: `"${md5Of(file.content)}"`, "Content-Length": length - from, "Accept-Ranges": "bytes" }
  return from === 0
    ? response.writeHead(200, headers)
    : response.writeHead(206, { ...headers, "Content-Range": `bytes ${from}-${length - 1}/${length}` })
}

const settleMillis = 120

/** Sends so many bytes of the answer, then does something to the connection. */
export const sendSome = (exchange: Exchange, bytes: number, then: (socket: Socket) => void): true => {
  const { file, response, from } = exchange
  const piece = file.content.subarray(from, from + bytes)
  const socket = response.socket!
  // What has been sent is read before the connection breaks: a broken one loses what is on its way.
  sendFrom(exchange).write(piece, () => setTimeout(() => then(socket), settleMillis))
  return true
}
