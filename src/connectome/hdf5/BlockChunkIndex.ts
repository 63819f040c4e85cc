/** Where the values of one block of an HDF5 connectome lie in its file: plain data that can be sent to a worker. */

export type BlockChunkIndex =
  | { readonly kind: "contiguous"; readonly address: number }
  | {
      readonly kind: "chunked"
      readonly littleEndian: boolean
      /** In the order in which they were applied. */
      readonly filters: ReadonlyArray<string>
      /** Of each storage chunk that the block touches, the last axis fastest. */
      readonly chunks: ReadonlyArray<StoredChunk>
    }

/** Where a storage chunk lies. Of its mask bit n is set where filter n left it as it was, as lzf does with noise. */
export type StoredChunk = readonly [address: number, bytes: number, mask: number]
