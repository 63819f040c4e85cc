/** Computes a part of a group's analysis: counts and maxima of its share of the permutations of every contrast. */
import { stat } from "node:fs/promises"
import { hostname } from "node:os"
import path from "node:path"
import { Clock, Effect } from "effect"
import { type PartRecord, readPartRecord, removePartRecord, writePartRecord } from "../../../src/cluster/PartRecord.ts"
import { PartsNotWhole } from "../../../src/cluster/PartsRefused.ts"
import { lockPart } from "../../../src/cluster/partLocks.ts"
import { reportingProgress } from "../../../src/cluster/partProgress.ts"
import { cutFile, partsFolder } from "../../../src/cluster/partsFolder.ts"
import { placeOnce } from "../../../src/cluster/placeOnce.ts"
import { checkUnchanged } from "../../../src/files/unchangedFiles.ts"
import { isThere } from "../../../src/files/unlessMissing.ts"
import { compileKernels } from "../../../src/kernels/compileKernels.ts"
import { savePiece } from "../../../src/output/savedPiece.ts"
import { Progress } from "../../../src/runtime/Progress.ts"
import { contrastData, countContrast } from "../../../src/stages/group/Contrast.ts"
import { type PartOfContrast, spatialKind, withPermutations } from "../../../src/stages/group/ContrastParts.ts"
import { cohortColumns } from "../../../src/stages/group/cohortColumns.ts"
import { contrastFingerprint } from "../../../src/stages/group/contrastPieces.ts"
import { type GroupPool, makeGroupPool } from "../../../src/stages/group/GroupWork.ts"
import { elementsOf } from "../../../src/stages/group/patientLesions.ts"
import { readCohort } from "../../../src/stages/group/readCohort.ts"
import { spatialMaxima, spatialOptions } from "../../../src/stages/group/SpatialContrast.ts"
import { completeContrasts, type PlannedContrast } from "../planContrasts.ts"
import type { PlannedGroup } from "../planGroup.ts"
import {
  analysisStamp,
  groupCut,
  kindOfMultiplyAdd,
  partFingerprint,
  permutationsFile,
  readGroupCut,
  shareOf
} from "./permutationParts.ts"

export interface GroupPart {
  readonly output: string
  readonly number: number
  readonly of: number
  /** Whether it is computed again where it is done. */
  readonly fresh: boolean
}

/** Errors: `PartBusy`; `PartsNotWhole` where the folder is cut into another number of parts; those of reading and computing. */
export const runGroupPart = Effect.fn("runGroupPart")(function* (planned: PlannedGroup, part: GroupPart) {
  const { output, number, of, fresh } = part
  yield* lockPart(output, number)
  yield* placeOnce(cutFile(output), `${JSON.stringify(groupCut(planned.contrasts, of), null, 1)}\n`)
  const cut = yield* readGroupCut(output)
  if (cut?.parts !== of) {
    const problems = [`the folder is cut into ${cut === undefined ? "parts of another run" : `${cut.parts} parts`}`]
    const remedy = "Ask for as many, or remove the folder and compute all parts again"
    return yield* new PartsNotWhole({ folder: partsFolder(output), problems, remedy })
  }
  const found = yield* readPartRecord(output, number)
  const stamp = analysisStamp(planned)
  if (!fresh && found?.cut === stamp && (yield* isWhole(found, output))) return { record: found, wasDone: true }
  yield* removePartRecord(output, number)
  const startedAt = yield* Clock.currentTimeMillis
  const { count } = cut.units[number - 1]!.subjects
  const told = { part: number, of: "permutations", subjects: count } as const
  const files = yield* reportingProgress(output, told, computeFiles(planned, part)).pipe(
    Effect.tapError(() => checkUnchanged(planned.inputs))
  )
  yield* checkUnchanged(planned.inputs)
  const record: PartRecord = {
    part: number,
    cut: stamp,
    of: "permutations",
    host: hostname(),
    fused: kindOfMultiplyAdd(planned),
    started: new Date(startedAt).toISOString(),
    seconds: ((yield* Clock.currentTimeMillis) - startedAt) / 1000,
    subjects_taken_over: 0,
    peak_memory_bytes: process.resourceUsage().maxRSS * 1024,
    subjects: count,
    files
  }
  yield* writePartRecord(output, record)
  return { record, wasDone: false }
}, Effect.scoped)

const isWhole = (record: PartRecord, output: string) =>
  Effect.map(
    Effect.forEach(record.files, ({ file, bytes }) =>
      Effect.promise(() =>
        isThere(stat(path.join(partsFolder(output), file)).then(({ size }) => size === bytes || Promise.reject()))
      )
    ),
    (whole) => whole.every((each) => each)
  )

const computeFiles = Effect.fnUntraced(function* (planned: PlannedGroup, { output, number, of }: GroupPart) {
  const { cohort, lesions, table, plan, kernels } = planned
  const progress = yield* Progress
  yield* progress.begin(
    { subjects: 0, lesions: 0, peakBytes: plan.peakBytes },
    { name: "reading maps", counts: "steps", steps: { of: cohort.patients.length, name: "patients" } }
  )
  const values = yield* readCohort(cohort, elementsOf(lesions), plan)
  const { source, elements, centralities, fingerprint } = values
  const columns = cohortColumns(table, cohort.patients, { lesions, centralities })
  const contrasts = yield* completeContrasts(planned.contrasts, columns)
  const { module } = yield* Effect.promise(() => compileKernels({ arithmetic: kernels, vectors: "auto" }))
  const pool = yield* makeGroupPool(plan.workers, { module, source })
  const files: Array<PartRecord["files"][number]> = []
  for (const [batch, contrast] of contrasts.entries()) {
    const { name } = contrast.config
    yield* progress.phase({ name: `contrast ${name}`, counts: "nothing" })
    const where = { elements, shape: cohort.grid.shape, mapBytes: plan.mapBytes }
    const { found, data } = yield* computeShare(pool, contrast, { number, of }, { ...where, arithmetic: kernels })
    const file = permutationsFile(output, number, name)
    const own = partFingerprint(contrastFingerprint(data, fingerprint), spatialKind(contrast.config))
    yield* savePiece(file, found, { fingerprint: own, resumes: 0 })
    files.push({ batch, file: path.basename(file), bytes: (yield* Effect.promise(() => stat(file))).size })
  }
  yield* progress.end
  return files
})

const computeShare = Effect.fnUntraced(function* (
  pool: GroupPool,
  { config, design, permutations }: PlannedContrast,
  { number, of }: Pick<GroupPart, "number" | "of">,
  where: {
    readonly elements: Int32Array
    readonly shape: readonly [number, number, number]
    readonly mapBytes: number
    readonly arithmetic: "fast" | "strict"
  }
) {
  const data = contrastData({ design, ranks: config.ranks, permutations, arithmetic: where.arithmetic })
  const contrast = withPermutations(data, shareOf(permutations.count, number, of))
  const { counts, maxima } = yield* countContrast(pool, contrast, { voxels: where.elements.length }, () => Effect.void)
  const empty = new Float64Array(0)
  const request = { ...where, contrast, tfce: config.tfce }
  const spatial =
    config.tfce || config.clusters
      ? yield* spatialMaxima(pool, request, spatialOptions(request), () => Effect.void)
      : { enhanced: empty, extents: empty, masses: empty }
  const found: PartOfContrast = { counts, maxima, ...spatial }
  return { found, data }
})
