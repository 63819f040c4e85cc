/** What runs leave and later ones read, spoilt: saved sums, correlations and seeds, states of checkpoints, manifests, journals and lock files. Refused, or read as they are. */
import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  type CheckpointState,
  readCheckpointState,
  refuseOtherCheckpoints
} from "../../pipelines/functional-network-mapping/checkpointState.ts"
import { configDifferences } from "../../src/cli/lockedConfig.ts"
import { noSums } from "../../src/elements/ConnectivitySums.ts"
import { fractionBits } from "../../src/kernels/fixedPoint.ts"
import { encodeBeginning, preambleBytes } from "../../src/output/arrayFileFormat.ts"
import { readFolderState } from "../../src/output/folderState.ts"
import { fileDifferences, type LockedRun, readLockedRun } from "../../src/output/LockedRun.ts"
import { manifestName } from "../../src/output/Manifest.ts"
import { journalName } from "../../src/output/runFolder.ts"
import { journalLine } from "../../src/output/runJournal.ts"
import { loadCorrelations, saveCorrelations } from "../../src/output/savedCorrelations.ts"
import { loadSeeds, saveSeeds } from "../../src/output/savedSeeds.ts"
import { loadSums, saveSums } from "../../src/output/savedSums.ts"
import { filesIn } from "../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { lesionCentres, type TinyStudy, writeConfig, writeTinyStudy } from "../support/tinyStudy.ts"
import { endsWell, fuzz, patience, type Random } from "./fuzz.ts"
import { byteSpoilers, jsonSpoilers, type Spoilt, spoilSome, textSpoilers } from "./spoil.ts"

const folder = scratchFolder()

const fingerprints = { study: "0123456789abcdef".repeat(4), sums: "f".repeat(64) }
const covered = [
  { first: 0, count: 2 },
  { first: 5, count: 1 }
]

/** Files of arrays, each with what reads it and the bytes of its arrays behind the header. */
const kinds = {
  sums: { file: join(folder, "right.sums"), load: (file: string) => Effect.map(loadSums(file), describeSums) },
  correlations: {
    file: join(folder, "right.correlations"),
    load: (file: string) => Effect.map(loadCorrelations(file), describeCorrelations)
  },
  seeds: {
    file: join(folder, "right.seeds"),
    load: (file: string) => Effect.map(loadSeeds(file), ({ kept }) => JSON.stringify(kept.map(String)))
  }
}

const describeSums = (sums: Effect.Success<ReturnType<typeof loadSums>>) =>
  JSON.stringify([
    sums.lesions,
    sums.voxels,
    sums.covered,
    `${sums.values}`,
    `${sums.pairs?.sumZ}`,
    `${sums.invalidSeeds}`
  ])

const describeCorrelations = (found: Effect.Success<ReturnType<typeof loadCorrelations>>) =>
  JSON.stringify([found.subjects, found.covered, `${found.columns}`, `${found.values}`])

interface SpoiltArrays extends Spoilt<Uint8Array> {
  readonly kind: keyof typeof kinds
  /** Whether the checksums are those of the spoilt file: then it says something else. */
  readonly forged: boolean
}

const spoilArrays = (random: Random): SpoiltArrays => {
  const kind = random.pick(["sums", "correlations", "seeds"] as const)
  const right = readFileSync(kinds[kind].file)
  if (random.chance(0.5)) return { kind, forged: false, ...spoilSome(random, new Uint8Array(right), byteSpoilers, 2) }
  const end = preambleBytes + right.readUInt32LE(12)
  const header: unknown = JSON.parse(right.subarray(preambleBytes, end).toString())
  const { value, how } = spoilSome<unknown>(random, header, jsonSpoilers)
  const isPlain = typeof value === "object" && value !== null
  const content = Buffer.concat([encodeBeginning((isPlain ? value : {}) as object), right.subarray(end, -32)])
  return { kind, forged: true, value: Buffer.concat([content, createHash("sha256").update(content).digest()]), how }
}

let expected: Readonly<Record<keyof typeof kinds, string>>
let study: TinyStudy
let manifest: string
let lock: LockedRun
let journal: string

beforeAll(async () => {
  const sums = noSums({ lesions: 2, voxels: 5, fractionBits })
  sums.values.forEach((_, n) => {
    sums.values[n] = BigInt(n * 1_000_003)
  })
  const saved = { ...sums, covered, subjects: 3, invalidVoxels: 1, fingerprints }
  await Effect.runPromise(saveSums(kinds.sums.file, saved))
  const columns = Int32Array.of(0, 2, 5)
  const values = Int32Array.from({ length: 15 }, (_, n) => n * 7_000_001)
  const correlations = { subjects: 9, covered, columns, values, fingerprints }
  await Effect.runPromise(saveCorrelations(kinds.correlations.file, correlations))
  const kept = [0, 1].map((group) => [3, 1].map((count) => new Uint8Array(count).fill(group)))
  await Effect.runPromise(saveSeeds(kinds.seeds.file, { kept, fingerprints }))
  expected = {
    seeds: await Effect.runPromise(kinds.seeds.load(kinds.seeds.file)),
    sums: await Effect.runPromise(kinds.sums.load(kinds.sums.file)),
    correlations: await Effect.runPromise(kinds.correlations.load(kinds.correlations.file))
  }
  // Few and small files: each manifest has all of them read twice.
  study = await writeTinyStudy(join(folder, "study"), { subjects: 3, centres: lesionCentres.slice(0, 2) })
  writeConfig(study.config, { pipeline: "functional-network-mapping", ...study.keys, statistics: { maps: ["r"] } })
  await lnmHereSucceeds(["run", study.config, "--progress", "off"])
  await lnmHereSucceeds(["lock", study.output, "--to", join(folder, "right.lock.json")])
  manifest = readFileSync(join(study.output, manifestName), "utf8")
  lock = JSON.parse(readFileSync(join(folder, "right.lock.json"), "utf8"))
  const { study: maps, lesions, outputs } = JSON.parse(manifest)
  const byPath = new Map(outputs.map((output: { path: string }) => [output.path, output]))
  const begun = lesions.map((lesion: { maps: string; files: ReadonlyArray<string> }) => ({
    maps: lesion.maps,
    files: lesion.files
  }))
  const start = journalLine({ format_version: 1, maps, begun, others: ["summary.tsv"], warnings: [] })
  const records = lesions.map((lesion: { files: ReadonlyArray<string> }) =>
    journalLine({ ...lesion, files: lesion.files.map((file) => byPath.get(file)) } as never)
  )
  journal = [start, ...records].join("")
})

const describeText = ({ how, value }: Spoilt<string>) => `${how.join(", ")}: ${JSON.stringify(value.slice(0, 200))}`

/** Half of them spoilt in their values, half in their text. */
const spoilJson =
  (right: () => string) =>
  (random: Random): Spoilt<string> => {
    if (random.chance(0.5)) return spoilSome(random, right(), textSpoilers)
    const { value, how } = spoilSome<unknown>(random, JSON.parse(right()), jsonSpoilers)
    return { value: JSON.stringify(value), how }
  }

/** What is wrong about how a command ended; its messages may have several lines. */
const commandFault = ({ code, stderr }: { readonly code: number | null; readonly stderr: string }) => {
  if (code === null || ![0, 1, 2].includes(code)) return `exit ${code}: ${stderr.slice(0, 300)}`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return /fault of lnm|\[object|\n\s+at |[\u0000-\u0009\u000b-\u001f]/.test(stderr)
    ? `a message that is not for people: ${stderr.slice(0, 300)}`
    : undefined
}

describe("spoilt files of arrays", () => {
  it(
    "are refused, and never read as something that they are not, or as more than they hold",
    () =>
      fuzz({
        quick: 400,
        make: spoilArrays,
        judge: async ({ kind, value, forged }) => {
          const file = join(folder, "spoilt.arrays")
          writeFileSync(file, value)
          return await endsWell(kinds[kind].load(file), (found) => {
            if (forged) return found.length > 40 * value.length + 1000 ? "it was read as more than it holds" : undefined
            return found === expected[kind] ? undefined : `it was read as ${found.slice(0, 200)}`
          })
        },
        describe: ({ kind, how }) => `${kind}: ${how.join(", ")}`
      }),
    patience
  )
})

describe("spoilt manifests", () => {
  it(
    "are refused, or verified, with nothing written but a lock",
    () =>
      fuzz({
        quick: 30,
        make: spoilJson(() => manifest),
        judge: async ({ value }) => {
          writeFileSync(join(study.output, manifestName), value)
          const before = filesIn(folder).length
          const written = join(folder, "spoilt.lock.json")
          const ends = [
            await lnmHere(["verify", study.output, "--inputs"]),
            await lnmHere(["lock", study.output, "--to", written])
          ]
          rmSync(written, { force: true })
          const more = filesIn(folder).length - before
          return ends.map(commandFault).find(Boolean) ?? (more === 0 ? undefined : `${more} files were written`)
        },
        describe: describeText
      }),
    patience
  )
})

/** What the checkpoints of a folder are of. */
const state: CheckpointState = {
  study: {
    decides: { method: { name: "pini", percentile: 20 }, arithmetic: "strict", voxels: 5, grid: { shape: [3, 4, 5] } },
    content: ["0123456789abcdef".repeat(4), { bytes: 20_000_000, "sha256-sampled": "f".repeat(64) }],
    names: ["part-1.h5", "part-2.h5"]
  },
  lesions: { "sub-1/sub-1_desc-pini": "a".repeat(64), "sub-2/sub-2_desc-pini": "b".repeat(64) },
  matrix: false,
  degree: true,
  lesions_per_pass: 2,
  resumes: 1
}

describe("spoilt states of checkpoints", () => {
  it(
    "are refused, or are those of the run",
    () =>
      fuzz({
        quick: 150,
        make: spoilJson(() => JSON.stringify(state)),
        judge: async ({ value }) => {
          const checkpoints = join(folder, "checkpoints")
          mkdirSync(checkpoints, { recursive: true })
          writeFileSync(join(checkpoints, "study.json"), value)
          const gone = Effect.gen(function* () {
            const saved = yield* readCheckpointState(checkpoints)
            yield* refuseOtherCheckpoints(folder, saved!, state)
            return saved!
          })
          const { lesions_per_pass: _, resumes: _resumes, ...essence } = state
          const { names: __, ...study } = essence.study
          return await endsWell(gone, ({ lesions_per_pass, resumes, study: found, ...rest }) => {
            const { names: ___, ...decides } = found
            const isRight =
              lesions_per_pass > 0 &&
              resumes >= 0 &&
              isDeepStrictEqual({ ...rest, study: decides }, { ...essence, study })
            return isRight ? undefined : "another study was gone on with"
          })
        },
        describe: describeText
      }),
    patience
  )
})

describe("spoilt journals", () => {
  it(
    "tell of the lesions whose lines are whole, or of nothing",
    () =>
      fuzz({
        quick: 150,
        make: (random) => spoilSome(random, journal, textSpoilers),
        judge: async ({ value }) => {
          const output = join(folder, "interrupted")
          mkdirSync(join(output, ".lnm"), { recursive: true })
          writeFileSync(join(output, journalName), value)
          const lines = new Set(journal.split("\n"))
          const whole = value.split("\n").filter((line, n) => n > 0 && lines.has(line)).length
          return await endsWell(readFolderState(output), ({ finished }) =>
            finished.length <= whole
              ? undefined
              : `it tells of ${finished.length} lesions, and has ${whole} whole lines`
          )
        },
        describe: describeText
      }),
    patience
  )
})

describe("spoilt lock files", () => {
  it(
    "are refused, or differ in what was spoilt",
    () =>
      fuzz({
        quick: 200,
        make: spoilJson(() => JSON.stringify(lock)),
        judge: async ({ value }) => {
          const file = join(folder, "spoilt.json")
          writeFileSync(file, value)
          const config = JSON.parse(manifest).config
          const held = Effect.gen(function* () {
            const locked = yield* readLockedRun(file)
            const ofConfig = yield* configDifferences(locked.config, config, folder)
            return [...ofConfig, ...fileDifferences("output", lock.outputs, locked.outputs)]
          })
          return await endsWell(held, (differences) => {
            const { outputs } = JSON.parse(value) as LockedRun
            const isSame = JSON.stringify(outputs) === JSON.stringify(lock.outputs)
            return isSame || differences.length > 0 ? undefined : "other outputs, and no difference was told"
          })
        },
        describe: describeText
      }),
    patience
  )
})
