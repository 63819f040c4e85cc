/**
 * The lesions of the patients on the grid of the maps, and their volumes: what covariates, and what is left out of a map, are made of.
 *
 * A lesion is read by the rules of the run that mapped it, mirrored as it was there, and brought onto the maps' grid as lesions are brought
 * onto a connectome's. Of a lesion that was brought over from another template, the image is read that its run has written of it in the
 * template of the maps. Several lesions of a patient are united; their volumes are added, of the masks in their own files, or after that. A
 * patient of whom one lesion is not known has neither.
 *
 * Shapes: a row a patient.
 */
import { stat } from "node:fs/promises"
import { Effect } from "effect"
import { isMissing } from "../../files/unlessMissing.ts"
import { voxelVolumeMm3 } from "../../imaging/affine.ts"
import { voxelsOf } from "../../imaging/Grid.ts"
import { inLoadingMemory } from "../../imaging/loadingMemory.ts"
import { readVolumeHeader } from "../../imaging/nifti/readVolume.ts"
import { spaceInName } from "../../imaging/templateSpace.ts"
import { mirrored } from "../../lesions/flipLesion.ts"
import { type LesionTarget, placeLesion } from "../../lesions/placeLesion.ts"
import { type LesionMask, readingBytes, readLesionMask } from "../../lesions/readLesionMask.ts"
import { drawSeed } from "../../lesions/seeds/drawSeed.ts"
import { isPlace } from "../../lesions/seeds/Seed.ts"
import { recordFile } from "../../output/Manifest.ts"
import { type Warning, warnAll } from "../../runtime/Warnings.ts"
import type { CohortLesion } from "./CohortMap.ts"
import { InvalidCohort } from "./InvalidCohort.ts"
import type { Cohort } from "./readCohort.ts"

export interface PatientLesion {
  /** Elements of the maps' grid that are lesion, ascending. */
  readonly elements: Int32Array
  /** Of the lesions in their own files; of those that were brought over, after that. */
  readonly volumeMl: number
}

export interface PatientLesions {
  /** Undefined: the patient's lesion is not known. */
  readonly lesions: ReadonlyArray<PatientLesion | undefined>
  /** Files that were read. */
  readonly files: ReadonlyArray<string>
}

/** Lesions that are read side by side. */
const concurrency = 4

/**
 * Reads the lesions of a cohort.
 *
 * Errors: `InvalidCohort` where a lesion is not the one that was mapped, lies in another space or beyond the maps; those of lesion files.
 * One that is gone, or of which it cannot be told where it lies in the template of the maps, is warned of, and counts as not known.
 *
 * Memory: 4 bytes a lesion voxel; while lesions are read, that of `readLesionMask`, and 5 bytes a voxel of the grid.
 */
export const readPatientLesions = Effect.fn("readPatientLesions")(function* ({ maps, grid, space }: Cohort) {
  const target: LesionTarget = { grid, gridIndex: Int32Array.from({ length: voxelsOf(grid) }, (_, v) => v), space }
  const unknown = yield* unknownLesions(maps.flat().flatMap(({ lesion }) => lesion ?? []))
  const read = yield* Effect.forEach(
    maps,
    Effect.fnUntraced(function* (own) {
      const there = own.flatMap(({ lesion }) => (lesion === undefined || unknown.has(keyOf(lesion)) ? [] : [lesion]))
      if (there.length < own.length) return []
      // Maps of one lesion, as of two connectomes, do not make it larger.
      const apart = new Map(there.map((lesion) => [keyOf(lesion), lesion]))
      return yield* Effect.forEach(apart.values(), (lesion) =>
        lesion.broughtOver === undefined ? readLesion(lesion, target) : readBroughtOver(lesion.broughtOver, target)
      )
    }),
    { concurrency }
  )
  yield* warnAll(read.flat().flatMap(({ warnings }) => warnings))
  return {
    lesions: read.map((lesions) => (lesions.length === 0 ? undefined : unionOf(lesions))),
    files: [...new Set(read.flat().flatMap(({ file, isRead }) => (isRead ? [file] : [])))]
  } satisfies PatientLesions as PatientLesions
})

/** The elements of each patient's lesion; none where it is not known. */
export const elementsOf = (lesions: PatientLesions["lesions"]): ReadonlyArray<Int32Array> =>
  lesions.map((lesion) => lesion?.elements ?? new Int32Array(0))

/** Tells a lesion from others, also from other parcels of its atlas. */
const keyOf = ({ file, seed }: CohortLesion): string => JSON.stringify([file, seed ?? null])

/** Lesions that we have mapped and whose files are no longer there, or of which it cannot be told where they lie; one that a table names must be there. */
const unknownLesions = Effect.fnUntraced(function* (lesions: ReadonlyArray<CohortLesion>) {
  const ours = lesions.filter(({ recorded, seed }) => recorded !== undefined && !isPlace(seed))
  const unplaced = ours.filter((lesion) => lesion.unplaced !== undefined)
  const looked = ours.filter((lesion) => lesion.broughtOver === undefined && lesion.unplaced === undefined)
  const isGone = ({ file }: CohortLesion) => Effect.promise(() => stat(file).then(() => false, isMissing))
  const gone = yield* Effect.filter(looked, isGone, { concurrency })
  const taken = "Its patient counts as one without a lesion that is known: volume and centrality are n/a"
  const warnings = new Map([
    ...gone.map(({ file }) => [file, "the lesion that was mapped is no longer there"] as const),
    ...unplaced.map(({ file, unplaced: found }) => [file, found!] as const)
  ])
  yield* warnAll(Array.from(warnings, ([file, found]) => ({ file, found, taken })))
  return new Set([...gone, ...unplaced].map(keyOf))
})

/** A lesion that was brought over, from the image of it; its own file is not looked at. */
const readBroughtOver = Effect.fnUntraced(function* (
  { file, image, volumeMl }: NonNullable<CohortLesion["broughtOver"]>,
  target: LesionTarget
) {
  const recorded = { file: image, voxels: undefined }
  const read = yield* readLesion({ file, flipped: false, recorded }, target)
  return { ...read, volumeMl }
})

const readLesion = Effect.fnUntraced(function* (lesion: CohortLesion, target: LesionTarget) {
  const { file, seed, values = {}, recorded } = lesion
  const refuse = (problem: string, remedy: string) => new InvalidCohort({ file, problem, remedy })
  if (isPlace(seed)) return yield* placed(lesion, drawSeed(file, seed, target.grid), target)
  if (recorded !== undefined && (yield* recordFile(file)).sha256 !== recorded.file.sha256) {
    return yield* refuse("it has changed since it was mapped", "Restore it, or map it again")
  }
  const space = spaceInName(file)
  if (space !== undefined && space !== target.space) {
    return yield* refuse(
      `its name says space-${space}, and the maps are in ${target.space}`,
      "Give the lesion as mapped"
    )
  }
  const header = yield* readVolumeHeader(file)
  const bytes = readingBytes(header, values) + voxelsOf(target.grid)
  return yield* Effect.flatMap(readLesionMask(header, values), (found) => placed(lesion, found, target)).pipe(
    inLoadingMemory(header, bytes)
  )
})

/** The lesion on the maps' grid. */
const placed = Effect.fnUntraced(function* (lesion: CohortLesion, found: LesionMask, target: LesionTarget) {
  const { file, seed, recorded, flipped } = lesion
  const refuse = (problem: string, remedy: string) => new InvalidCohort({ file, problem, remedy })
  if (found.empty !== undefined) return yield* refuse(found.empty, "Give the lesion as it was mapped")
  const { header, elements } = found.mask
  if (recorded?.voxels !== undefined && recorded.voxels !== elements.length) {
    const problem = `${elements.length} of its voxels are lesion by the config of the last run into the folder, and ${recorded.voxels} were mapped`
    return yield* refuse(problem, "Map all lesions of the folder with the same lesions.threshold, values and weights")
  }
  const { voxels, shareInGrid } = placeLesion(flipped ? mirrored(found.mask) : found.mask, target, found.place)
  if (voxels.length === 0)
    return yield* refuse("no part of it lies on the grid of the maps", "Give the lesion as mapped")
  const volumeMl = (elements.length * voxelVolumeMm3(header.grid.affine)) / 1000
  // Of lesions that were mapped by us the warnings are in that run.
  const warnings = recorded === undefined ? warningsOf(file, found, shareInGrid, target) : []
  return { file, isRead: !isPlace(seed), elements: voxels, volumeMl, warnings }
})

/** Share of a lesion on the grid of the maps below which it is likely in another space. */
const leastShareInGrid = 0.5

/** Warnings of a lesion that a table names. */
const warningsOf = (
  file: string,
  { warnings }: LesionMask,
  shareInGrid: number,
  { space }: LesionTarget
): ReadonlyArray<Warning> => {
  const values = "Every voxel above 0 was taken as lesion. Give a mask of 0 and 1 if that is not meant"
  const nameless = {
    file,
    found: "its name has no space-",
    taken: `It is taken to lie in the space of the maps, ${space}`
  }
  const beyond = {
    file,
    found: `${Math.round(100 * (1 - shareInGrid))} % of it lies beyond the grid of the maps`,
    taken:
      "The part on the grid is left out of the patient's centrality. Check that the lesion is in the space of the maps"
  }
  return [
    ...warnings.map(({ found }) => ({ file, found, taken: values })),
    ...(spaceInName(file) === undefined ? [nameless] : []),
    ...(shareInGrid < leastShareInGrid ? [beyond] : [])
  ]
}

const unionOf = (lesions: ReadonlyArray<PatientLesion>): PatientLesion => {
  const elements = Int32Array.from(new Set(lesions.flatMap((lesion) => [...lesion.elements]))).sort()
  return { elements, volumeMl: lesions.reduce((sum, { volumeMl }) => sum + volumeMl, 0) }
}
