/**
 * The time series of one run of a Lead-DBS connectome: the matrix `gmtc` of a MATLAB file, of version 5 or 7.3.
 *
 * MATLAB keeps the first axis of a matrix fastest. Datasets up to format 1 are voxels × time points, which is the order of a connectome
 * here; later ones are time points × voxels, which is brought into that order. HDF5 lists the axes the other way round.
 */
import { stat } from "node:fs/promises"
import { Effect } from "effect"
import { InvalidConnectome } from "../Connectome.ts"
import type { Hdf5File } from "../hdf5/hdf5Library.ts"
import { decodeNumbers, makeRowWriter, type NumberType, numberForms, numberTypeOf } from "../hdf5/hdf5Numbers.ts"
import { askHdf5, openHdf5 } from "../hdf5/openHdf5.ts"
import { orderByTime } from "../orderByTime.ts"
import { onPath } from "../pathFailures.ts"
import type { RunFile } from "../RunFiles.ts"
import { listMat5Variables, type Mat5Variable, readMat5Variable } from "./mat5Elements.ts"
import { matKindOf, onMat5 } from "./matKind.ts"

/** Name of the matrix. */
const matrixName = "gmtc"

/** Which axis of the matrix is time. */
export type TimeAxis = "first" | "second"

/** Where a run's numbers are: plain data. */
export type GmtcPlace =
  | { readonly version: "5"; readonly timeAxis: TimeAxis; readonly variable: Mat5Variable; readonly type: NumberType }
  | {
      readonly version: "7.3"
      readonly timeAxis: TimeAxis
      readonly type: NumberType
      /** Extent of a storage chunk along the slow axis of the file; 1 where the values lie in one piece. */
      readonly chunk: number
    }

/**
 * What reading takes beyond the buffers that are counted, with runs of 240 time points of 228,453 voxels, rounded up: the HDF5 library and its caches,
 * and pieces that zlib has inflated and nobody has collected yet.
 */
const libraryBytes = 20e6
const inflatedBytes = 40e6

/** Bytes that one call of the HDF5 library reads, where storage chunks are not larger. */
const slabBytes = 4 * 2 ** 20

const refuse = (file: string, problem: string, remedy: string) => new InvalidConnectome({ file, problem, remedy })

const noMatrix = (file: string) =>
  refuse(file, `it holds no matrix \`${matrixName}\` of real numbers`, "Give the run files of a Lead-DBS connectome.")

/** Time points of a matrix of these MATLAB dimensions; an error where it is not of the connectome's voxels. */
const timePointsOf = (file: string, dims: ReadonlyArray<number>, timeAxis: TimeAxis, voxels: number) => {
  const [rows = 0, columns = 0] = dims
  const [found, timePoints] = timeAxis === "second" ? [rows, columns] : [columns, rows]
  if (dims.length === 2 && found === voxels) return Effect.succeed(timePoints)
  const wanted = timeAxis === "second" ? `${voxels} voxels × time points` : `time points × ${voxels} voxels`
  const turned = (timeAxis === "second" ? columns : rows) === voxels
  const remedy = turned
    ? "Its axes are the other way round: correct `formatversion` in dataset_info.json (1: voxels first, 2: time points first)."
    : "Give the runs that dataset_volsurf.mat belongs to."
  return Effect.fail(refuse(file, `\`${matrixName}\` is ${dims.join(" × ")}, not ${wanted}`, remedy))
}

/** Looks at a run: how long it is, and how it is stored. Reads none of its time series. */
export const lookAtGmtc = Effect.fnUntraced(function* (file: string, timeAxis: TimeAxis, voxels: number) {
  const version = yield* matKindOf(file)
  const { size: bytes } = yield* onPath(file, () => stat(file))
  return yield* version === "5"
    ? lookAt5(file, timeAxis, voxels, bytes)
    : Effect.scoped(Effect.flatMap(openHdf5(file), (opened) => lookAt73(opened, timeAxis, voxels, bytes)))
})

const lookAt5 = Effect.fnUntraced(function* (file: string, timeAxis: TimeAxis, voxels: number, bytes: number) {
  const variables = yield* onMat5(file, () => listMat5Variables(file))
  const variable = variables.find(({ name }) => name === matrixName)
  if (variable?.numberType === undefined) return yield* noMatrix(file)
  const { numberType: type, dims, valueBytes, firstByte } = variable
  const timePoints = yield* timePointsOf(file, dims, timeAxis, voxels)
  const expected = timePoints * voxels * numberForms[type].bytes
  if (valueBytes !== expected || firstByte + valueBytes > variable.bytes) {
    const problem = `\`${matrixName}\` has ${valueBytes} bytes instead of ${expected}`
    return yield* refuse(file, problem, "The file is damaged; copy it again.")
  }
  const run: RunFile<GmtcPlace> = {
    ...{ file, timePoints, bytes },
    readingBytes: inflatedBytes + variable.bytes + 2 * rowsBytes(timePoints, voxels),
    place: { version: "5", timeAxis, variable, type },
    storage: `MATLAB v5, ${type}${variable.compressed ? ", gzip" : ""}`
  }
  return run
})

const lookAt73 = Effect.fnUntraced(function* (opened: Hdf5File, timeAxis: TimeAxis, voxels: number, bytes: number) {
  const file = opened.path
  const found = yield* askHdf5(opened, (each) => each.dataset(matrixName))
  const type = found === undefined ? undefined : numberTypeOf(found.metadata)
  if (found === undefined || type === undefined) return yield* noMatrix(file)
  const timePoints = yield* timePointsOf(file, [...found.shape].reverse(), timeAxis, voxels)
  const chunk = found.metadata.chunks?.[0] ?? 1
  const filters = found.filters.map((filter) => (filter === "deflate" ? "gzip" : filter))
  const width = timeAxis === "second" ? voxels : timePoints
  const slab = Math.max(slabBytes, chunk * width * numberForms[type].bytes)
  const run: RunFile<GmtcPlace> = {
    ...{ file, timePoints, bytes },
    readingBytes: libraryBytes + 3 * slab + 2 * rowsBytes(1, voxels),
    place: { version: "7.3", timeAxis, type, chunk },
    storage: ["MATLAB v7.3", type, ...filters].join(", ")
  }
  return run
})

/** Bytes of float64 rows that are decoded at a time. */
const rowsBytes = (timePoints: number, voxels: number): number =>
  Float64Array.BYTES_PER_ELEMENT * Math.max(voxels, Math.min(timePoints * blockVoxels, slabBytes))

/**
 * Reads a run.
 *
 * Shapes: `into` is (time points, voxels), filled whole.
 *
 * Numerics: float32. Of numbers that float32 does not hold each voxel's first time point is subtracted before rounding.
 */
export const readGmtc = (
  { file, place, timePoints }: Pick<RunFile<GmtcPlace>, "file" | "place" | "timePoints">,
  voxels: number,
  into: Float32Array
): Effect.Effect<void, InvalidConnectome> =>
  place.version === "5"
    ? readFrom5(place, timePoints, voxels, into)
    : Effect.scoped(Effect.flatMap(openHdf5(file), (opened) => readFrom73(opened, place, timePoints, voxels, into)))

/** Consecutive rows of a file's slow axis. */
type Rows = (first: number, count: number) => Uint8Array

interface Matrix {
  readonly type: NumberType
  readonly littleEndian?: boolean
  readonly timeAxis: TimeAxis
  readonly timePoints: number
  readonly voxels: number
}

/** Voxels that are turned at a time, at least: their rows of the result are written in whole cache lines. */
const blockVoxels = 16

/** Brings some rows of a matrix to where they belong. */
const makePlacer = ({ type, littleEndian, timeAxis, timePoints, voxels }: Matrix, into: Float32Array) => {
  if (timeAxis === "second") {
    const writer = makeRowWriter(type, voxels, littleEndian)
    const rowBytes = voxels * numberForms[type].bytes
    return (bytes: Uint8Array, first: number, count: number): void => {
      for (let n = 0; n < count; n++) {
        const t = first + n
        const row = into.subarray(t * voxels, (t + 1) * voxels)
        writer.write(bytes.subarray(n * rowBytes, (n + 1) * rowBytes), t, 0, row)
      }
    }
  }
  // Made once: the first rows are the most.
  let memory: Float64Array | undefined
  return (bytes: Uint8Array, first: number, count: number): void => {
    memory ??= new Float64Array(count * timePoints)
    const values = memory.subarray(0, count * timePoints)
    decodeNumbers(bytes, type, values, littleEndian)
    orderByTime(values, { voxels: count, timePoints, first, of: voxels, shift: !numberForms[type].exact }, into)
  }
}

/** Reads a matrix in calls of about `slabBytes`, in whole storage chunks. */
const readRows = Effect.fnUntraced(function* (
  file: string,
  matrix: Matrix,
  chunk: number,
  rowsAt: Rows,
  into: Float32Array
) {
  const { timeAxis, timePoints, voxels, type } = matrix
  const [rows, width] = timeAxis === "second" ? [timePoints, voxels] : [voxels, timePoints]
  const chunkBytes = chunk * width * numberForms[type].bytes
  const step = chunk * Math.max(1, Math.floor(slabBytes / chunkBytes))
  const place = makePlacer(matrix, into)
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first)
    yield* Effect.try({
      try: () => place(rowsAt(first, count), first, count),
      catch: (cause) => damagedMatrix(file, cause)
    })
    yield* Effect.yieldNow
  }
})

const damagedMatrix = (file: string, cause: unknown) =>
  new InvalidConnectome({
    file,
    problem: `\`${matrixName}\` cannot be read: ${(cause as Error).message.split("\n")[0]}`,
    remedy: "The file is damaged; copy it again.",
    cause
  })

const readFrom5 = Effect.fnUntraced(function* (
  { variable, timeAxis, type }: GmtcPlace & { readonly version: "5" },
  timePoints: number,
  voxels: number,
  into: Float32Array
) {
  const { file, littleEndian, firstByte, valueBytes } = variable
  const matrix: Matrix = { type, littleEndian, timeAxis, timePoints, voxels }
  const whole = yield* onMat5(file, () => readMat5Variable(variable))
  const rowBytes = (timeAxis === "second" ? voxels : timePoints) * numberForms[type].bytes
  const values = whole.subarray(firstByte, firstByte + valueBytes)
  const rowsAt: Rows = (first, count) => values.subarray(first * rowBytes, (first + count) * rowBytes)
  yield* readRows(file, matrix, timeAxis === "second" ? 1 : blockVoxels, rowsAt, into)
})

const readFrom73 = (
  opened: Hdf5File,
  { type, timeAxis, chunk }: GmtcPlace & { readonly version: "7.3" },
  timePoints: number,
  voxels: number,
  into: Float32Array
) => {
  const width = timeAxis === "second" ? voxels : timePoints
  const rowsAt: Rows = (first, count) => opened.readSlab(matrixName, [first, 0], [count, width])
  return readRows(opened.path, { type, timeAxis, timePoints, voxels }, chunk, rowsAt, into)
}
