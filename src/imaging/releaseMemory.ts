/**
 * Releases the memory of large arrays at once, instead of when they are next collected: V8 lets 64 MB of such memory lie
 * about before it looks.
 */

/** Afterwards the arrays, and all others on the same memory, have length 0. Only for memory that is theirs alone. */
export const releaseMemory = (...arrays: ReadonlyArray<ArrayBufferView | undefined>): void => {
  for (const array of arrays) {
    if (array?.buffer instanceof ArrayBuffer && array.byteLength > 0) array.buffer.transfer(0)
  }
}
