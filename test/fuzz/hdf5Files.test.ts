/**
 * HDF5 files with bytes spoilt, anywhere: refused, or read as the HDF5 library itself reads the same file. Most bytes have no checksum, so
 * another affine or another value may be what the file now says; the library tells.
 */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { beforeAll, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import h5wasm from "h5wasm/node"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import { openConnectome } from "../../src/connectome/openConnectome.ts"
import { type Hdf5Fields, writeHdf5File } from "../support/hdf5Files.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { endsWell, fuzz, type Random } from "./fuzz.ts"
import { cutBytes, flipByteOf, type Spoilt, spoilSome } from "./spoil.ts"

const folder = scratchFolder()
const fixtures = join(import.meta.dirname, "../connectome/hdf5/fixtures")

/** A new file each time: the library gives a file that it still has open for one of the same inode. */
let written = 0

const fields = { subjects: 3, timePoints: 12, voxels: 40 }

const kinds: Readonly<Record<string, Partial<Hdf5Fields>>> = {
  contiguous: {},
  chunked: { chunks: [1, 12, 16] },
  gzip: { chunks: [1, 12, 40], filter: "gzip" },
  shuffle: { chunks: [2, 6, 40], filter: "shuffle" },
  "voxels first": { voxelsFirst: true, chunks: [3, 12, 40] }
}

const files = new Map<string, Uint8Array>()

/** What the files hold before they are spoilt; nothing of those that are refused as they are. */
const before = new Map<string, Held>()

beforeAll(async () => {
  for (const [kind, more] of Object.entries(kinds)) {
    const file = await Effect.runPromise(writeHdf5File(folder, `${kind}.h5`, { ...fields, ...more }))
    files.set(kind, new Uint8Array(readFileSync(file)))
  }
  // Written by h5py, in older and newer versions of the format.
  for (const name of readdirSync(fixtures).filter((file) => file.endsWith(".h5"))) {
    copyFileSync(join(fixtures, name), join(folder, name))
    files.set(basename(name, ".h5"), new Uint8Array(readFileSync(join(fixtures, name))))
  }
  for (const kind of files.keys()) {
    const file = join(folder, `${kind}.h5`)
    // What the library has no filter for, other tests hold against h5py.
    const held =
      readByLibrary(file) ??
      (await Effect.runPromise(Effect.option(Effect.scoped(readByLnm(file)))).then(Option.getOrUndefined))
    if (held !== undefined) before.set(kind, held)
  }
})

/** Values that a spoilt file may claim to have and that are still read here. */
const mostValues = 1e6

/** What is compared of a file. */
interface Held {
  readonly gridIndex: ReadonlyArray<number>
  readonly affine: ReadonlyArray<number>
  readonly shape: ReadonlyArray<number>
  readonly series: ReadonlyArray<number> | undefined
  readonly timePoints: number
}

const readByLnm = Effect.fnUntraced(function* (path: string) {
  const connectome: Connectome = yield* openConnectome({ path })
  const { subjects, voxels, grid, gridIndex } = connectome
  const values = subjects.reduce((sum, { timePoints }) => sum + timePoints * voxels, 0)
  const common = {
    gridIndex: [...gridIndex],
    affine: grid.affine,
    shape: grid.shape,
    timePoints: subjects[0]!.timePoints
  }
  if (values > mostValues) return { ...common, series: undefined } satisfies Held
  const into = subjects.map(({ timePoints }) => new Float32Array(timePoints * voxels))
  yield* connectome.read(0, into)
  const held: Held = { ...common, series: into.flatMap((series) => [...series]) }
  return held
})

/** Undefined where the library does not read the file. */
const readByLibrary = (file: string): Held | undefined => {
  let opened: InstanceType<typeof h5wasm.File> | undefined
  try {
    opened = new h5wasm.File(file, "r")
    const numbers = (name: string): ReadonlyArray<number> => {
      const { value } = opened!.get(name) as unknown as { readonly value: ArrayLike<number | bigint> }
      return Array.from(value, Number)
    }
    const shape = Array.from(opened.attrs.mask_shape!.value as ArrayLike<number>, Number)
    const indices = numbers("mask_indices")
    const { shape: order } = opened.get("mask_indices") as unknown as { readonly shape: ReadonlyArray<number> }
    const voxels = indices.length / 3
    const axisOf = (voxel: number, axis: number) => indices[order[0] === 3 ? axis * voxels + voxel : 3 * voxel + axis]!
    const gridIndex = Array.from(
      { length: voxels },
      (_, v) => axisOf(v, 0) + shape[0]! * (axisOf(v, 1) + shape[1]! * axisOf(v, 2))
    )
    return { gridIndex, affine: numbers("mask_affine"), shape, series: numbers("timeseries"), timePoints: 0 }
  } catch {
    return undefined
  } finally {
    try {
      opened?.close()
    } catch {
      // A file that the library cannot close is none that it could read.
    }
  }
}

/** Of wide numbers a constant may have been taken off each voxel's series: then this is what is compared. */
const withoutFirst = ({ series = [], gridIndex }: Held, timePoints: number): ReadonlyArray<number> => {
  const voxels = gridIndex.length
  return series.map((value, n) => value - series[n - (Math.floor(n / voxels) % timePoints) * voxels]!)
}

/** As float32 has them, after a constant was taken off. */
const almostEqual = (one: number, other: number): boolean =>
  Object.is(one, Math.fround(other)) || Math.abs(one - other) <= 1e-3 + 1e-6 * Math.abs(other)

/** @param allowed values that may differ: against the file before it was spoilt, those whose own bytes were */
const differs = (found: Held, wanted: Held, allowed: number, timePoints: number | undefined): string | undefined => {
  let different = 0
  for (const part of ["shape", "affine", "gridIndex", "series"] as const) {
    if (found[part] === undefined || wanted[part] === undefined) continue
    const isShifted = part === "series" && timePoints !== undefined
    const [one, other] = isShifted
      ? [withoutFirst(found, timePoints), withoutFirst(wanted, timePoints)]
      : [found[part], wanted[part]]
    if (one.length !== other.length) return `${one.length} numbers of ${part} instead of ${other.length}`
    for (const [at, value] of one.entries()) {
      const equal = isShifted ? almostEqual(value, other[at]!) : Object.is(value + 0, other[at]! + 0)
      if (!equal && ++different > allowed) return `${part} ${at}: ${value} instead of ${other[at]}`
    }
  }
  return undefined
}

interface SpoiltHdf5 {
  readonly kind: string
  readonly bytes: Spoilt<Uint8Array>
}

const make = (random: Random): SpoiltHdf5 => {
  const kind = random.pick([...files.keys()])
  const right = files.get(kind)!
  if (random.chance(0.1)) return { kind, bytes: cutBytes(random, right) }
  // The headers are at the beginning of the file; of the rest most is time series.
  const headerEnd = Math.min(right.length, 4096)
  return {
    kind,
    bytes: spoilSome(
      random,
      right,
      [(chance, bytes) => flipByteOf(chance, bytes, 0, chance.chance(0.8) ? headerEnd : bytes.length)],
      2
    )
  }
}

describe("spoilt HDF5 files", () => {
  it("are refused, or read as the library reads them", () =>
    fuzz<SpoiltHdf5>({
      quick: 120,
      make,
      judge: ({ kind, bytes }) => {
        const file = join(folder, `spoilt-${written++}.h5`)
        writeFileSync(file, bytes.value)
        return endsWell(readByLnm(file), (found) => {
          // Numbers that float32 does not hold lose their first time point's value before they are rounded.
          const shifted = /(f8|i4|u8)$/.test(kind) ? found.timePoints : undefined
          const held = before.get(kind)
          // A chunk that the library does not find any more may be found all the same.
          const asBefore = held === undefined ? "it was refused" : differs(found, held, bytes.how.length, shifted)
          if (asBefore === undefined) return undefined
          const byLibrary = readByLibrary(file)
          const difference = byLibrary === undefined ? asBefore : differs(found, byLibrary, 0, shifted)
          return difference === undefined ? undefined : `it was read as something else, ${difference}`
        })
      },
      describe: ({ kind, bytes }) => `${kind}, ${bytes.how.join(", ")}`
    }))
})
