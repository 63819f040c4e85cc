/** Plans a part of a run: opens the study, and holds it to the cut of the folder, which the first part makes. */
import { Effect } from "effect"
import { cutIntoParts } from "../../../src/cluster/cutIntoParts.ts"
import { NoSuchPart, OtherParts } from "../../../src/cluster/PartsRefused.ts"
import { headersFile, partsFolder } from "../../../src/cluster/partsFolder.ts"
import {
  encodeHeaders,
  type HeaderMemory,
  KnownHeaders,
  makeHeaderMemory
} from "../../../src/connectome/KnownHeaders.ts"
import { readRegularFile } from "../../../src/files/readRegularFile.ts"
import { writeWhole } from "../../../src/files/writeWhole.ts"
import { contentOf, namesOf } from "../../../src/output/fingerprints.ts"
import { bytesPerSum } from "../../../src/runtime/ProblemShape.ts"
import { packageVersion } from "../../../src/runtime/version.ts"
import { sumStages } from "../../functional-network-mapping.ts"
import type { Config } from "../Config.ts"
import { type CheckpointState, checkpointStateOf, differencesOfRuns } from "../checkpointState.ts"
import { mapsOfLesion } from "../outputFiles.ts"
import { degreeIsLeft, lesionsLeft } from "../plannedFolder.ts"
import { type PlannedStudy, planStudy } from "../planStudy.ts"
import { canBeDescribed, type Study } from "../Study.ts"
import { describeSums } from "../studyFingerprints.ts"
import { type CutFile, type OpenCut, placeCut, readCut } from "./CutFile.ts"

/** Which part is asked for: the first is 1. */
export interface PartNumber {
  readonly number: number
  readonly of: number
}

/** A run in parts that has been planned. */
export interface PlannedParts {
  /** Of all lesions that have no maps yet. */
  readonly study: Study
  readonly planned: PlannedStudy
  /** The cut of the folder, or what it will be where none is there when the part begins. */
  readonly cut: CutFile
  /** Undefined: none is there yet. */
  readonly found: OpenCut | undefined
  /** What parts of one run agree in. */
  readonly run: CheckpointState
  /** What the headers of the connectome's files say. */
  readonly headers: HeaderMemory
}

/**
 * The study as its parts compute it, and what these must agree in.
 *
 * @param number of the part, which hashes the files of its own subjects only; undefined: all are hashed
 */
export const planInParts = Effect.fnUntraced(function* (config: Config, found: OpenCut | undefined, number?: number) {
  const lesionsPerPass = found?.cut.run.lesions_per_pass
  // The merge opens all files itself: what there is to warn of belongs into its manifest.
  const headers = makeHeaderMemory(number === undefined ? undefined : yield* readHeaders(config.output.path))
  const planned = yield* Effect.provideService(
    planStudy(config, { inParts: true, lesionsPerPass }),
    KnownHeaders,
    headers
  )
  const { study: whole, folder, chosen, plan } = planned
  const lesions = folder === undefined ? whole.lesions : lesionsLeft(whole, folder)
  const known = found === undefined || number === undefined ? undefined : hashesOfOthers(whole, found.cut, number)
  const content = canBeDescribed(whole) ? yield* contentOf(whole.connectome, known) : undefined
  const study: Study = {
    ...whole,
    lesions,
    degree: degreeIsLeft(whole, folder),
    ...(content === undefined ? {} : { content })
  }
  const description = yield* describeSums(study, sumStages(study), chosen)
  const run = checkpointStateOf(study, description, lesionsPerPass ?? plan.shape.lesions, 0)
  return { planned, study, run, headers }
})

/** The headers that another part has left; undefined where there are none. */
const readHeaders = (output: string) =>
  Effect.promise(() => readRegularFile(headersFile(output), mostHeaderBytes).catch(() => undefined))

/** The headers of 40,000 files, and where their storage chunks lie. */
const mostHeaderBytes = 2 ** 30

/** The hashes that the cut has of files that no subject of the part is in: other parts look at these. */
const hashesOfOthers = ({ connectome }: Study, { run, units }: CutFile, number: number) => {
  const { content, names } = run.study
  const now = namesOf(connectome)
  const ours = new Set<string>()
  const others = new Set<string>()
  for (const { index, file, runs } of connectome.subjects) {
    const isOurs = units.some(
      ({ part, subjects: { first, count } }) => part === number && index >= first && index < first + count
    )
    for (const each of [file, ...(runs ?? []).map((run) => run.file)]) (isOurs ? ours : others).add(each)
  }
  return (file: string, position: number) =>
    others.has(file) && !ours.has(file) && names[position] === now[position] ? content[position] : undefined
}

/** Fails where the cut is of another run. */
export const checkCut = Effect.fnUntraced(function* (
  cut: CutFile,
  run: CheckpointState,
  order: ReadonlyArray<string>,
  output: string
) {
  const differences = [
    ...(cut.version === packageVersion ? [] : [`it is of version ${cut.version} of lnm, this is ${packageVersion}`]),
    ...differencesOfRuns(cut.run, run)
  ]
  const isSameOrder = cut.lesions.join("\n") === order.join("\n")
  if (differences.length === 0 && !isSameOrder) differences.push("the lesions are in another order")
  if (differences.length > 0) return yield* new OtherParts({ file: `${partsFolder(output)}/cut.json`, differences })
})

export const orderOf = (study: Study): ReadonlyArray<string> =>
  study.lesions.map((lesion) => mapsOfLesion(lesion, study))

/** Errors, all before anything is computed: `NoSuchPart`, `OtherParts`, `CutUnusable`, and those of `planStudy`. */
export const planPart = Effect.fn("planPart")(function* (config: Config, { number, of }: PartNumber) {
  const asked = `${number}/${of}`
  const output = config.output.path
  const found = yield* readCut(output)
  if (found !== undefined && found.cut.parts !== of) {
    const problem = `${output} is cut into ${found.cut.parts} parts`
    const remedy = `Compute part K as K/${found.cut.parts}, or remove ${partsFolder(output)} and compute all parts again`
    return yield* new NoSuchPart({ asked, problem, remedy })
  }
  const { planned, study, run, headers } = yield* planInParts(config, found, number)
  if (!canBeDescribed(study)) {
    const problem = "the connectome comes from no files, so that parts cannot be told to be of the same"
    return yield* new NoSuchPart({ asked, problem, remedy: "Run it whole" })
  }
  if (study.lesions.length === 0) {
    return yield* new NoSuchPart({
      asked,
      problem: "all lesions have their maps already",
      remedy: "There is nothing to do"
    })
  }
  if (found !== undefined) yield* checkCut(found.cut, run, orderOf(study), output)
  const cut = found?.cut ?? (yield* newCut(study, run, asked, of))
  const result: PlannedParts = { study, planned, cut, found, run, headers }
  return result
})

/**
 * Puts the cut into the folder where it has none. Errors: `OtherParts` where another part has put that of another run there meanwhile;
 * `NoSuchPart` where it has batches for which this part was not planned.
 */
export const settleCut = Effect.fnUntraced(function* (
  { study, planned, cut, found, run, headers }: PlannedParts,
  output: string
) {
  if (found !== undefined) return found
  // Before the cut: whoever finds that finds these too. That they cannot be written is no error.
  yield* Effect.ignore(writeWhole(headersFile(output), encodeHeaders(headers)))
  const placed = yield* placeCut(output, cut)
  yield* checkCut(placed.cut, run, orderOf(study), output)
  const largest = Math.max(...placed.cut.batches.map(({ count }) => count))
  if (placed.cut.parts !== cut.parts || largest > planned.plan.shape.lesions) {
    const problem = `another part has cut the run otherwise meanwhile, into ${placed.cut.parts} parts`
    return yield* new NoSuchPart({ asked: `…/${cut.parts}`, problem, remedy: "Run this part again" })
  }
  return placed
})

const newCut = Effect.fnUntraced(function* (study: Study, run: CheckpointState, asked: string, parts: number) {
  const { subjects, voxels, bytesToRead } = study.connectome
  const timePoints = subjects.reduce((sum, subject) => sum + subject.timePoints, 0)
  const cut = cutIntoParts({
    parts,
    lesions: study.lesions.length,
    fewestBatches: Math.ceil(study.lesions.length / run.lesions_per_pass),
    bytesOfSubjects: subjects.map((subject) => (bytesToRead * subject.timePoints) / timePoints),
    sumsBytesPerLesion: 2 * voxels * bytesPerSum
  })
  if (cut === undefined) {
    const most = study.lesions.length * subjects.length
    const problem = `${study.lesions.length} lesion(s) × ${subjects.length} subjects cannot be cut into ${parts} parts`
    return yield* new NoSuchPart({ asked, problem, remedy: `Ask for ${most} at most` })
  }
  const file: CutFile = {
    format_version: 1,
    version: packageVersion,
    // Less memory is enough where batches are smaller than a pass could be.
    run: { ...run, lesions_per_pass: Math.max(...cut.batches.map(({ count }) => count)) },
    lesions: orderOf(study),
    subjects: subjects.length,
    parts,
    ...cut
  }
  return file
})
