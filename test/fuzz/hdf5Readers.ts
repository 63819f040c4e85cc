/**
 * What libraries read of an HDF5 file of a connectome: h5wasm, and h5py where it is installed. Both may fall over a spoilt file; the
 * next one is then read by a new instance. None of them is the instance that lnm uses.
 */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process"
import { createInterface } from "node:readline"

/** What is compared of a file. */
export interface Held {
  readonly gridIndex: ReadonlyArray<number>
  readonly affine: ReadonlyArray<number>
  readonly shape: ReadonlyArray<number>
  readonly series: ReadonlyArray<number> | undefined
  readonly timePoints: number
}

/** The datasets and attributes as they are stored. */
interface Stored {
  readonly shape: ReadonlyArray<number>
  readonly indices: ReadonlyArray<number>
  readonly axisFirst: boolean
  readonly affine: ReadonlyArray<number>
  readonly series: ReadonlyArray<number>
}

const heldOf = ({ shape, indices, axisFirst, affine, series }: Stored): Held => {
  const voxels = indices.length / 3
  const axisOf = (voxel: number, axis: number) => indices[axisFirst ? axis * voxels + voxel : 3 * voxel + axis]!
  const gridIndex = Array.from(
    { length: voxels },
    (_, v) => axisOf(v, 0) + shape[0]! * (axisOf(v, 1) + shape[1]! * axisOf(v, 2))
  )
  return { gridIndex, affine, shape, series, timePoints: 0 }
}

/** More values than any file here has; a spoilt one may say that it has more. */
const mostValues = 1e6

type H5wasm = typeof import("h5wasm/node")["default"]

let h5wasm: Promise<H5wasm> | undefined
let instances = 0

/** A module is evaluated once for each address, and with it a library of its own is made. */
const startH5wasm = async (): Promise<H5wasm> => {
  const { default: library } = (await import(
    `${import.meta.resolve("h5wasm/node")}?reader=${instances++}`
  )) as typeof import("h5wasm/node")
  const module = await library.ready
  module.activate_throwing_error_handler()
  return library
}

/** Undefined where the library does not read the file. */
export const readByH5wasm = async (path: string): Promise<Held | undefined> => {
  h5wasm ??= startH5wasm()
  const library = await h5wasm
  let file: InstanceType<H5wasm["File"]> | undefined
  try {
    file = new library.File(path, "r")
    const opened = file
    const dataset = (name: string) =>
      opened.get(name) as unknown as {
        readonly value: ArrayLike<number | bigint>
        readonly shape: ReadonlyArray<number>
      }
    const numbers = (values: ArrayLike<number | bigint>) => Array.from(values, Number)
    const { shape } = dataset("timeseries")
    if (shape.reduce((product, extent) => product * extent, 1) > mostValues) throw new Error("too many values")
    const held = heldOf({
      shape: numbers(opened.attrs.mask_shape!.value as ArrayLike<number>),
      indices: numbers(dataset("mask_indices").value),
      axisFirst: dataset("mask_indices").shape[0] === 3,
      affine: numbers(dataset("mask_affine").value),
      series: numbers(dataset("timeseries").value)
    })
    return held
  } catch {
    return undefined
  } finally {
    if (!(await isClosed(library, file))) h5wasm = undefined
  }
}

/** Whether a library is as it was: it can close the file, and has nothing of it open. One that has aborted cannot. */
const isClosed = async (library: H5wasm, file: InstanceType<H5wasm["File"]> | undefined): Promise<boolean> => {
  const { FS } = (await library.ready) as unknown as { readonly FS: { readonly streams: ReadonlyArray<unknown> } }
  try {
    file?.close()
    // The three first are the standard streams.
    return FS.streams.slice(3).every((stream) => stream === null || stream === undefined)
  } catch {
    return false
  }
}

const python = "/usr/bin/python3"

/** Answers each path on its input with a line of JSON. NaN and infinities come as text, which JSON lacks. */
const h5pyScript = `
import sys, json, numpy, h5py
def plain(a):
    return [x if x == x and abs(x) != float("inf") else str(x) for x in numpy.asarray(a).astype("f8").ravel().tolist()]
for path in sys.stdin:
    try:
        with h5py.File(path.rstrip("\\n"), "r") as f:
            if f["timeseries"].size > ${mostValues}: raise ValueError
            print(json.dumps(dict(shape=plain(f.attrs["mask_shape"]), indices=plain(f["mask_indices"][()]),
                axisFirst=f["mask_indices"].shape[0] == 3, affine=plain(f["mask_affine"][()]), series=plain(f["timeseries"][()]))))
    except Exception:
        print("null")
    sys.stdout.flush()
`

const hasH5py = (() => {
  try {
    execFileSync(python, ["-c", "import h5py"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
})()

interface H5py {
  readonly process: ChildProcessWithoutNullStreams
  readonly lines: AsyncIterator<string>
}

let h5py: H5py | undefined

const startH5py = (): H5py => {
  const process = spawn(python, ["-B", "-c", h5pyScript])
  // Where it has died nobody reads what it is told.
  process.stdin.on("error", () => {})
  process.stderr.resume()
  return { process, lines: createInterface(process.stdout)[Symbol.asyncIterator]() }
}

/** Seconds that h5py has for a file: a spoilt one can send it round for ever. */
const h5pySeconds = 5

/** Undefined where h5py does not read the file, or is not there. */
export const readByH5py = async (path: string): Promise<Held | undefined> => {
  if (!hasH5py) return undefined
  h5py ??= startH5py()
  const { process, lines } = h5py
  const deadline = setTimeout(() => process.kill("SIGKILL"), h5pySeconds * 1000)
  process.stdin.write(`${path}\n`)
  const answer = await lines.next()
  clearTimeout(deadline)
  if (answer.done) {
    h5py = undefined
    return undefined
  }
  const stored = JSON.parse(answer.value) as Stored | null
  if (stored === null) return undefined
  const numbers = (values: ReadonlyArray<number | string>) =>
    values.map((value) => (value === "inf" ? Infinity : value === "-inf" ? -Infinity : Number(value)))
  return heldOf({ ...stored, series: numbers(stored.series), affine: numbers(stored.affine) })
}

export const closeReaders = (): void => {
  h5py?.process.kill()
}
