/**
 * Merges the parts of a run: adds their sums batch after batch, and makes maps, tables, report and manifest of them as a run does; with PINI
 * a first merge joins correlations and refines the seeds, of which the parts then make sums. The parts are removed when the maps are there.
 */
import { rm } from "node:fs/promises"
import { Effect, Stream } from "effect"
import { type PartRecord, type PartsOf, removePartRecord, unitFile } from "../../../src/cluster/PartRecord.ts"
import { PartsNotWhole, PartsThere } from "../../../src/cluster/PartsRefused.ts"
import { refuseWorkingParts } from "../../../src/cluster/partLocks.ts"
import { partsFolder } from "../../../src/cluster/partsFolder.ts"
import type { KeptSums } from "../../../src/elements/ConnectivitySums.ts"
import { joinSubjects } from "../../../src/elements/coveredSubjects.ts"
import { joinInvalid } from "../../../src/elements/InvalidCounts.ts"
import type { KeptCorrelations } from "../../../src/elements/LesionVoxelCorrelations.ts"
import { checkSameSums } from "../../../src/elements/mergeSums.ts"
import { addShares } from "../../../src/elements/SharesLeft.ts"
import type { ChosenBackend } from "../../../src/engine/chooseBackend.ts"
import { OutputFolder } from "../../../src/output/OutputFolder.ts"
import { openCorrelations } from "../../../src/output/savedCorrelations.ts"
import { saveSeeds } from "../../../src/output/savedSeeds.ts"
import { openSums } from "../../../src/output/savedSums.ts"
import * as Pipeline from "../../../src/runtime/Pipeline.ts"
import type { Plan } from "../../../src/runtime/Plan.ts"
import { Progress } from "../../../src/runtime/Progress.ts"
import {
  connectivitySums,
  lesionVoxelCorrelations,
  seedImages,
  seedsOfCorrelations
} from "../../functional-network-mapping.ts"
import type { Config } from "../Config.ts"
import { joinRecords } from "../PassRecord.ts"
import { mapBatch, type Running, theOne } from "../passes.ts"
import type { PlannedStudy } from "../planStudy.ts"
import type { Study } from "../Study.ts"
import { fingerprintsOf } from "../studyFingerprints.ts"
import { batchesToRefine, batchesToSum, partsCompute, refinedSeedsOf, seedsFile } from "./batches.ts"
import { type CutFile, type OpenCut, readCut } from "./CutFile.ts"
import { checkParts } from "./checkParts.ts"
import { checkCut, orderOf, planInParts } from "./planPart.ts"

/** Parts that can be merged. */
export interface PlannedMerge {
  readonly study: Study
  readonly planned: PlannedStudy
  readonly open: OpenCut
  readonly of: PartsOf
  readonly records: ReadonlyArray<PartRecord>
}

/** Errors: `PartsNotWhole`, `OtherParts`, `CutUnusable`, and those of `planStudy`. */
export const planMerge = Effect.fn("planMerge")(function* (config: Config) {
  const output = config.output.path
  const open = yield* readCut(output)
  if (open === undefined) {
    const problems = ["there are none"]
    return yield* new PartsNotWhole({ folder: partsFolder(output), problems, remedy: "Compute them with --part K/N" })
  }
  const { planned, study, run } = yield* planInParts(config, open)
  yield* checkCut(open.cut, run, orderOf(study), output)
  const of = yield* partsCompute(study, open.cut, output)
  const { chosen } = planned
  const batches =
    of === "sums" ? yield* batchesToSum(study, open.cut, output, chosen) : batchesToRefine(study, open.cut)
  const fingerprints = yield* Effect.forEach(batches, (batch) => fingerprintsOf(batch, stagesOf(batch, of), chosen))
  const sums = fingerprints.map((own) => own.sums)
  const records = yield* checkParts(output, open, of, sums)
  const merge: PlannedMerge = { study, planned, open, of, records }
  return merge
})

const stagesOf = (batch: Study, of: PartsOf) =>
  (of === "sums" ? connectivitySums(batch) : lesionVoxelCorrelations(batch)).stages

/** Maps the lesions from the sums of parts instead of a connectome. */
export const mapFromParts = ({ open }: PlannedMerge, chosen: ChosenBackend) =>
  Effect.fnUntraced(function* (whole: Study, _plan: Plan, run: Running) {
    const { path: output } = yield* OutputFolder
    yield* refuseWorkingParts(output, open.cut.parts)
    const study = { ...whole, lesions: run.dataset.lesions, degree: run.dataset.degree }
    if (study.pini !== undefined) yield* run.dataset.begin
    const batches = yield* batchesToSum(study, open.cut, output, chosen)
    for (const [position, batch] of batches.entries()) {
      const kept = yield* sumsOfBatch(output, open.cut, position)
      const sums = yield* theOne(Pipeline.stream(connectivitySums(batch, { from: kept, warns: false }), Stream.empty))
      yield* mapBatch(batch, sums, run)
    }
    if (study.pini !== undefined) yield* writeSeedImages(study, open.cut, output, chosen)
    return joinRecords([])
  }, Effect.scoped)

/** The sums of all parts of a batch together, on disk. Errors: `InvalidArrayFile`, `SumsMismatch`, `OverlappingSubjects`. */
const sumsOfBatch = Effect.fnUntraced(function* (output: string, cut: CutFile, position: number) {
  let all: KeptSums | undefined
  for (const { part } of cut.units.filter(({ batch }) => batch === position)) {
    const one = yield* openSums(unitFile(output, part, position, "sums"))
    all = all === undefined ? one : yield* together(all, one)
  }
  return all!
})

const together = Effect.fnUntraced(function* (one: KeptSums, other: KeptSums) {
  yield* checkSameSums(one, other)
  const sums: KeptSums = {
    ...one,
    subjects: one.subjects + other.subjects,
    covered: joinSubjects(one.covered, other.covered),
    shares: addShares(one.shares, other.shares),
    invalidVoxels: one.invalidVoxels + other.invalidVoxels,
    invalidSeeds: one.invalidSeeds.map((count, lesion) => count + other.invalidSeeds[lesion]!),
    invalidSubjects: joinInvalid(one.invalidSubjects, other.invalidSubjects),
    addTo: (into) => Effect.andThen(one.addTo(into), other.addTo(into))
  }
  return sums
})

/** Images of the refined seeds, which a run writes when it has refined them. */
const writeSeedImages = Effect.fnUntraced(function* (
  study: Study,
  cut: CutFile,
  output: string,
  chosen: ChosenBackend
) {
  for (const [position, batch] of batchesToRefine(study, cut).entries()) {
    const seeds = yield* refinedSeedsOf(batch, position, output, chosen)
    yield* Stream.runDrain(Pipeline.stream(seedImages(batch), Stream.make(seeds)))
  }
})

/** Joins the correlations of all parts, and refines the seeds of each batch. */
export const refineFromParts = Effect.fn("refineFromParts")(function* ({ study, planned, open }: PlannedMerge) {
  const { path: output } = yield* OutputFolder
  yield* refuseWorkingParts(output, open.cut.parts)
  const progress = yield* Progress
  const { chosen, plan } = planned
  yield* progress.begin(
    { subjects: 0, lesions: 0, peakBytes: plan.peakBytes },
    { name: "refining seeds", counts: "nothing" }
  )
  const refineBatch = Effect.fnUntraced(function* (batch: Study, position: number) {
    const kept = yield* correlationsOfBatch(output, open.cut, position)
    const all = yield* theOne(Pipeline.stream(lesionVoxelCorrelations(batch, { from: kept }), Stream.empty))
    const seeds = yield* theOne(Pipeline.stream(seedsOfCorrelations(batch, batch.pini!), Stream.make(all)))
    const fingerprints = yield* fingerprintsOf(batch, lesionVoxelCorrelations(batch).stages, chosen)
    yield* saveSeeds(seedsFile(output, position), { kept: seeds.kept, fingerprints })
  })
  yield* Effect.forEach(batchesToRefine(study, open.cut), refineBatch, { discard: true }).pipe(
    Effect.provide(chosen.layer(plan.shape))
  )
  yield* Effect.forEach(open.cut.units, ({ part, batch }) =>
    Effect.andThen(
      removePartRecord(output, part),
      Effect.promise(() => rm(unitFile(output, part, batch, "correlations"), { force: true }))
    )
  )
  yield* progress.end
}, Effect.scoped)

const correlationsOfBatch = Effect.fnUntraced(function* (output: string, cut: CutFile, position: number) {
  const units = cut.units.filter(({ batch }) => batch === position)
  const kept = yield* Effect.forEach(units, ({ part }) =>
    openCorrelations(unitFile(output, part, position, "correlations"))
  )
  const all: KeptCorrelations = {
    ...kept[0]!,
    covered: kept.reduce<KeptCorrelations["covered"]>((covered, own) => joinSubjects(covered, own.covered), []),
    placeIn: (rows) => Effect.forEach(kept, (own) => own.placeIn(rows), { discard: true })
  }
  return all
})

/** Fails where a run that is asked for whole has been cut into parts, and is not begun anew. */
export const refuseParts = Effect.fnUntraced(function* (output: string, fresh: boolean) {
  const open = yield* readCut(output)
  if (open !== undefined && !fresh) return yield* new PartsThere({ folder: output, parts: open.cut.parts })
})

/** Removes the parts of a run that begins anew. Errors: `PartBusy` where one is at work. The lock of the output folder is had. */
export const discardParts = Effect.fnUntraced(function* (output: string) {
  const open = yield* readCut(output)
  if (open === undefined) return
  yield* refuseWorkingParts(output, open.cut.parts)
  yield* removeParts(output)
}, Effect.scoped)

/** Removes all that parts have left; their maps are there. */
export const removeParts = (output: string): Effect.Effect<void> =>
  Effect.promise(() => rm(partsFolder(output), { recursive: true, force: true }))
