/** What is written to a file: bytes, text, or pieces of them. */

/** Content in pieces that are made as they are written, so that a table of gigabytes is never held whole. */
export interface Pieces {
  /** A piece holds until the next is asked for: they may share their memory. */
  readonly pieces: () => Iterable<string | Uint8Array>
}

export type Content = Uint8Array | string | Pieces

/** Content of any kind, piece by piece. */
export const piecesOf = (content: Content): Iterable<Uint8Array | string> =>
  typeof content === "string" || content instanceof Uint8Array ? [content] : content.pieces()
