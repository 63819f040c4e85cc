/**
 * Looks at the heaps that hold text of variable length, as attributes have it, before the HDF5 library does: where a damaged one says
 * that a piece of free space has 0 bytes, the library goes round in it for ever.
 *
 * Source: HDF5 File Format Specification, version 3.0, III.E (global heap) and IV.A.2.m (attribute message).
 */
import { closeSync, openSync } from "node:fs"
import { wordsFor } from "../../files/systemWords.ts"
import { FileBytes, messagesOf, messageTypes, offsetAt, rootHeader } from "./hdf5Format.ts"

const variableLength = 9

/** A value of variable length: its own length, the address of its heap, its number there. */
const referenceBytes = 16

const objectHeaderBytes = 16

const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8

/** The heaps that an attribute's value lies in. */
const heapsOf = (attribute: DataView): ReadonlyArray<number> => {
  const version = attribute.getUint8(0)
  const sizes = [2, 4, 6].map((at) => attribute.getUint16(at, true)) as [number, number, number]
  // Version 1 fills its parts up to 8 bytes, version 3 says how the name is encoded.
  const [name, type, space] = version === 1 ? (sizes.map(padded) as [number, number, number]) : sizes
  const start = version === 3 ? 9 : 8
  if ((attribute.getUint8(start + name) & 0x0f) !== variableLength) return []
  const heaps: Array<number> = []
  for (let at = start + name + type + space; at + referenceBytes <= attribute.byteLength; at += referenceBytes) {
    heaps.push(offsetAt(attribute, at + 4))
  }
  return heaps
}

const isDamaged = (bytes: FileBytes, address: number): boolean => {
  const end = offsetAt(bytes.at(address, 16), 8)
  const heap = bytes.at(address, end)
  for (let at = 16; at + objectHeaderBytes <= end; ) {
    const size = offsetAt(heap, at + 8)
    const isFree = heap.getUint16(at, true) === 0
    const whole = isFree ? size : objectHeaderBytes + padded(size)
    if (whole < objectHeaderBytes || at + whole > end) return true
    at += whole
  }
  return false
}

/** Whether text of one of the root group's attributes lies in a damaged heap, as far as this module knows the file's format. Throws what the system says. */
export const hasDamagedHeap = (path: string): boolean => {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, "r")
    const bytes = new FileBytes(descriptor)
    const root = rootHeader(bytes)
    if (root === undefined) return false
    const attributes = messagesOf(bytes, root).filter(({ type }) => type === messageTypes.attribute)
    const heaps = new Set(attributes.flatMap(({ data }) => heapsOf(data)))
    return [...heaps].filter((heap) => heap > 0).some((heap) => isDamaged(bytes, heap))
  } catch (cause) {
    if (wordsFor(cause) !== undefined) throw cause
    // Nothing that can be told of it here; the library says what is wrong.
    return false
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}
