/** A piece of a computation on disk: arrays by their names, and what they are of (arrayFileFormat.ts). */
import { Effect, Schema } from "effect"
import type { InvalidArrayFile } from "./arrayFileFormat.ts"
import type { OutputNotWritten } from "./OutputNotWritten.ts"
import { type HeaderKind, openArrayFile } from "./readArrayFile.ts"
import { Count } from "./savedHeader.ts"
import { writeArrayFile } from "./writeArrayFile.ts"

const kinds = { float64: Float64Array, float32: Float32Array, uint32: Uint32Array, int32: Int32Array } as const

type Kind = keyof typeof kinds

export type PieceArray = Float64Array | Float32Array | Uint32Array | Int32Array

/** An object whose members are all arrays. */
export type PieceArrays<A> = { readonly [Name in keyof A]: PieceArray }

/** What a piece is of. */
export interface PieceLabel {
  readonly fingerprint: string
  /** How often the run that computed it had been interrupted and gone on with. */
  readonly resumes: number
}

const Header = Schema.Struct({
  kind: Schema.Literal("piece"),
  fingerprint: Schema.String,
  resumes: Count,
  arrays: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      kind: Schema.Literals(["float64", "float32", "uint32", "int32"]),
      length: Count
    })
  )
})

type Header = typeof Header.Type

const pieceFile: HeaderKind<Header> = {
  kind: "piece",
  schema: Header,
  bytesOf: ({ arrays }) => arrays.reduce((sum, { kind, length }) => sum + length * kinds[kind].BYTES_PER_ELEMENT, 0)
}

const kindOf = (array: PieceArray): Kind =>
  (Object.keys(kinds) as ReadonlyArray<Kind>).find((kind) => array instanceof kinds[kind])!

/** Writes a piece, whole or not at all. Errors: `OutputNotWritten`. */
export const savePiece = (file: string, piece: object, label: PieceLabel): Effect.Effect<void, OutputNotWritten> =>
  Effect.suspend(() => {
    const arrays = Object.entries<PieceArray>(piece as Readonly<Record<string, PieceArray>>)
    const header: typeof Header.Encoded = {
      kind: "piece",
      ...label,
      arrays: arrays.map(([name, array]) => ({ name, kind: kindOf(array), length: array.length }))
    }
    const pieces = arrays.map(
      ([, { buffer, byteOffset, byteLength }]) => new Uint8Array(buffer, byteOffset, byteLength)
    )
    return writeArrayFile(file, header, pieces)
  })

/** Reads a piece. Errors: `InvalidArrayFile`. */
export const loadPiece = Effect.fn("loadPiece")(function* (
  file: string
): Effect.fn.Return<{ readonly label: PieceLabel; readonly arrays: unknown }, InvalidArrayFile> {
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const { header, read } = yield* openArrayFile(file, [pieceFile])
      const arrays = header.arrays.map(({ name, kind, length }) => [name, new kinds[kind](length)] as const)
      yield* read(arrays.map(([, array]) => array))
      const { fingerprint, resumes } = header
      return { label: { fingerprint, resumes }, arrays: Object.fromEntries(arrays) as unknown }
    })
  )
})
