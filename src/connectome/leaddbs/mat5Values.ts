/**
 * What the bytes of a variable in a MATLAB file of version 5 mean: arrays of numbers, text, cells and structures. Other classes
 * (objects, function handles, sparse arrays) are passed over. Pure; values are views of the bytes.
 */
import type { NumberType } from "../hdf5/hdf5Numbers.ts"

/** Types of data elements that are no numbers. */
export const types = { matrix: 14, compressed: 15, utf8: 16 } as const

const numberTypes: Readonly<Record<number, NumberType>> = {
  1: "int8",
  2: "uint8",
  3: "int16",
  4: "uint16",
  5: "int32",
  6: "uint32",
  7: "float32",
  9: "float64",
  12: "int64",
  13: "uint64"
}

/** Classes of arrays; those from double to uint64 are of numbers. */
const classes = { cell: 1, struct: 2, char: 4, double: 6, uint64: 15 } as const

const complexFlag = 0x0800

export type MatValue =
  | { readonly kind: "numbers"; readonly dims: ReadonlyArray<number>; readonly numbers: StoredNumbers }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "cells"; readonly cells: ReadonlyArray<MatValue> }
  /** Of an array of structures the first one. */
  | { readonly kind: "struct"; readonly fields: ReadonlyMap<string, MatValue> }
  | { readonly kind: "other" }

/** Numbers as they are stored, the first axis fastest: MATLAB keeps a double that is whole in fewer bytes. */
export interface StoredNumbers {
  readonly type: NumberType
  readonly littleEndian: boolean
  readonly bytes: Uint8Array
}

/** What the beginning of an array says. */
export interface ArrayHead {
  readonly name: string
  readonly dims: ReadonlyArray<number>
  /** Undefined where it is not an array of real numbers. */
  readonly numberType: NumberType | undefined
  /** Of its numbers: where they begin, from the array's tag on, and how many bytes they are. */
  readonly firstByte: number
  readonly valueBytes: number
}

interface Tag {
  readonly type: number
  readonly bytes: number
  /** Where the data begin. */
  readonly start: number
  /** Where the next element begins. */
  readonly next: number
}

const viewOf = (data: Uint8Array): DataView => new DataView(data.buffer, data.byteOffset, data.byteLength)

/** The tag at a position; up to four bytes of data may stand in the tag itself. */
export const tagAt = (data: Uint8Array, position: number, littleEndian: boolean): Tag => {
  if (position + 8 > data.length) throw new Error("a data element ends too early")
  const view = viewOf(data)
  const first = view.getUint32(position, littleEndian)
  if (first >>> 16 !== 0) {
    return { type: first & 0xffff, bytes: first >>> 16, start: position + 4, next: position + 8 }
  }
  const bytes = view.getUint32(position + 4, littleEndian)
  return { type: first, bytes, start: position + 8, next: position + 8 + 8 * Math.ceil(bytes / 8) }
}

/** Data of an element, which must be there. */
const dataOf = (data: Uint8Array, { start, bytes }: Tag): Uint8Array => {
  if (start + bytes > data.length) throw new Error("a data element ends too early")
  return data.subarray(start, start + bytes)
}

const textOf = (data: Uint8Array): string => Buffer.from(data).toString("latin1")

const integersOf = (data: Uint8Array, littleEndian: boolean): Array<number> => {
  const view = viewOf(data)
  return Array.from({ length: data.length / 4 }, (_, n) => view.getInt32(4 * n, littleEndian))
}

/** Flags, dimensions and name of the array whose tag begins at a position. */
const descriptionAt = (data: Uint8Array, position: number, littleEndian: boolean) => {
  const flagsTag = tagAt(data, tagAt(data, position, littleEndian).start, littleEndian)
  const flags = viewOf(dataOf(data, flagsTag)).getUint32(0, littleEndian)
  const arrayClass = flags & 0xff
  // Function handles and objects of newer classes have neither dimensions nor a name here.
  if (arrayClass > classes.uint64) return { arrayClass, isComplex: false, dims: [], name: "", next: flagsTag.next }
  const dimsTag = tagAt(data, flagsTag.next, littleEndian)
  const nameTag = tagAt(data, dimsTag.next, littleEndian)
  return {
    arrayClass,
    isComplex: (flags & complexFlag) !== 0,
    dims: integersOf(dataOf(data, dimsTag), littleEndian),
    name: textOf(dataOf(data, nameTag)),
    next: nameTag.next
  }
}

const isOfNumbers = (arrayClass: number): boolean => arrayClass >= classes.double && arrayClass <= classes.uint64

export const readHead = (data: Uint8Array, littleEndian: boolean): ArrayHead => {
  const { arrayClass, isComplex, dims, name, next } = descriptionAt(data, 0, littleEndian)
  if (!isOfNumbers(arrayClass)) return { name, dims, numberType: undefined, firstByte: next, valueBytes: 0 }
  const values = tagAt(data, next, littleEndian)
  return {
    name,
    dims,
    numberType: isComplex ? undefined : numberTypes[values.type],
    firstByte: values.start,
    valueBytes: values.bytes
  }
}

/** Text is kept as UTF-8, or as 8 or 16 bits a letter. */
const lettersOf = (data: Uint8Array, type: number, littleEndian: boolean): string => {
  if (type === types.utf8) return Buffer.from(data).toString("utf8")
  if (numberTypes[type] === "int8" || numberTypes[type] === "uint8") return textOf(data)
  const view = viewOf(data)
  return Array.from({ length: data.length >> 1 }, (_, n) =>
    String.fromCharCode(view.getUint16(2 * n, littleEndian))
  ).join("")
}

const sizeOf = (dims: ReadonlyArray<number>): number => dims.reduce((product, size) => product * size, 1)

/** Consecutive arrays. */
const arraysAt = (data: Uint8Array, position: number, count: number, littleEndian: boolean): Array<MatValue> => {
  const arrays: Array<MatValue> = []
  let at = position
  for (let n = 0; n < count; n++) {
    arrays.push(matValueAt(data, at, littleEndian))
    at = tagAt(data, at, littleEndian).next
  }
  return arrays
}

const structAt = (data: Uint8Array, position: number, littleEndian: boolean): MatValue => {
  const lengthTag = tagAt(data, position, littleEndian)
  const [width] = integersOf(dataOf(data, lengthTag), littleEndian)
  const namesTag = tagAt(data, lengthTag.next, littleEndian)
  const all = textOf(dataOf(data, namesTag))
  const names = Array.from({ length: width! > 0 ? Math.floor(all.length / width!) : 0 }, (_, n) =>
    all.slice(n * width!, (n + 1) * width!).replace(/\0.*$/s, "")
  )
  const values = arraysAt(data, namesTag.next, names.length, littleEndian)
  return { kind: "struct", fields: new Map(names.map((name, n) => [name, values[n]!])) }
}

/** The array whose tag begins at a position; throws where it is damaged. */
export const matValueAt = (data: Uint8Array, position: number, littleEndian: boolean): MatValue => {
  if (tagAt(data, position, littleEndian).bytes === 0) return { kind: "other" }
  const { arrayClass, isComplex, dims, next } = descriptionAt(data, position, littleEndian)
  if (arrayClass === classes.cell) return { kind: "cells", cells: arraysAt(data, next, sizeOf(dims), littleEndian) }
  if (arrayClass === classes.struct && sizeOf(dims) > 0) return structAt(data, next, littleEndian)
  if (arrayClass !== classes.char && !isOfNumbers(arrayClass)) return { kind: "other" }
  const values = tagAt(data, next, littleEndian)
  const bytes = dataOf(data, values)
  if (arrayClass === classes.char) return { kind: "text", text: lettersOf(bytes, values.type, littleEndian) }
  const type = numberTypes[values.type]
  return type === undefined || isComplex
    ? { kind: "other" }
    : { kind: "numbers", dims, numbers: { type, littleEndian, bytes } }
}
