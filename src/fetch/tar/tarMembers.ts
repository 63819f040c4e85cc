/**
 * The files in a tar, read as a stream from its beginning to its end: listed, or written below a folder.
 *
 * Only regular files are taken; folders and symbolic links are passed over. Hard links, sparse files, a name that leads out of the folder, and
 * a tar that is cut off or is none, are errors.
 */
import { createReadStream } from "node:fs"
import { open, rename, rm, utimes } from "node:fs/promises"
import path from "node:path"
import { createTarDecoder, type ParsedTarEntry } from "modern-tar"
import { makeFolder } from "../../files/makeFolder.ts"
import { partialSuffix } from "../../files/partialFiles.ts"

/** A regular file in a tar. */
export interface TarMember {
  /** Its path, with `/`, without `./` before it. */
  readonly name: string
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly changedMillis: number
}

/** Bytes that are read at a time. */
const blockBytes = 2 ** 20

const nameOf = (name: string): string => name.replace(/^(?:\.\/+)+/, "")

const leadsOut = (name: string): boolean =>
  name.startsWith("/") || name.split("/").includes("..") || /[\0\\]/.test(name)

const memberOf = ({ header }: ParsedTarEntry): TarMember | undefined => {
  const name = nameOf(header.name)
  if (header.type === "link") throw new Error(`it holds a hard link, ${name}, which is not read: unpack it with tar`)
  if (Object.keys(header.pax ?? {}).some((key) => key.startsWith("GNU.sparse."))) {
    throw new Error(`it holds a sparse file, ${name}, which is not read: unpack it with tar`)
  }
  if ((header.type ?? "file") !== "file" || name.endsWith("/")) return undefined
  if (leadsOut(name)) throw new Error(`it holds a file whose name leads out of its folder: ${name}`)
  return { name, bytes: header.size, changedMillis: header.mtime?.getTime() ?? 0 }
}

/** Passes over a body. It is read, since a body that is cancelled can take the next one with it (modern-tar 0.8.6), which then never ends. */
const passOver = async (body: ReadableStream<Uint8Array>): Promise<void> => {
  for await (const _ of body);
}

/** Every regular file in order. Its body must be read to its end before the next is asked for. Throws what is wrong with the tar. */
async function* entriesOf(tar: string): AsyncGenerator<{ member: TarMember; body: ReadableStream<Uint8Array> }> {
  // Readable.toWeb throws outside of any promise where it is cancelled while a read is on its way.
  const bytes = ReadableStream.from<Uint8Array>(createReadStream(tar, { highWaterMark: blockBytes }))
  const entries = bytes.pipeThrough(createTarDecoder({ strict: true }))
  for await (const entry of entries) {
    const member = memberOf(entry)
    if (member === undefined) await passOver(entry.body)
    else yield { member, body: entry.body }
  }
}

/** Lists a tar. Rejects with what is wrong with it. */
export const listTar = async (tar: string, signal: AbortSignal): Promise<ReadonlyArray<TarMember>> => {
  const members: Array<TarMember> = []
  for await (const { member, body } of entriesOf(tar)) {
    signal.throwIfAborted()
    members.push(member)
    await passOver(body)
  }
  return members
}

/**
 * Writes files of a tar, each whole or not at all and with its time of change, and gives each once it is there.
 *
 * @param placeOf where a file goes; undefined: it is left out
 */
export async function* unpackTar(
  tar: string,
  placeOf: (member: TarMember) => string | undefined | Promise<string | undefined>
): AsyncGenerator<TarMember> {
  for await (const { member, body } of entriesOf(tar)) {
    const target = await placeOf(member)
    if (target === undefined) await passOver(body)
    else {
      await writeMember(target, member, body)
      yield member
    }
  }
}

const writeMember = async (
  target: string,
  { changedMillis }: TarMember,
  body: ReadableStream<Uint8Array>
): Promise<void> => {
  await makeFolder(path.dirname(target))
  const aside = `${target}${partialSuffix}`
  try {
    await writePieces(aside, body)
    await utimes(aside, changedMillis / 1000, changedMillis / 1000)
    await rename(aside, target)
  } catch (cause) {
    await rm(aside, { force: true })
    throw cause
  }
}

const writePieces = async (file: string, body: ReadableStream<Uint8Array>): Promise<void> => {
  await using handle = await open(file, "w")
  for await (const piece of body) await handle.writeFile(piece)
  // The tar is removed when its files are there.
  await handle.datasync()
}
