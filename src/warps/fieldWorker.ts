/**
 * A worker that reads a displacement field into shared memory, and turns it to RAS+. What the HDF5 library takes for it is given back when
 * the worker ends, and the program's own thread hears Ctrl-C meanwhile. Free of Effect.
 */
import { parentPort } from "node:worker_threads"
import { hdf5Reason, loadHdf5Library } from "../connectome/hdf5/hdf5Library.ts"
import type { Reply } from "../runtime/WorkerPool.ts"
import { signOf } from "./signOf.ts"

export interface FieldTask {
  readonly kind: "displacement field"
  readonly writesNothing: true
  readonly file: string
  /** Name of the dataset. */
  readonly name: string
  /** Numbers that are read together. */
  readonly slab: number
  /** Shape: (voxels, 3), in shared memory. */
  readonly into: Float32Array
}

export interface FieldRead {
  readonly areFinite: boolean
  /** What is wrong with the file; then the field was not read. */
  readonly damage: string | undefined
}

/** Turns the numbers of a slab; `start` is the place of the first among all. Whether all are finite. */
const turnSlab = (bytes: Uint8Array, bytesPerNumber: number, start: number, into: Float32Array): boolean => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = bytes.byteLength / bytesPerNumber
  let areFinite = true
  for (let n = 0; n < length; n++) {
    const value = bytesPerNumber === 8 ? view.getFloat64(8 * n, true) : view.getFloat32(4 * n, true)
    into[start + n] = signOf((start + n) % 3) * value
    areFinite &&= Number.isFinite(into[start + n]!)
  }
  return areFinite
}

const readField = async ({ file: path, name, slab, into }: FieldTask): Promise<boolean> => {
  const library = await loadHdf5Library()
  const file = library.open(path)
  const bytesPerNumber = file.dataset(name)!.metadata.size
  let areFinite = true
  for (let start = 0; start < into.length && areFinite; start += slab) {
    const bytes = file.readSlab(name, [start], [Math.min(slab, into.length - start)])
    areFinite = turnSlab(bytes, bytesPerNumber, start, into)
  }
  file.close()
  return areFinite
}

parentPort!.on("message", (task: FieldTask) => {
  readField(task).then(
    (areFinite) => reply({ areFinite, damage: undefined }),
    (cause) => reply({ areFinite: false, damage: hdf5Reason(cause) })
  )
})

const reply = (done: FieldRead): void => parentPort!.postMessage({ ok: true, done } satisfies Reply<FieldRead>)
