/**
 * The structures of an HDF5 file that lead from its start to a dataset's values: superblock, object headers, groups and
 * B-trees of version 1. Only reading, only the versions that `hdf5ChunkIndex.ts` names; everything else is `Unknown`.
 *
 * Source: HDF5 File Format Specification, version 3.0.
 */
import { fstatSync, readSync } from "node:fs"

/** The messages of an object header that tell where things are, and when it was made. */
export const messageTypes = {
  link: 0x0006,
  externalFiles: 0x0007,
  layout: 0x0008,
  attribute: 0x000c,
  continuation: 0x0010,
  symbolTable: 0x0011,
  modificationTime: 0x0012
}

/** No header has more continuations; a damaged one could have them for ever. */
const mostBlocks = 32

/** Not laid out as this module knows: an address outside of the file, another version, another signature. */
export class Unknown extends Error {}

/** Bytes of a file's structures that are read at most: those of a connectome of 100,000 subjects take a tenth. */
const mostBytesRead = 4 * 2 ** 30

/**
 * Little-endian reading at addresses counted from the file's base address. Offsets and lengths have 8 bytes.
 *
 * The structures of a file do not overlap, so all of them have no more bytes than the file; some are read a few times. A damaged file may
 * have nodes that lie within one another, and lead to many times as many: reading ends where it has gone on for longer than that.
 */
export class FileBytes {
  readonly #descriptor: number
  readonly #size: number
  #left: number
  base = 0

  constructor(descriptor: number) {
    this.#descriptor = descriptor
    this.#size = fstatSync(descriptor).size
    this.#left = Math.min(mostBytesRead, 8 * this.#size + 2 ** 20)
  }

  at(address: number, length: number): DataView {
    this.require(address, length)
    this.#left -= length
    if (this.#left < 0) throw new Unknown()
    const bytes = new Uint8Array(length)
    if (readSync(this.#descriptor, bytes, 0, length, this.base + address) < length) throw new Unknown()
    return new DataView(bytes.buffer)
  }

  /** Fails where a piece does not lie within the file. */
  require(address: number, length: number): void {
    if (!(address >= 0 && length >= 0 && this.base + address + length <= this.#size)) throw new Unknown()
  }
}

const signatureOf = (view: DataView, at = 0): string =>
  String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, 4))

/** An offset or a length; beyond 2⁵³ (the undefined address too) it lies in no file. */
export const offsetAt = (view: DataView, at: number): number => Number(view.getBigUint64(at, true))

/** A number of 1, 2, 4 or 8 bytes. */
const unsignedAt = (view: DataView, at: number, width: number): number => {
  let value = 0
  for (let byte = width - 1; byte >= 0; byte--) value = 256 * value + view.getUint8(at + byte)
  return value
}

/** The object header of the root group. A user block of 512 bytes or a power of two more may come before the superblock. */
export const rootHeader = (bytes: FileBytes): number | undefined => {
  for (let start = 0; ; start = start === 0 ? 512 : 2 * start) {
    const superblock = bytes.at(start, 8)
    if (signatureOf(superblock) !== "\x89HDF") continue
    const version = bytes.at(start + 8, 1).getUint8(0)
    const fields = superblockFields[version]
    if (fields === undefined) return undefined
    const view = bytes.at(start, fields.root + 8)
    if (view.getUint8(fields.sizes) !== 8 || view.getUint8(fields.sizes + 1) !== 8) return undefined
    bytes.base = offsetAt(view, fields.base)
    return bytes.base === start ? offsetAt(view, fields.root) : undefined
  }
}

/** Of each version of the superblock: where the sizes of offsets and lengths, the base address and the root's header are. */
const superblockFields: ReadonlyArray<{ readonly sizes: number; readonly base: number; readonly root: number }> = [
  { sizes: 13, base: 24, root: 64 },
  { sizes: 13, base: 28, root: 68 },
  { sizes: 9, base: 12, root: 36 },
  { sizes: 9, base: 12, root: 36 }
]

interface Message {
  readonly type: number
  /** Where the data are in the file, from its base address. */
  readonly address: number
  readonly data: DataView
}

/** A stretch of messages. */
interface MessageBlock {
  readonly address: number
  readonly length: number
}

/** All messages of an object header. */
export const messagesOf = (bytes: FileBytes, header: number): ReadonlyArray<Message> => {
  const start = bytes.at(header, 6)
  const isNewer = signatureOf(start) === "OHDR"
  if (!isNewer && start.getUint8(0) !== 1) throw new Unknown()
  const flags = isNewer ? start.getUint8(5) : 0
  const prefix = isNewer ? 4 + (flags & headerFlags.creationOrder ? 2 : 0) : 8
  const messages: Array<Message> = []
  const blocks = [
    isNewer
      ? firstBlock(bytes, header, flags)
      : { address: header + 16, length: bytes.at(header + 8, 4).getUint32(0, true) }
  ]
  // A header whose continuations lead back to themselves would never end.
  for (let block = 0; block < blocks.length && block < mostBlocks; block++) {
    const { address, length } = blocks[block]!
    const view = bytes.at(address, length)
    for (let at = 0; at + prefix <= length; ) {
      const type = isNewer ? view.getUint8(at) : view.getUint16(at, true)
      const size = view.getUint16(at + (isNewer ? 1 : 2), true)
      if (at + prefix + size > length) throw new Unknown()
      const data = new DataView(view.buffer, at + prefix, size)
      if (type === messageTypes.continuation) blocks.push(continuation(data, isNewer))
      else messages.push({ type, address: address + at + prefix, data })
      at += prefix + size
    }
  }
  return messages
}

/** Flags of an object header of version 2. */
const headerFlags = { sizeOfLength: 0x03, creationOrder: 0x04, storagePhase: 0x10, times: 0x20 }

/** The first messages of an object header of version 2: after its optional fields and the length of the block itself. */
const firstBlock = (bytes: FileBytes, header: number, flags: number): MessageBlock => {
  const at = 6 + (flags & headerFlags.times ? 16 : 0) + (flags & headerFlags.storagePhase ? 4 : 0)
  const width = 1 << (flags & headerFlags.sizeOfLength)
  return { address: header + at + width, length: unsignedAt(bytes.at(header + at, width), 0, width) }
}

/** The messages of a continuation. In version 2 a signature comes before them, and a checksum after them. */
const continuation = (data: DataView, isNewer: boolean): MessageBlock => {
  const [address, length] = [offsetAt(data, 0), offsetAt(data, 8)]
  return isNewer ? { address: address + 4, length: length - 8 } : { address, length }
}

export const messageOf = (bytes: FileBytes, header: number, type: number): DataView | undefined =>
  messagesOf(bytes, header).find((message) => message.type === type)?.data

/** Where a message's data are in the file. */
export const messageAddress = (bytes: FileBytes, header: number, type: number): number | undefined => {
  const address = messagesOf(bytes, header).find((message) => message.type === type)?.address
  return address === undefined ? undefined : bytes.base + address
}

/** The object header of a group's member. */
export const memberHeader = (bytes: FileBytes, group: number, name: string): number | undefined => {
  const messages = messagesOf(bytes, group)
  const table = messages.find(({ type }) => type === messageTypes.symbolTable)?.data
  if (table !== undefined) return symbolOf(bytes, table, name)
  const links = messages.filter(({ type }) => type === messageTypes.link)
  return links.map(({ data }) => readLink(data)).find((link) => link?.name === name)?.header
}

/** Flags of a link message. */
const linkFlags = { sizeOfLength: 0x03, creationOrder: 0x04, type: 0x08, characterSet: 0x10 }

const hardLink = 0

const readLink = (data: DataView): { readonly name: string; readonly header: number } | undefined => {
  const flags = data.getUint8(1)
  if (flags & linkFlags.type && data.getUint8(2) !== hardLink) return undefined
  const skipped = [linkFlags.type, linkFlags.creationOrder, linkFlags.characterSet].map((flag, i) =>
    flags & flag ? [1, 8, 1][i]! : 0
  )
  const at = 2 + skipped.reduce((sum, size) => sum + size, 0)
  const width = 1 << (flags & linkFlags.sizeOfLength)
  const length = unsignedAt(data, at, width)
  const name = new Uint8Array(data.buffer, data.byteOffset + at + width, length)
  return { name: new TextDecoder().decode(name), header: offsetAt(data, at + width + length) }
}

/** The object header of a member of an older group, whose names are in a heap and whose symbols in a B-tree. */
const symbolOf = (bytes: FileBytes, table: DataView, name: string): number | undefined => {
  const heap = bytes.at(offsetAt(table, 8), 32)
  if (signatureOf(heap) !== "HEAP") throw new Unknown()
  const names = bytes.at(offsetAt(heap, 24), offsetAt(heap, 8))
  const wanted = new TextEncoder().encode(`${name}\0`)
  const hasName = (at: number) =>
    wanted.every((byte, i) => at + i < names.byteLength && names.getUint8(at + i) === byte)
  for (const leaf of leavesOf(bytes, offsetAt(table, 0), groupTree)) {
    const start = bytes.at(leaf.child, 8)
    if (signatureOf(start) !== "SNOD") throw new Unknown()
    const symbols = start.getUint16(6, true)
    const entries = bytes.at(leaf.child + 8, symbols * 40)
    for (let at = 0; at < symbols * 40; at += 40) {
      if (hasName(offsetAt(entries, at))) return offsetAt(entries, at + 8)
    }
  }
  return undefined
}

/** The two kinds of B-tree of version 1, and the bytes of their keys. */
export interface Tree {
  readonly type: number
  readonly keyBytes: number
}

const groupTree: Tree = { type: 0, keyBytes: 8 }

/**
 * The entries of a tree's leaves, in its order: each with the key before it. Nodes of a damaged tree may lead to one another; one that
 * was seen before, or whose level is not one less than that of the node above it, is none of a tree.
 */
export function* leavesOf(
  bytes: FileBytes,
  address: number,
  tree: Tree,
  seen: Set<number> = new Set(),
  above?: number
): Generator<{ readonly key: DataView; readonly child: number }> {
  const start = bytes.at(address, 24)
  const [level, used] = [start.getUint8(5), start.getUint16(6, true)]
  const isInPlace = above === undefined || level === above - 1
  if (signatureOf(start) !== "TREE" || start.getUint8(4) !== tree.type || !isInPlace || seen.has(address))
    throw new Unknown()
  seen.add(address)
  const entries = bytes.at(address + 24, used * (tree.keyBytes + 8))
  for (let at = 0; at < entries.byteLength; at += tree.keyBytes + 8) {
    const child = offsetAt(entries, at + tree.keyBytes)
    if (level > 0) yield* leavesOf(bytes, child, tree, seen, level)
    else yield { key: new DataView(entries.buffer, at, tree.keyBytes), child }
  }
}
