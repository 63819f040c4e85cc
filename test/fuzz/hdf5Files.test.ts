/**
 * HDF5 files with bytes spoilt, anywhere: refused, or read as the HDF5 library itself reads the same file. Most bytes have no checksum, so
 * another affine or another value may be what the file now says; a library tells: the one of h5wasm, in an instance of its own, and
 * where that knows no answer (lzf, float16) h5py's. Without h5py the files that only it reads are left out.
 */
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { afterAll, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import { openConnectome } from "../../src/connectome/openConnectome.ts"
import { type Hdf5Fields, writeHdf5File } from "../support/hdf5Files.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { endsWell, fuzz, patience, type Random } from "./fuzz.ts"
import { closeReaders, type Held, readByH5py, readByH5wasm } from "./hdf5Readers.ts"
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

/** What the files hold before they are spoilt. */
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
    const held = (await readByH5wasm(file)) ?? (await readByH5py(file))
    if (held === undefined) files.delete(kind)
    else before.set(kind, held)
  }
})

afterAll(closeReaders)

/** Values that a spoilt file may claim to have and that are still read here. */
const mostValues = 1e6

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

/** Of wide numbers a constant may have been taken off each voxel's series: then this is what is compared. */
const withoutFirst = ({ series = [], gridIndex }: Held, timePoints: number): ReadonlyArray<number> => {
  const voxels = gridIndex.length
  return series.map((value, n) => value - series[n - (Math.floor(n / voxels) % timePoints) * voxels]!)
}

/** As float32 has them, after a constant was taken off. */
const almostEqual = (one: number, other: number): boolean =>
  Object.is(one, Math.fround(other)) || Math.abs(one - other) <= 1e-3 + 1e-6 * Math.abs(other)

interface Comparison {
  readonly found: Held
  readonly wanted: Held
  /** Of time series, what is right too. */
  readonly orElse?: Held
  /** Values that may differ: against the file before it was spoilt, those whose own bytes were. */
  readonly allowed?: number
  /** Where numbers lost their first time point's value. */
  readonly timePoints: number | undefined
}

const differs = ({ found, wanted, orElse, allowed = 0, timePoints }: Comparison): string | undefined => {
  let different = 0
  for (const part of ["shape", "affine", "gridIndex", "series"] as const) {
    if (found[part] === undefined || wanted[part] === undefined) continue
    const isShifted = part === "series" && timePoints !== undefined
    const valuesOf = (held: Held) => (isShifted ? withoutFirst(held, timePoints) : held[part])!
    const [one, other] = [valuesOf(found), valuesOf(wanted)]
    if (one.length !== other.length) return `${one.length} numbers of ${part} instead of ${other.length}`
    const others = part === "series" && orElse?.series?.length === one.length ? [other, valuesOf(orElse)] : [other]
    const isEqual = (a: number, b: number) => (isShifted ? almostEqual(a, b) : Object.is(a + 0, b + 0))
    for (const [at, value] of one.entries()) {
      const equal = others.some((values) => isEqual(value, values[at]!))
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

/** What is wrong with what was read of a spoilt file. */
const wrongIn = async (found: Held, { kind, bytes }: SpoiltHdf5, file: string): Promise<string | undefined> => {
  // Numbers that float32 does not hold lose their first time point's value before they are rounded.
  const timePoints = /(f8|i4|u8)$/.test(kind) ? found.timePoints : undefined
  const held = before.get(kind)!
  if (differs({ found, wanted: held, timePoints }) === undefined) return undefined
  let difference: string | undefined
  for (const readBy of [readByH5wasm, readByH5py]) {
    const wanted = await readBy(file)
    if (wanted === undefined) continue
    // A chunk that the library does not find any more may be found all the same: then it holds what it held.
    const other = differs({ found, wanted, orElse: held, timePoints })
    if (other === undefined) return undefined
    difference ??= other
  }
  // A file that no library reads any more may be read all the same, but for the values whose own bytes were changed.
  difference ??= differs({ found, wanted: held, allowed: bytes.how.length, timePoints })
  return difference === undefined ? undefined : `it was read as something else, ${difference}`
}

describe("spoilt HDF5 files", () => {
  it(
    "are refused, or read as a library reads them",
    () =>
      fuzz<SpoiltHdf5>({
        quick: 120,
        make,
        judge: async (input) => {
          const file = join(folder, `spoilt-${written++}.h5`)
          writeFileSync(file, input.bytes.value)
          let found: Held | undefined
          const fault = await endsWell(readByLnm(file), (held) => {
            found = held
            return undefined
          })
          const wrong = found === undefined ? fault : await wrongIn(found, input, file)
          rmSync(file)
          return wrong
        },
        describe: ({ kind, bytes }) => `${kind}, ${bytes.how.join(", ")}`
      }),
    patience
  )
})
