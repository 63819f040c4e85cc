/** The arrays of a task or of its answer that change hands instead of being copied. */
export const transfersOf = (arrays: object): Array<ArrayBuffer> =>
  Object.values(arrays).flatMap((value) =>
    value instanceof Float64Array || value instanceof BigInt64Array ? [value.buffer as ArrayBuffer] : []
  )
