/** Reads a map that the command wrote, by the offsets of nifti1.h and nothing of the package. */
import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"

export interface WrittenMap {
  readonly shape: ReadonlyArray<number>
  readonly affine: ReadonlyArray<number>
  readonly values: Float32Array | Uint8Array
}

export const readMap = (file: string): WrittenMap => {
  const bytes = new Uint8Array(gunzipSync(readFileSync(file)))
  const view = new DataView(bytes.buffer)
  const start = view.getFloat32(108, true)
  const float = view.getInt16(70, true) === 16
  return {
    shape: [1, 2, 3].map((axis) => view.getInt16(40 + 2 * axis, true)),
    affine: Array.from({ length: 12 }, (_, n) => view.getFloat32(280 + 4 * n, true)),
    values: float ? new Float32Array(bytes.buffer.slice(start)) : bytes.slice(start)
  }
}
