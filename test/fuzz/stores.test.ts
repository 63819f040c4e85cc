/** Connectome stores whose metadata or chunks are spoilt: refused, or read as they were written. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import { openConnectome } from "../../src/connectome/openConnectome.ts"
import { memoryConnectome } from "../support/memoryConnectome.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeStore } from "../support/writeStore.ts"
import { endsWell, fuzz, patience, type Random } from "./fuzz.ts"
import { byteSpoilers, jsonSpoilers, spoilSome, textSpoilers } from "./spoil.ts"

const folder = scratchFolder()
const right = join(folder, "right.zarr")
const spoilt = join(folder, "spoilt.zarr")

const source = memoryConnectome({ subjects: 3, timePoints: [11, 14, 9], voxels: 21, deadVoxels: [5] })

/** All that a connectome holds. */
interface Held {
  readonly connectome: Connectome
  readonly series: ReadonlyArray<Float32Array>
}

const readAll = (path: string): Effect.Effect<Held, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const connectome = yield* openConnectome({ path })
    const series = connectome.subjects.map(({ timePoints }) => new Float32Array(timePoints * connectome.voxels))
    yield* connectome.read(0, series)
    return { connectome, series }
  })

let expected: Held
let files: ReadonlyArray<string>

beforeAll(async () => {
  await writeStore(right, { ...source, precision: "int16", panelsPerChunk: 2 })
  expected = await Effect.runPromise(Effect.scoped(readAll(right)))
  cpSync(right, spoilt, { recursive: true })
  files = readdirSync(right, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(right.length + 1))
    .sort()
})

const essence = ({ connectome, series }: Held) => {
  const { subjects, voxels, grid, gridIndex, space } = connectome
  const known = { subjects: subjects.map(({ id, timePoints }) => [id, timePoints]), voxels, grid, space }
  return [JSON.stringify(known), gridIndex.join(), ...series.map((values) => values.join())]
}

const wrongIn = (held: Held): string | undefined => {
  const [found, wanted] = [essence(held), essence(expected)]
  const at = found.findIndex((text, n) => text !== wanted[n])
  return at < 0 && found.length === wanted.length
    ? undefined
    : `it was read as something else: ${found[Math.max(0, at)]!.slice(0, 200)}`
}

/** One file of the store, and its new content; undefined: it is gone. */
interface SpoiltFile {
  readonly file: string
  readonly content: Uint8Array | string | undefined
  readonly how: ReadonlyArray<string>
}

const isMetadata = (file: string) => file.endsWith("zarr.json")

const spoilMetadata = (random: Random): SpoiltFile => {
  const file = random.pick(files.filter(isMetadata))
  const text = readFileSync(join(right, file), "utf8")
  if (random.chance(0.25)) {
    const { value, how } = spoilSome(random, text, textSpoilers)
    return { file, content: value, how }
  }
  const { value, how } = spoilSome<unknown>(random, JSON.parse(text), jsonSpoilers)
  return { file, content: JSON.stringify(value), how }
}

const spoilChunk = (random: Random): SpoiltFile => {
  const file = random.pick(files.filter((name) => !isMetadata(name)))
  if (random.chance(0.1)) return { file, content: undefined, how: ["gone"] }
  const { value, how } = spoilSome(random, new Uint8Array(readFileSync(join(right, file))), byteSpoilers, 2)
  return { file, content: value, how }
}

/** Of the copy only the one file changes, and is put back: a whole new copy for each input takes ten times as long. */
const judge = async ({ file, content }: SpoiltFile): Promise<string | undefined> => {
  const path = join(spoilt, file)
  if (content === undefined) rmSync(path)
  else writeFileSync(path, content)
  const fault = await endsWell(readAll(spoilt), wrongIn)
  writeFileSync(path, readFileSync(join(right, file)))
  return fault
}

const describeFile = ({ file, content, how }: SpoiltFile) =>
  `${file}, ${how.join(", ")}${typeof content === "string" ? `: ${content.slice(0, 300)}` : ""}`

describe("spoilt connectome stores", () => {
  it(
    "are refused, or read as they were written, where metadata is spoilt",
    () => fuzz({ quick: 120, make: spoilMetadata, judge, describe: describeFile }),
    patience
  )

  it(
    "are refused, or read as they were written, where a chunk is spoilt",
    () => fuzz({ quick: 60, make: spoilChunk, judge, describe: describeFile }),
    patience
  )
})
