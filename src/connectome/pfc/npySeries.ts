/** The time series of one run in a NumPy file: a matrix of time points × voxels, as the pfc-toolkit keeps its subjects. */
import { open } from "node:fs/promises"
import { Effect } from "effect"
import { wordsFor } from "../../files/systemWords.ts"
import { InvalidConnectome } from "../Connectome.ts"
import { makeRowWriter, numberForms } from "../hdf5/hdf5Numbers.ts"
import { notReadable } from "../pathFailures.ts"
import type { RunFile } from "../RunFiles.ts"
import { type NpyMatrix, readNpyHeader } from "./npyFile.ts"

const onNpy = <A>(file: string, step: () => Promise<A>): Effect.Effect<A, InvalidConnectome> =>
  Effect.tryPromise({
    try: step,
    catch: (cause) =>
      wordsFor(cause) === undefined
        ? new InvalidConnectome({
            file,
            problem: (cause as Error).message,
            remedy: "Check that it was copied whole, or leave it out with a pattern.",
            cause
          })
        : notReadable(file, cause)
  })

/** Looks at a run: how long it is, and how it is stored. Reads none of its time series. */
export const lookAtNpy = Effect.fnUntraced(function* (file: string, voxels: number) {
  const matrix = yield* onNpy(file, () => readNpyHeader(file))
  const { shape, type, start, bytes, fortranOrder } = matrix
  const refuse = (problem: string, remedy: string) => new InvalidConnectome({ file, problem, remedy })
  if (shape.length !== 2 || shape[1] !== voxels || fortranOrder) {
    const order = fortranOrder ? ", the first axis fastest" : ""
    const problem = `it is ${shape.join(" × ")}${order}, not time points × ${voxels} voxels of the mask, the last axis fastest`
    return yield* refuse(problem, "Give the mask that the file was made with, or leave the file out with a pattern.")
  }
  const timePoints = shape[0]!
  const expected = start + timePoints * voxels * numberForms[type].bytes
  if (bytes !== expected) {
    return yield* refuse(`it has ${bytes} bytes instead of ${expected}`, "The file is damaged; copy it again.")
  }
  const run: RunFile<NpyMatrix> = {
    ...{ file, timePoints, bytes, place: matrix },
    readingBytes: voxels * (numberForms[type].bytes + 2 * Float64Array.BYTES_PER_ELEMENT),
    storage: `NumPy, ${type}`
  }
  return run
})

/**
 * Reads a run, a time point after the other.
 *
 * Shapes: `into` is (time points, voxels), filled whole.
 *
 * Numerics: float32. Of numbers that float32 does not hold each voxel's first time point is subtracted before rounding.
 */
export const readNpy = (
  { file, timePoints, place: { type, littleEndian, start } }: Pick<RunFile<NpyMatrix>, "file" | "timePoints" | "place">,
  voxels: number,
  into: Float32Array
): Effect.Effect<void, InvalidConnectome> =>
  onNpy(file, async () => {
    await using handle = await open(file)
    const row = new Uint8Array(voxels * numberForms[type].bytes)
    const writer = makeRowWriter(type, voxels, littleEndian)
    for (let t = 0; t < timePoints; t++) {
      const { bytesRead } = await handle.read(row, 0, row.length, start + t * row.length)
      if (bytesRead < row.length) throw new Error(`it ends within time point ${t}`)
      writer.write(row, t, 0, into.subarray(t * voxels, (t + 1) * voxels))
    }
  })
