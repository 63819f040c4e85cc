/**
 * Fingerprints of a study and of its sums: SHA-256 of what decides their values, and of nothing else. Two runs with the same fingerprint
 * have the same sums over the same subjects, whatever their paths, machine, workers or memory.
 *
 * A connectome is known by its content: the hashes of its files in their order, of large ones by samples; of a store the checksums of its
 * chunk files; of one without files the time series themselves. However a run hashes its inputs for the manifest, its fingerprints are the
 * same. A stage of the user's over tiles is known by the content of its module, the export and the parameters; any other stage by its name.
 */
import { createHash } from "node:crypto"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import type { Connectome } from "../connectome/Connectome.ts"
import { isStageOperation } from "../elements/operations.ts"
import { type SeedRegion, weightsOf } from "../elements/SeedRegion.ts"
import { numericsVersion } from "../kernels/numericPolicy.ts"
import type { AnyStage } from "../runtime/Stage.ts"
import { canonicalJson } from "./canonicalJson.ts"
import { describeData } from "./describeData.ts"
import { hashSampled } from "./hashInput.ts"
import { hashStore } from "./hashStore.ts"
import { hashOf, type InputRecord } from "./InputRecord.ts"
import { recordFile } from "./Manifest.ts"
import { fingerprintOf, type StudyDescription } from "./studyDescription.ts"

/** What decides a study's sums besides the connectome and the lesions. */
export interface StudyMethod {
  /** The method and its parameters, as plain data. */
  readonly method: { readonly name: string; readonly [parameter: string]: unknown }
  readonly invalid: "zero" | "error"
  /** The stages that make the sums, in their order. */
  readonly stages: ReadonlyArray<Pick<AnyStage, "name" | "operation">>
  readonly arithmetic: "fast" | "strict" | "float64"
  /** Whether the stages were computed as one, which rounds elsewhere. */
  readonly fused: boolean
  readonly fractionBits: number
}

/**
 * What decides the sums, to keep beside them.
 *
 * @param known what `contentOf` gives, where it need not be hashed again
 *
 * Errors: `InputUnreadable`, also where a stage's module cannot be read; `ConnectomeUnreadable`.
 */
export const describeStudy = Effect.fn("describeStudy")(function* (
  connectome: Connectome,
  method: StudyMethod,
  known?: ReadonlyArray<unknown>
) {
  const { subjects, voxels, grid, gridIndex, chosen } = connectome
  const description: StudyDescription = {
    decides: {
      ...method,
      stages: yield* Effect.forEach(method.stages, describeStage),
      numericsVersion,
      // A choice of whole files is known by their content alone.
      ...(chosen === undefined || chosen.rows.length === 0 ? {} : { rows: sha256(canonicalJson(chosen.rows)) }),
      timePoints: alike(subjects.map(({ timePoints }) => timePoints)),
      voxels,
      grid: { shape: grid.shape, affine: Array.from(grid.affine) },
      mask: sha256(bytesOf(gridIndex))
    },
    content: known ?? (yield* contentOf(connectome)),
    names: namesOf(connectome),
    ...(chosen === undefined
      ? {}
      : {
          chosen: {
            subjects: subjects.length,
            from: chosen.from,
            ids: sha256(canonicalJson(subjects.map(({ id }) => id)))
          }
        })
  }
  return description
})

/** The hash of a study's description. Errors: as `describeStudy`. */
export const fingerprintStudy = (connectome: Connectome, method: StudyMethod) =>
  Effect.map(describeStudy(connectome, method), fingerprintOf)

/** Numbers in their order, each with how often it follows itself: a thousand subjects mostly have as many time points. */
const alike = (numbers: ReadonlyArray<number>): ReadonlyArray<readonly [number: number, times: number]> => {
  const runs: Array<readonly [number, number]> = []
  for (const number of numbers) {
    const last = runs.at(-1)
    if (last?.[0] === number) runs[runs.length - 1] = [number, last[1] + 1]
    else runs.push([number, 1])
  }
  return runs
}

/** What `contentOf` hashes. */
export const namesOf = ({ path: folder, files, stored }: Connectome): ReadonlyArray<string> =>
  stored !== undefined || files.length === 0
    ? [path.basename(folder)]
    : files.map((file) => path.relative(folder, file) || path.basename(file))

/** Consecutive subjects of the same file: what `pini_scope: file` refines seeds over. */
export const subjectsOfFiles = ({ subjects }: Connectome): ReadonlyArray<number> => {
  const counts: Array<number> = []
  for (const [index, { file }] of subjects.entries()) {
    if (subjects[index - 1]?.file === file) counts[counts.length - 1]! += 1
    else counts.push(1)
  }
  return counts
}

/**
 * The fingerprint of sums: that of their study with its lesions.
 *
 * `lesions`: those of the sums, in their order. `paired`: all lesions of which pairs of seeds are summed too; undefined: none are. `degree`: whether that of the
 * connectome is summed too.
 */
export const fingerprintSums = Effect.fn("fingerprintSums")(function* (
  study: string,
  lesions: ReadonlyArray<SeedRegion>,
  paired?: ReadonlyArray<SeedRegion>,
  degree = false
) {
  const hash = createHash("sha256")
  for (const [name, regions] of [
    ["lesions", lesions],
    ["paired", paired ?? []]
  ] as const) {
    hash.update(canonicalJson({ study, name, voxels: regions.map(({ voxels }) => voxels.length) }))
    for (const region of regions) {
      hash.update(bytesOf(region.voxels)).update(bytesOf(weightsOf(region)))
      yield* Effect.yieldNow
    }
  }
  if (degree) hash.update(canonicalJson({ study, name: "degree" }))
  return hash.digest("hex")
})

/** A stage by its name, and one that maps tiles by its function and parameters too. */
const describeStage = Effect.fnUntraced(function* ({ name, operation }: StudyMethod["stages"][number]) {
  if (!isStageOperation(operation) || operation._tag !== "mapTiles") return name
  const { module, export: exported, parameters } = operation.source
  return { name, module: yield* contentOfModule(module), export: exported, parameters: describeData(parameters) }
})

/** The SHA-256 of a module's file; of one that lies in no file, its URL holds the code. What it imports is not looked at. */
const contentOfModule = Effect.fnUntraced(function* (module: string) {
  if (!module.startsWith("file:")) return sha256(module)
  return (yield* recordFile(fileURLToPath(module))).sha256
})

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex")

const bytesOf = ({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/**
 * Hashes of a connectome's files, or of its time series, in their order.
 *
 * @param known the hash of a file that another machine has hashed, by its name, and is not read here; undefined: it is
 */
export const contentOf = Effect.fnUntraced(function* (
  connectome: Connectome,
  known: (file: string, position: number) => unknown = () => undefined
) {
  const { files, stored } = connectome
  if (stored !== undefined) return [(yield* hashStore({ ...connectome, stored })).hash]
  if (files.length === 0) return [yield* readContent(connectome)]
  return yield* Effect.forEach(
    files,
    (file, position) => {
      const hash = known(file, position)
      return hash === undefined ? Effect.map(hashSampled(file), contentOfFile) : Effect.succeed(hash)
    },
    { concurrency: filesAtATime }
  )
})

/** Files looked at a time: enough to hide the latency of a network disk. */
const filesAtATime = 4

const contentOfFile = (record: InputRecord): unknown =>
  record.method === "sha256" ? hashOf(record) : { bytes: record.bytes, [record.method]: hashOf(record) }

/** All time series, as they are read. */
const readContent = Effect.fnUntraced(function* (connectome: Connectome) {
  const hash = createHash("sha256")
  for (const { index, timePoints } of connectome.subjects) {
    const values = new Float32Array(timePoints * connectome.voxels)
    yield* connectome.read(index, [values])
    hash.update(bytesOf(values))
    yield* Effect.yieldNow
  }
  return hash.digest("hex")
})
