/** NumPy files of one matrix (`.npy`, versions 1 to 3), as far as a connectome needs them: type, shape, and where the values begin. */
import { open } from "node:fs/promises"
import type { NumberType } from "../hdf5/hdf5Numbers.ts"

export interface NpyMatrix {
  readonly type: NumberType
  readonly littleEndian: boolean
  readonly shape: ReadonlyArray<number>
  /** Whether the first axis is the fastest. */
  readonly fortranOrder: boolean
  /** Position of the first value within the file. */
  readonly start: number
  /** Of the file. */
  readonly bytes: number
}

const magic = Buffer.from("\x93NUMPY", "latin1")

/** NumPy itself refuses to parse longer descriptions. */
const mostHeaderBytes = 10_000

const kinds: Readonly<Record<string, string>> = { f: "float", i: "int", u: "uint" }

const sizes: ReadonlySet<string> = new Set(["f2", "f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])

/** Reads the beginning of a file; throws where it is no NumPy file of numbers. */
export const readNpyHeader = async (file: string): Promise<NpyMatrix> => {
  await using handle = await open(file)
  const { size: bytes } = await handle.stat()
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(mostHeaderBytes + 12), 0, mostHeaderBytes + 12, 0)
  const beginning = buffer.subarray(0, bytesRead)
  if (bytesRead < 12 || !beginning.subarray(0, 6).equals(magic)) throw new Error("it is no NumPy file")
  const isFirst = beginning[6] === 1
  const [from, length] = isFirst ? [10, beginning.readUInt16LE(8)] : [12, beginning.readUInt32LE(8)]
  if (from + length > bytesRead) throw new Error("its description is longer than NumPy allows, or cut off")
  const text = beginning.subarray(from, from + length).toString("latin1")
  const described = /'descr':\s*'([<>|=])([fiu]\d)'/.exec(text)
  const shape = /'shape':\s*\(([\d\s,]*)\)/.exec(text)
  const order = /'fortran_order':\s*(True|False)/.exec(text)
  if (described === null || !sizes.has(described[2]!) || shape === null || order === null) {
    throw new Error(`it does not hold numbers of a known type: ${text.trim()}`)
  }
  return {
    type: `${kinds[described[2]![0]!]}${8 * Number(described[2]![1])}` as NumberType,
    littleEndian: described[1] !== ">",
    shape: shape[1]!.split(",").flatMap((size) => (size.trim() === "" ? [] : [Number(size)])),
    fortranOrder: order[1] === "True",
    start: from + length,
    bytes
  }
}
