/**
 * Computes one part of a run: the sums of its batches of lesions over its share of the subjects, or with PINI first their correlations. They
 * are left in `.lnm/parts/`, each file whole or not at all, under a lock of the part's own, with checkpoints. A part that is done computes nothing.
 */

import { rm, stat } from "node:fs/promises"
import { hostname } from "node:os"
import path from "node:path"
import { Clock, Effect } from "effect"
import {
  type PartRecord,
  type PartsOf,
  readPartRecord,
  removePartRecord,
  unitFile,
  writePartRecord
} from "../../../src/cluster/PartRecord.ts"
import { lockPart } from "../../../src/cluster/partLocks.ts"
import { reportingProgress } from "../../../src/cluster/partProgress.ts"
import { partsFolder } from "../../../src/cluster/partsFolder.ts"
import { countSubjects } from "../../../src/elements/coveredSubjects.ts"
import { checkUnchanged } from "../../../src/files/unchangedFiles.ts"
import { isThere } from "../../../src/files/unlessMissing.ts"
import { fusesMultiplyAdd } from "../../../src/kernels/fusesMultiplyAdd.ts"
import { saveCorrelations } from "../../../src/output/savedCorrelations.ts"
import { saveSums } from "../../../src/output/savedSums.ts"
import * as Pipeline from "../../../src/runtime/Pipeline.ts"
import { Progress } from "../../../src/runtime/Progress.ts"
import { connectivitySums, lesionVoxelCorrelations } from "../../functional-network-mapping.ts"
import { type Config, checkpointSeconds } from "../Config.ts"
import { type Checkpointing, checkpointBytes, checkpointsOfBatch } from "../checkpoints.ts"
import { joinRecords } from "../PassRecord.ts"
import { theOne } from "../passes.ts"
import { passInPieces } from "../passInPieces.ts"
import { mappingConnectivity, refiningSeeds } from "../phases.ts"
import type { Study } from "../Study.ts"
import { fingerprintsOf } from "../studyFingerprints.ts"
import { batchesToRefine, batchesToSum, partsCompute } from "./batches.ts"
import type { OpenCut } from "./CutFile.ts"
import { type PlannedParts, settleCut } from "./planPart.ts"

/** How a part has ended. */
export interface EndedPart {
  readonly record: PartRecord
  /** Whether it was done before. */
  readonly wasDone: boolean
}

export const runPart = Effect.fn("runPart")(function* (
  parts: PlannedParts,
  { config, number, fresh }: { readonly config: Config; readonly number: number; readonly fresh: boolean }
) {
  const output = config.output.path
  yield* lockPart(output, number)
  const open = yield* settleCut(parts, output)
  const of = yield* partsCompute(parts.study, open.cut, output)
  const found = yield* readPartRecord(output, number)
  if (!fresh && found !== undefined && (yield* isDone(found, open, of, output))) {
    const ended: EndedPart = { record: found, wasDone: true }
    return ended
  }
  yield* removePartRecord(output, number)
  const checkpoints = path.join(partsFolder(output), `checkpoints-${number}`)
  if (fresh) yield* Effect.promise(() => rm(checkpoints, { recursive: true, force: true }))
  const units = open.cut.units.filter(({ part }) => part === number)
  const subjects = units.reduce((sum, unit) => sum + unit.subjects.count, 0)
  const computing = computePart(parts, { config, number, open, of, checkpoints })
  const record = yield* reportingProgress(output, { part: number, of, subjects }, computing).pipe(
    Effect.tapError(() => checkUnchanged(parts.planned.inputs ?? [])),
    Effect.provide(parts.planned.chosen.layer(parts.planned.plan.shape))
  )
  yield* writePartRecord(output, record)
  yield* Effect.promise(() => rm(checkpoints, { recursive: true, force: true }))
  const ended: EndedPart = { record, wasDone: false }
  return ended
}, Effect.scoped)

/** Whether a part of a cut is done. */
export const partIsDone = Effect.fnUntraced(function* (output: string, number: number, open: OpenCut, of: PartsOf) {
  const found = yield* readPartRecord(output, number)
  return found !== undefined && (yield* isDone(found, open, of, output))
})

/** Whether a part has left all that it should. */
const isDone = Effect.fnUntraced(function* (record: PartRecord, { cut, hash }: OpenCut, of: PartsOf, output: string) {
  const wanted = cut.units.filter(({ part }) => part === record.part)
  if (record.cut !== hash || record.of !== of || record.files.length !== wanted.length) return false
  const there = yield* Effect.forEach(record.files, ({ file, bytes }) =>
    Effect.promise(() =>
      isThere(stat(path.join(partsFolder(output), file)).then(({ size }) => size === bytes || Promise.reject()))
    )
  )
  return there.every((whole) => whole)
})

interface Computing {
  readonly config: Config
  readonly number: number
  readonly open: OpenCut
  readonly of: PartsOf
  /** Folder of the part's checkpoints. */
  readonly checkpoints: string
}

const computePart = Effect.fnUntraced(function* (parts: PlannedParts, computing: Computing) {
  const { study, planned } = parts
  const { config, number, open, of, checkpoints } = computing
  const { chosen, plan, inputs = [] } = planned
  const output = config.output.path
  const progress = yield* Progress
  const startedAt = yield* Clock.currentTimeMillis
  const units = open.cut.units.filter(({ part }) => part === number)
  const batches =
    of === "sums" ? yield* batchesToSum(study, open.cut, output, chosen) : batchesToRefine(study, open.cut)
  const subjects = units.reduce((sum, unit) => sum + unit.subjects.count, 0)
  const lesions = units.reduce((sum, { batch }) => sum + batches[batch]!.lesions.length, 0)
  const phase = of === "sums" ? mappingConnectivity : refiningSeeds
  yield* progress.begin({ subjects, lesions, peakBytes: plan.peakBytes }, phase({ number: 1, of: units.length }))
  const checkpointing: Checkpointing | undefined =
    config.checkpoint === false || chosen.backend.workers === 0
      ? undefined
      : { folder: checkpoints, interval: checkpointSeconds(config.checkpoint), chosen, begin: checkUnchanged(inputs) }
  let record = joinRecords([])
  const files: Array<PartRecord["files"][number]> = []
  for (const [n, { batch, subjects: share }] of units.entries()) {
    yield* progress.phase(phase({ number: n + 1, of: units.length }))
    const pass = { subjects: open.cut.subjects, share, subjectsPerChunk: plan.shape.subjectsPerChunk }
    const pieces = { ...pass, interval: checkpointing?.interval, folder: checkpoints }
    const file = unitFile(output, number, batch, of)
    const bytes = checkpointBytes(plan)
    const own = batches[batch]!
    const done = yield* of === "sums"
      ? sumsOf(own, { ...pieces, bytes: bytes.sums }, { checkpointing, file, parts })
      : correlationsOf(own, { ...pieces, bytes: bytes.correlations }, { checkpointing, file, parts })
    record = joinRecords([record, done.record])
    const { size } = yield* Effect.promise(() => stat(file))
    files.push({ batch, file: path.basename(file), bytes: size })
  }
  const made: PartRecord = {
    part: number,
    cut: open.hash,
    of,
    host: hostname(),
    fused: chosen.arithmetic === "fast" ? fusesMultiplyAdd() : null,
    started: new Date(startedAt).toISOString(),
    seconds: ((yield* Clock.currentTimeMillis) - startedAt) / 1000,
    subjects_taken_over: record.takenOver,
    peak_memory_bytes: process.resourceUsage().maxRSS * 1024,
    subjects,
    files
  }
  yield* progress.end
  return made
})

/** The way a pass is cut, and where what comes of it goes. */
type Pieces = Omit<Parameters<typeof passInPieces>[0], "add" | "checkpoint">

interface Leaving {
  readonly checkpointing: Checkpointing | undefined
  readonly file: string
  readonly parts: PlannedParts
}

const sumsOf = Effect.fnUntraced(function* (batch: Study, pieces: Pieces, { checkpointing, file, parts }: Leaving) {
  const stages = connectivitySums(batch).stages
  const checkpoints = yield* checkpointsOfBatch(checkpointing, batch, stages)
  const { sums, record } = yield* passInPieces({
    ...pieces,
    checkpoint: checkpoints?.sums,
    add: (ranges, from) => theOne(Pipeline.stream(connectivitySums(batch, { from, warns: false }), ranges))
  })
  yield* checkUnchanged(parts.planned.inputs ?? [])
  const fingerprints = yield* fingerprintsOf(batch, stages, parts.planned.chosen)
  yield* saveSums(file, { ...sums, fingerprints })
  return { record, subjects: countSubjects(sums.covered) }
})

const correlationsOf = Effect.fnUntraced(function* (
  batch: Study,
  pieces: Pieces,
  { checkpointing, file, parts }: Leaving
) {
  const stages = lesionVoxelCorrelations(batch).stages
  const checkpoints = yield* checkpointsOfBatch(checkpointing, batch, stages)
  const { sums, record } = yield* passInPieces({
    ...pieces,
    checkpoint: checkpoints?.correlations,
    add: (ranges, from) => theOne(Pipeline.stream(lesionVoxelCorrelations(batch, { from }), ranges))
  })
  yield* checkUnchanged(parts.planned.inputs ?? [])
  const fingerprints = yield* fingerprintsOf(batch, stages, parts.planned.chosen)
  yield* saveCorrelations(file, { ...sums, fingerprints })
  return { record, subjects: countSubjects(sums.covered) }
})
