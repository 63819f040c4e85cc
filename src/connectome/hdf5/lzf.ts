/**
 * Undoes LZF, the compression that h5py calls `lzf` and the HDF5 library itself does not know.
 *
 * A stream is a row of instructions. A first byte below 32 is followed by that many bytes and one more, as they are; any other is
 * a reference to what was written before: three bits of length (7: another byte is added), then 13 bits of distance.
 *
 * Source: LibLZF 3.6, Marc Lehmann, http://oldhome.schmorp.de/marc/liblzf.html; h5py, lzf/lzf_filter.c (filter 32000).
 */

/** HDF5's registered number of the filter. */
export const lzfFilter = 32_000

const literals = 32
const longLength = 7

/**
 * Inflates a chunk.
 *
 * Shapes: `into` is as long as the chunk was; filled whole.
 *
 * Errors: throws where the stream is damaged: it ends early, points before its start, or does not fill `into` exactly.
 */
export const undoLzf = (from: Uint8Array, into: Uint8Array): void => {
  let at = 0
  let to = 0
  while (at < from.length) {
    const control = from[at++]!
    if (control < literals) {
      const length = control + 1
      if (at + length > from.length || to + length > into.length) throw damaged(to)
      for (let i = 0; i < length; i++) into[to++] = from[at++]!
      continue
    }
    let length = control >> 5
    if (length === longLength) length += from[at++] ?? Number.NaN
    length += 2
    let source = to - ((control & 31) << 8) - (from[at++] ?? Number.NaN) - 1
    if (!(source >= 0 && to + length <= into.length)) throw damaged(to)
    // Byte by byte: a reference may reach into what it writes itself.
    for (let i = 0; i < length; i++) into[to++] = into[source++]!
  }
  if (to !== into.length) throw damaged(to)
}

const damaged = (bytes: number): Error => new Error(`a chunk's lzf data is damaged, after ${bytes} bytes`)
