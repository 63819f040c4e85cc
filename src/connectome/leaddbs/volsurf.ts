/**
 * `dataset_volsurf.mat` of a Lead-DBS connectome: its grid, which voxels of it have time series, and which runs each subject has.
 * Other parts (surfaces) are not looked at.
 *
 * Read from MATLAB files of version 5 and 7.3 into one form: numbers in MATLAB's order, text, and cells.
 */
import { Effect } from "effect"
import { multiply } from "../../imaging/affine.ts"
import { type Grid, voxelsOf } from "../../imaging/Grid.ts"
import { makeGrid } from "../../imaging/makeGrid.ts"
import { InvalidConnectome } from "../Connectome.ts"
import type { Hdf5File } from "../hdf5/hdf5Library.ts"
import { decodeNumbers, numberForms } from "../hdf5/hdf5Numbers.ts"
import { askHdf5, openHdf5 } from "../hdf5/openHdf5.ts"
import { listMat5Variables, readMat5Variable } from "./mat5Elements.ts"
import { type MatValue, matValueAt } from "./mat5Values.ts"
import { matKindOf, onMat5 } from "./matKind.ts"

/** Name of the file: a folder that has it is a Lead-DBS connectome. */
export const volsurfName = "dataset_volsurf.mat"

/** What the file says. */
export interface Volsurf {
  readonly grid: Grid
  /** Shape: (voxels), in the order of the time series: elements of the grid, from 0. */
  readonly gridIndex: Int32Array
  readonly subjects: ReadonlyArray<{ readonly id: string; readonly runs: ReadonlyArray<string> }>
}

/** The file's parts as they are stored; undefined where one is missing or of another kind. */
interface Parts {
  readonly dim: ArrayLike<number> | undefined
  readonly mat: ArrayLike<number> | undefined
  readonly outidx: ArrayLike<number> | undefined
  readonly subIDs: Cell | undefined
}

type Cell = string | ReadonlyArray<Cell>

export const readVolsurf = Effect.fn("readVolsurf")(function* (file: string) {
  const kind = yield* matKindOf(file)
  const parts = yield* kind === "5"
    ? onMat5(file, () => partsOf5(file))
    : Effect.scoped(Effect.flatMap(openHdf5(file), (opened) => askHdf5(opened, partsOf73)))
  const grid = yield* gridOf(file, parts)
  const gridIndex = yield* elementsOf(file, grid, parts)
  const volsurf: Volsurf = { grid, gridIndex, subjects: yield* subjectsOf(file, parts) }
  return volsurf
})

const partsOf5 = async (file: string): Promise<Parts> => {
  const variable = (await listMat5Variables(file)).find(({ name }) => name === "vol")
  if (variable === undefined) return { dim: undefined, mat: undefined, outidx: undefined, subIDs: undefined }
  const vol = matValueAt(await readMat5Variable(variable), 0, variable.littleEndian)
  const space = fieldOf(vol, "space")
  return {
    dim: numbersOf(fieldOf(space, "dim")),
    mat: numbersOf(fieldOf(space, "mat")),
    outidx: numbersOf(fieldOf(vol, "outidx")),
    subIDs: cellOf(fieldOf(vol, "subIDs"))
  }
}

const fieldOf = (value: MatValue | undefined, name: string): MatValue | undefined =>
  value?.kind === "struct" ? value.fields.get(name) : undefined

const numbersOf = (value: MatValue | undefined): Float64Array | undefined => {
  if (value?.kind !== "numbers") return undefined
  const { type, littleEndian, bytes } = value.numbers
  const numbers = new Float64Array(Math.floor(bytes.length / numberForms[type].bytes))
  decodeNumbers(bytes, type, numbers, littleEndian)
  return numbers
}

const cellOf = (value: MatValue | undefined): Cell | undefined => {
  if (value?.kind === "text") return value.text
  if (value?.kind === "numbers") return [...numbersOf(value)!].join(" ")
  return value?.kind === "cells" ? value.cells.map((each) => cellOf(each) ?? "") : undefined
}

const partsOf73 = (file: Hdf5File): Parts => {
  const numbers = (name: string) =>
    file.dataset(name) === undefined ? undefined : Float64Array.from(file.readAll(name) as ArrayLike<number>, Number)
  return {
    dim: numbers("vol/space/dim"),
    mat: numbers("vol/space/mat"),
    outidx: numbers("vol/outidx"),
    subIDs: file.dataset("vol/subIDs") === undefined ? undefined : file.readCells("vol/subIDs")
  }
}

const wrong = (file: string, problem: string) =>
  Effect.fail(
    new InvalidConnectome({
      file,
      problem,
      remedy: "Give the folder of a Lead-DBS connectome as it was downloaded."
    })
  )

/** MATLAB counts voxels from 1: its matrix takes (1, 1, 1) to where ours takes (0, 0, 0). */
const fromZero = [1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1]

const gridOf = Effect.fnUntraced(function* (file: string, { dim, mat }: Parts) {
  if (dim === undefined || mat === undefined || mat.length !== 16) {
    return yield* wrong(file, "it does not say its grid: `vol.space.dim` and the 4 × 4 `vol.space.mat`")
  }
  const byRows = Array.from({ length: 16 }, (_, n) => mat[4 * (n % 4) + Math.floor(n / 4)]!)
  return yield* Effect.fromResult(makeGrid(Array.from(dim).slice(0, 3), multiply(byRows, fromZero))).pipe(
    Effect.catch(({ part, problem }) => wrong(file, `\`vol.space.${part === "shape" ? "dim" : "mat"}\` ${problem}`))
  )
})

const elementsOf = Effect.fnUntraced(function* (file: string, grid: Grid, { outidx }: Parts) {
  if (outidx === undefined || outidx.length === 0) {
    return yield* wrong(file, "it does not say which voxels it has: `vol.outidx`")
  }
  const size = voxelsOf(grid)
  const seen = new Uint8Array(size)
  const elements = new Int32Array(outidx.length)
  for (let v = 0; v < elements.length; v++) {
    const number = outidx[v]!
    if (!Number.isInteger(number) || number < 1 || number > size) {
      return yield* wrong(file, `\`vol.outidx\` has ${number}, which is not a voxel of ${grid.shape.join(" × ")}`)
    }
    if (seen[number - 1] === 1) return yield* wrong(file, `\`vol.outidx\` has voxel ${number} twice`)
    seen[number - 1] = 1
    elements[v] = number - 1
  }
  return elements
})

const subjectsOf = Effect.fnUntraced(function* (file: string, { subIDs }: Parts) {
  if (subIDs === undefined || typeof subIDs === "string") {
    return yield* wrong(file, "it does not say which subjects it has: the cells `vol.subIDs`")
  }
  const subjects: Array<Volsurf["subjects"][number]> = []
  for (const [n, subject] of subIDs.entries()) {
    const [id, ...runs] = typeof subject === "string" ? [] : subject
    if (typeof id !== "string" || runs.length === 0 || !runs.every((run) => typeof run === "string" && run !== "")) {
      return yield* wrong(file, `subject ${n + 1} of \`vol.subIDs\` is not an id and the names of its runs`)
    }
    subjects.push({ id, runs: runs as ReadonlyArray<string> })
  }
  return subjects
})
