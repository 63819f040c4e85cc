/**
 * Reads an ITK transform in HDF5, as ANTs writes and TemplateFlow publishes them: affine maps and displacement fields, alone or
 * in a composite. ITK's coordinates are LPS+; they are turned to RAS+ here.
 *
 * A composite's transforms are stored in the order in which they were added, and ITK applies the last of them first. Other kinds of
 * transforms are refused.
 *
 * Source: itkHDF5TransformIO.cxx, itkMatrixOffsetTransformBase.hxx, itkDisplacementFieldTransform.hxx, https://github.com/InsightSoftwareConsortium/ITK
 */
import { Effect, Schema } from "effect"
import type { InvalidConnectome } from "../connectome/Connectome.ts"
import type { Hdf5Dataset, Hdf5File } from "../connectome/hdf5/hdf5Library.ts"
import { askHdf5, openHdf5 } from "../connectome/hdf5/openHdf5.ts"
import { isSingular } from "../imaging/affine.ts"
import type { Grid } from "../imaging/Grid.ts"
import { type ImageTooLarge, inLoadingMemory } from "../imaging/loadingMemory.ts"
import { inSlices } from "../runtime/inSlices.ts"
import { makeWorkerPool, workerFile } from "../runtime/WorkerPool.ts"
import type { FieldRead, FieldTask } from "./fieldWorker.ts"
import { signOf } from "./signOf.ts"
import { type AffineStep, displacementStep, type Warp } from "./Warp.ts"

/** A file of transforms cannot be used. */
export class InvalidWarp extends Schema.TaggedError<InvalidWarp>()("InvalidWarp", {
  file: Schema.String,
  problem: Schema.String,
  remedy: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. ${this.remedy}`
  }
}

const invalid = (file: string, problem: string): InvalidWarp =>
  new InvalidWarp({
    file,
    problem,
    remedy: "Give an ITK transform in HDF5 with affine maps and displacement fields, as TemplateFlow has them"
  })

const ofHdf5 = ({ file, problem, cause }: InvalidConnectome): InvalidWarp =>
  new InvalidWarp({ file, problem, remedy: "Fetch it again", ...(cause === undefined ? {} : { cause }) })

/** The group that holds a transform. */
const groupOf = (index: number): string => `TransformGroup/${index}`

/** ITK before version 5 left out a letter. */
const spellings = ["Transform", "Tranform"]

/** The name under which a transform has its parameters, as the file spells it. */
const spelled = (file: Hdf5File, index: number, name: "Parameters" | "FixedParameters"): string | undefined =>
  spellings.map((word) => `${groupOf(index)}/${word}${name}`).find((candidate) => file.dataset(candidate) !== undefined)

/** The kinds of the file's transforms, without the numbers' type: "AffineTransform". */
const kindsOf = (file: Hdf5File): ReadonlyArray<string> => {
  const kinds: Array<string> = []
  for (;;) {
    const name = `${groupOf(kinds.length)}/TransformType`
    if (file.dataset(name) === undefined) return kinds
    kinds.push(String((file.readAll(name) as unknown as ReadonlyArray<string>)[0]))
  }
}

const numbersOf = (file: Hdf5File, name: string | undefined): ReadonlyArray<number> =>
  name === undefined ? [] : Array.from(file.readAll(name), Number)

/** x → M·(x - c) + c + t, from ITK's 9 + 3 parameters and the centre c. */
const affineOf = (parameters: ReadonlyArray<number>, centre: ReadonlyArray<number>): AffineStep => {
  const rows = [0, 1, 2].map((row) => {
    const matrix = parameters.slice(3 * row, 3 * row + 3)
    const moved = matrix.reduce((sum, value, column) => sum + value * centre[column]!, 0)
    const offset = parameters[9 + row]! + centre[row]! - moved
    return [...matrix.map((value, column) => signOf(row) * signOf(column) * value), signOf(row) * offset]
  })
  return { kind: "affine", matrix: [...rows.flat(), 0, 0, 0, 1] }
}

/** The grid of a field from its size, origin, spacing and direction. */
const gridOf = (fixed: ReadonlyArray<number>): Grid => {
  const [origin, spacing, direction] = [fixed.slice(3, 6), fixed.slice(6, 9), fixed.slice(9, 18)]
  const rows = [0, 1, 2].map((row) => [
    ...[0, 1, 2].map((column) => signOf(row) * direction[3 * row + column]! * spacing[column]!),
    signOf(row) * origin[row]!
  ])
  return { shape: [fixed[0]!, fixed[1]!, fixed[2]!], affine: [...rows.flat(), 0, 0, 0, 1] }
}

/** Numbers that are read at a time, where the file's own pieces are not larger. */
const slabNumbers = 2 ** 20

/** Numbers that are read together: whole pieces, as the file stores them. */
const slabOf = ({ metadata }: Hdf5Dataset): number => {
  const stored = metadata.chunks?.[0] ?? 1
  return stored * Math.max(1, Math.floor(slabNumbers / stored))
}

/** What the library holds of a piece: as stored, inflated, and as given. */
const copiesOfSlab = 3

/** Bytes that reading a field takes. */
const readingBytes = (numbers: number, found: Hdf5Dataset): number =>
  numbers * Float32Array.BYTES_PER_ELEMENT + copiesOfSlab * Math.min(numbers, slabOf(found)) * found.metadata.size

/** Reads displacements on a thread of its own, since this one could hear nothing meanwhile and would keep the library's memory. */
const readDisplacements = Effect.fnUntraced(function* (file: string, name: string, found: Hdf5Dataset) {
  const count = found.shape[0]!
  const into = new Float32Array(new SharedArrayBuffer(count * Float32Array.BYTES_PER_ELEMENT))
  const pool = yield* makeWorkerPool<null, FieldTask, FieldRead>([null], program)
  const slab = slabOf(found)
  const read = yield* pool.run({ kind: "displacement field", writesNothing: true, file, name, slab, into })
  return { into, ...read }
}, Effect.scoped)

const program = {
  file: workerFile("./fieldWorker", import.meta.url),
  remedy: "Give the process more memory, or fetch the file again."
}

const readAffine = Effect.fnUntraced(function* (file: Hdf5File, index: number) {
  const parameters = yield* askHdf5(file, () => numbersOf(file, spelled(file, index, "Parameters")))
  const centre = yield* askHdf5(file, () => numbersOf(file, spelled(file, index, "FixedParameters")))
  if (parameters.length !== 12 || centre.length !== 3) {
    return yield* invalid(
      file.path,
      `its affine map has ${parameters.length} and ${centre.length} numbers, instead of 12 and 3`
    )
  }
  const step = affineOf(parameters, centre)
  return isSingular(step.matrix) ? yield* invalid(file.path, "its affine map cannot be inverted") : step
})

const readField = Effect.fnUntraced(function* (file: Hdf5File, index: number) {
  const fixed = yield* askHdf5(file, () => numbersOf(file, spelled(file, index, "FixedParameters")))
  const name = spelled(file, index, "Parameters")
  const grid = gridOf(fixed)
  const isGrid = fixed.length === 18 && grid.shape.every((size) => Number.isSafeInteger(size) && size > 0)
  if (!isGrid || isSingular(grid.affine)) return yield* invalid(file.path, "its displacement field has no usable grid")
  const numbers = 3 * grid.shape[0] * grid.shape[1] * grid.shape[2]
  const found = name === undefined ? undefined : file.dataset(name)
  const isReal = found?.metadata.type === 1 && found.metadata.littleEndian && [4, 8].includes(found.metadata.size)
  if (name === undefined || !isReal || found.shape.length !== 1 || found.shape[0] !== numbers) {
    const shape = grid.shape.join(" × ")
    return yield* invalid(file.path, `its displacement field does not hold 3 real numbers for each of ${shape} voxels`)
  }
  const read = yield* readDisplacements(file.path, name, found).pipe(
    Effect.mapError(
      (cause) => new InvalidWarp({ file: file.path, problem: cause.message, remedy: "Fetch it again", cause })
    ),
    inLoadingMemory({ file: file.path, grid }, readingBytes(numbers, found))
  )
  if (read.damage !== undefined) {
    const problem = `its HDF5 structures are damaged: ${read.damage}`
    return yield* new InvalidWarp({ file: file.path, problem, remedy: "Fetch it again" })
  }
  if (!read.areFinite) return yield* invalid(file.path, "its displacement field holds values that are no numbers")
  return yield* inSlices(displacementStep(grid, read.into))
})

const readStep = (
  file: Hdf5File,
  kind: string,
  index: number
): Effect.Effect<Warp[number], InvalidWarp | InvalidConnectome | ImageTooLarge> => {
  if (/^(Affine|MatrixOffset)Transform(Base)?_(double|float)_3_3$/.test(kind)) return readAffine(file, index)
  if (/^DisplacementFieldTransform_(double|float)_3_3$/.test(kind)) return readField(file, index)
  return Effect.fail(invalid(file.path, `it holds a transform of the kind ${kind}, which is not known`))
}

/**
 * Reads all transforms of a file.
 *
 * Errors: `InvalidWarp` where it cannot be read or is none; `ImageTooLarge` where a field takes more memory than the run may use.
 *
 * Memory: 4 bytes a number of the fields, which workers can share, and while one is read its largest stored piece, three times.
 */
export const readItkTransform = (path: string): Effect.Effect<Warp, InvalidWarp | ImageTooLarge> =>
  readSteps(path).pipe(
    Effect.scoped,
    Effect.catchTag("InvalidConnectome", (cause) => Effect.fail(ofHdf5(cause)))
  )

const readSteps = Effect.fnUntraced(function* (path: string) {
  const file = yield* openHdf5(path)
  const kinds = yield* askHdf5(file, kindsOf)
  const isComposite = kinds[0]?.startsWith("CompositeTransform_") === true
  const parts = kinds.flatMap((kind, index) => (isComposite && index === 0 ? [] : [{ kind, index }]))
  if (parts.length === 0) return yield* invalid(path, "it holds no transform")
  if (!isComposite && parts.length > 1) {
    return yield* invalid(
      path,
      `it holds ${parts.length} transforms that are no composite, so their order is not known`
    )
  }
  const steps = yield* Effect.forEach(parts, ({ kind, index }) => readStep(file, kind, index))
  const warp: Warp = steps.reverse()
  return warp
})
