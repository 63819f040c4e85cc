/**
 * NIfTI files with their header spoilt, or any byte of the compressed file: refused, or read as the header says. What it says is worked out
 * here once more, from nifti1.h and nifti2.h alone.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openConnectome } from "../../src/connectome/openConnectome.ts"
import { LoadingMemory, makeLoadingMemory } from "../../src/imaging/loadingMemory.ts"
import { readVolume } from "../../src/imaging/nifti/readVolume.ts"
import { loadLesion } from "../../src/lesions/Lesion.ts"
import { niftiBytes } from "../support/niftiBytes.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { endsWell, fuzz, patience, type Random } from "./fuzz.ts"
import { byteSpoilers, flipByteOf, type Spoiler, type Spoilt, spoilSome } from "./spoil.ts"

const folder = scratchFolder()

const shape = [4, 3, 2] as const
const sform = [-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, 2, -72]
const target = {
  grid: { shape, affine: [...sform, 0, 0, 0, 1] },
  gridIndex: Int32Array.from({ length: 24 }, (_, element) => element),
  space: undefined
}

type Version = 1 | 2

interface Kind {
  readonly version: Version
  readonly littleEndian: boolean
  readonly datatype: "uint8" | "int16" | "float32" | "float64"
  readonly scaled: boolean
}

const kinds: ReadonlyArray<Kind> = ([1, 2] as const).flatMap((version) =>
  [true, false].flatMap((littleEndian) =>
    (["uint8", "int16", "float32", "float64"] as const).flatMap((datatype) =>
      [true, false].map((scaled) => ({ version, littleEndian, datatype, scaled }))
    )
  )
)

const volumeOf = ({ scaled, ...kind }: Kind, timePoints = 1): Uint8Array =>
  niftiBytes({
    ...kind,
    dims: timePoints === 1 ? shape : [...shape, timePoints],
    sform,
    ...(scaled ? { slope: 0.5, inter: 3 } : {}),
    stored: Array.from({ length: 24 * timePoints }, (_, n) => (n * 37) % 11)
  })

const headerBytes = { 1: 348, 2: 540 } as const

/** Where a header has its numbers, in the order: dim, datatype, offset of the voxels, slope, intercept, sform's code, sform. */
const places = {
  1: { dim: 40, datatype: 70, offset: 108, slope: 112, inter: 116, sformCode: 254, sform: 280 },
  2: { dim: 16, datatype: 12, offset: 168, slope: 176, inter: 184, sformCode: 348, sform: 400 }
} as const

type Read = (view: DataView, at: number, littleEndian: boolean) => number

const readers: Readonly<Record<number, readonly [bytes: number, read: Read]>> = {
  2: [1, (view, at) => view.getUint8(at)],
  4: [2, (view, at, le) => view.getInt16(at, le)],
  8: [4, (view, at, le) => view.getInt32(at, le)],
  16: [4, (view, at, le) => view.getFloat32(at, le)],
  64: [8, (view, at, le) => view.getFloat64(at, le)],
  256: [1, (view, at) => view.getInt8(at)],
  512: [2, (view, at, le) => view.getUint16(at, le)],
  768: [4, (view, at, le) => view.getUint32(at, le)],
  1024: [8, (view, at, le) => Number(view.getBigInt64(at, le))],
  1280: [8, (view, at, le) => Number(view.getBigUint64(at, le))]
}

/** What a file says. */
interface Said {
  readonly dims: ReadonlyArray<number>
  /** Rows of the sform; undefined where it does not count. */
  readonly sform: ReadonlyArray<number> | undefined
  /** Undefined where they are of a type that is not worked out here. */
  readonly values: Float64Array | undefined
}

/** The header of a file, which has been accepted, read once more. */
const whatIsSaid = (bytes: Uint8Array): Said => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const le = [348, 540].includes(view.getInt32(0, true))
  const version: Version = view.getInt32(0, le) === 348 ? 1 : 2
  const at = places[version]
  const real = (place: number) => (version === 1 ? view.getFloat32(place, le) : view.getFloat64(place, le))
  const realBytes = version === 1 ? 4 : 8
  const dim = (n: number) =>
    version === 1 ? view.getInt16(at.dim + 2 * n, le) : Number(view.getBigInt64(at.dim + 8 * n, le))
  const dims = Array.from({ length: dim(0) }, (_, n) => dim(n + 1))
  const code = version === 1 ? view.getInt16(at.sformCode, le) : view.getInt32(at.sformCode, le)
  const offset = Math.trunc(version === 1 ? real(at.offset) : Number(view.getBigInt64(at.offset, le)))
  const isScaled = real(at.slope) !== 0 && Number.isFinite(real(at.slope))
  const [slope, inter] = isScaled ? [real(at.slope), real(at.inter)] : [1, 0]
  const reader = readers[view.getInt16(at.datatype, le)]
  const count = dims.reduce((product, size) => product * size, 1)
  const values =
    reader === undefined
      ? undefined
      : Float64Array.from({ length: count }, (_, n) => slope * reader[1](view, offset + n * reader[0], le) + inter)
  const rows = Array.from({ length: 12 }, (_, n) => real(at.sform + realBytes * n))
  return { dims, sform: code > 0 ? rows : undefined, values }
}

const withoutOnes = (dims: ReadonlyArray<number>): string => {
  const all = [...dims, 1, 1, 1].slice(0, Math.max(3, dims.length))
  while (all.length > 3 && all.at(-1) === 1) all.pop()
  return all.join()
}

/** The first value that is not as the file says. */
const differs = (found: ArrayLike<number>, said: ArrayLike<number>): string | undefined => {
  if (found.length !== said.length) return `${found.length} values instead of ${said.length}`
  const at = Array.from(found).findIndex((value, n) => !Object.is(value + 0, said[n]! + 0))
  return at < 0 ? undefined : `value ${at} is ${found[at]} instead of ${said[at]}`
}

interface SpoiltFile {
  readonly kind: Kind
  /** The file as it is without compression; undefined where bytes of the compressed one are spoilt. */
  readonly plain: Uint8Array | undefined
  readonly file: Uint8Array
  readonly how: ReadonlyArray<string>
}

/** Puts an odd number where a header has one. */
const oddNumber =
  ({ version, littleEndian }: Kind): Spoiler<Uint8Array> =>
  (random, bytes) => {
    const value = Uint8Array.from(bytes)
    if (bytes.length < headerBytes[version]) return { value, how: [] }
    const view = new DataView(value.buffer)
    const { dim, datatype, offset, slope, inter, sform: rows } = places[version]
    const odd = random.pick([-1, 0, 1, 2, 7, 8, 32_767, 1e9, 2 ** 40, Number.NaN, Number.POSITIVE_INFINITY])
    const where = random.pick(["dim", "datatype", "real"] as const)
    const n = random.below(8)
    const whole = Number.isFinite(odd) ? odd : 5
    const real = random.pick([slope, inter, version === 1 ? offset : slope, rows + (version === 1 ? 4 : 8) * n])
    if (where === "dim" && version === 1) view.setInt16(dim + 2 * n, whole, littleEndian)
    else if (where === "dim") view.setBigInt64(dim + 8 * n, BigInt(whole), littleEndian)
    else if (where === "datatype")
      view.setInt16(datatype, random.pick([0, 1, 8, 32, 256, 768, 1024, 1280, 1536]), littleEndian)
    else if (version === 1) view.setFloat32(real, odd, littleEndian)
    else view.setFloat64(real, odd, littleEndian)
    return { value, how: [`${odd} as ${where} ${n} or at ${real}`] }
  }

const makeFile =
  (timePoints = 1) =>
  (random: Random): SpoiltFile => {
    const kind = random.pick(kinds)
    const right = volumeOf(kind, timePoints)
    if (random.chance(0.2)) {
      const { value, how } = spoilSome(random, new Uint8Array(gzipSync(right)), byteSpoilers, 2)
      return { kind, plain: undefined, file: value, how: ["compressed", ...how] }
    }
    const inHeader: Spoiler<Uint8Array> = (chance, bytes) =>
      bytes.length === 0
        ? { value: bytes, how: [] }
        : flipByteOf(chance, bytes, 0, Math.min(headerBytes[kind.version], bytes.length))
    const ways = [inHeader, inHeader, inHeader, oddNumber(kind), oddNumber(kind), ...byteSpoilers]
    const spoilt: Spoilt<Uint8Array> = spoilSome(random, right, ways, 2)
    const isCompressed = random.chance(0.3)
    return { kind, plain: spoilt.value, file: isCompressed ? gzipSync(spoilt.value) : spoilt.value, how: spoilt.how }
  }

const describeFile = ({ kind, how }: SpoiltFile): string =>
  `NIfTI-${kind.version} ${kind.datatype}${kind.littleEndian ? "" : ", big-endian"}${kind.scaled ? ", scaled" : ""}: ${how.join(", ")}`

/** What a run with little memory may use. */
const limited = Effect.provideService(LoadingMemory, makeLoadingMemory(200e6))

describe("spoilt NIfTI files", () => {
  it(
    "are refused, or read as their header says",
    () =>
      fuzz<SpoiltFile>({
        quick: 300,
        make: makeFile(),
        judge: async ({ kind, plain, file }) => {
          const path = join(folder, "volume.nii")
          writeFileSync(path, file)
          const said = () => whatIsSaid(plain ?? volumeOf(kind))
          return await endsWell(limited(readVolume(path)), ({ header, values }) => {
            const { dims, sform: rows, values: right } = said()
            if (header.dims.join() !== withoutOnes(dims)) return `read as ${header.dims.join(" × ")}`
            if (rows !== undefined && differs(header.grid.affine.slice(0, 12), rows) !== undefined)
              return "another affine"
            return right === undefined ? undefined : differs(values, right)
          })
        },
        describe: describeFile
      }),
    patience
  )

  it(
    "are refused as lesions, or cover voxels of the brain",
    () =>
      fuzz<SpoiltFile>({
        quick: 150,
        make: makeFile(),
        judge: async ({ file }) => {
          const path = join(folder, "lesion.nii")
          writeFileSync(path, file)
          return await endsWell(limited(loadLesion(path, target)), ({ voxels }) => {
            const isRight = voxels.length > 0 && voxels.every((voxel, n) => voxel < 24 && voxel > (voxels[n - 1] ?? -1))
            return isRight ? undefined : `voxels ${voxels.join()}`
          })
        },
        describe: describeFile
      }),
    patience
  )
})

const timePoints = 12

/** Changes from the first time point, within float32: a constant may have been taken off each voxel's series. */
const seriesDiffer = (found: Float32Array, said: Float64Array): string | undefined => {
  const changes = (values: ArrayLike<number>) => Array.from(values, (value, n) => Math.fround(value - values[n % 24]!))
  const [one, other] = [changes(found), changes(said)]
  const largest = other.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0)
  const isEqual = (a: number, b: number) =>
    Number.isFinite(a) && Number.isFinite(b)
      ? Math.abs(a - b) <= 1e-6 * largest
      : !Number.isFinite(a) && !Number.isFinite(b)
  const at = one.findIndex((value, n) => !isEqual(value, other[n]!))
  return at < 0 ? undefined : `value ${at} is ${found[at]} instead of ${said[at]}`
}

describe("spoilt NIfTI scans", () => {
  beforeAll(() => {
    const first = kinds[0]!
    writeFileSync(
      join(folder, "brain.nii"),
      niftiBytes({ ...first, dims: shape, sform, stored: new Array(24).fill(1) })
    )
    writeFileSync(join(folder, "sub-1_bold.nii"), volumeOf({ ...first, datatype: "float32" }, timePoints))
  })

  it(
    "are refused, or read as their header says",
    () =>
      fuzz<SpoiltFile>({
        quick: 150,
        make: makeFile(timePoints),
        judge: async ({ kind, plain, file }) => {
          writeFileSync(join(folder, "sub-2_bold.nii"), file)
          const location = { path: folder, pattern: "*_bold.nii", mask: join(folder, "brain.nii"), space: "X" }
          const read = Effect.gen(function* () {
            const connectome = yield* openConnectome(location)
            const [, subject] = connectome.subjects
            const series = new Float32Array(subject!.timePoints * connectome.voxels)
            yield* connectome.read(1, [series])
            return { grid: connectome.grid, voxels: connectome.voxels, series }
          })
          return await endsWell(limited(read), ({ voxels, series }) => {
            const { dims, sform: rows, values } = whatIsSaid(plain ?? volumeOf(kind, timePoints))
            if (voxels !== 24) return `${voxels} voxels`
            if (dims[3] !== series.length / 24) return `${series.length / 24} time points instead of ${dims[3]}`
            // A scan on another grid, in which the mask's voxels lie all the same, has them elsewhere.
            const isHere =
              rows !== undefined && differs(rows, sform) === undefined && dims.slice(0, 3).join() === shape.join()
            return values === undefined || !isHere ? undefined : seriesDiffer(series, values)
          })
        },
        describe: describeFile
      }),
    patience
  )
})
