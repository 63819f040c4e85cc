/**
 * A lesion, as the stages take it: which of the connectome's voxels it covers.
 *
 * Loaded from a binary or weighted NIfTI mask on any grid, brought over from the other MNI152 template where its name says that it
 * lies there, mirrored at x = 0 where that is asked for, and resampled to the connectome's by nearest neighbour. Which values are
 * lesion, the config says; where it does not, every voxel above 0 is. What may not be meant comes with a warning. How much of it
 * fell outside the brain mask can be told from the counts. Seeds and correlations are made of `voxels` by later stages.
 *
 * Source: Boes et al. 2015, Brain, doi:10.1093/brain/awv228
 */
import { basename } from "node:path"
import { Effect } from "effect"
import { voxelVolumeMm3 } from "../imaging/affine.ts"
import { type OutputName, outputName } from "../imaging/BidsName.ts"
import { type Grid, voxelsOf } from "../imaging/Grid.ts"
import { inLoadingMemory } from "../imaging/loadingMemory.ts"
import { originWarnings, placementWarnings } from "../imaging/nifti/placementWarnings.ts"
import { readVolumeHeader } from "../imaging/nifti/readVolume.ts"
import { spaceInName, spaceWarnings } from "../imaging/templateSpace.ts"
import { inSlices } from "../runtime/inSlices.ts"
import { type Warning, warnAll } from "../runtime/Warnings.ts"
import { makeTemplateWarps, type TemplateWarp, type TemplateWarps } from "../warps/templateWarps.ts"
import { warpedVoxelBytes, warpMask } from "../warps/warpMask.ts"
import { bilateralFrom, type Flip, mirrored, sidesOf } from "./flipLesion.ts"
import { EmptyLesion, LesionCoversBrain, type LesionError, LesionOutsideBrain, percentOf } from "./LesionError.ts"
import { type LesionValues, saysWhichValues } from "./lesionValues.ts"
import { weightsAt } from "./lesionWeights.ts"
import type { OutputNaming } from "./outputNames.ts"
import { type LesionTarget, type PlacedLesion, placeLesion } from "./placeLesion.ts"
import { type LesionMask, readingBytes, readLesionMask } from "./readLesionMask.ts"
import { isPlace, type Seed } from "./seeds/Seed.ts"

/** How large a lesion is, in its file and on the connectome. Volumes are in mL. */
export interface LesionCounts {
  /** Lesion voxels in the file, on its own grid. */
  readonly sourceVoxels: number
  /** Their volume. */
  readonly sourceVolumeMl: number
  /** Lesion voxels on the connectome's grid, brain or not. */
  readonly gridVoxels: number
  /** Lesion voxels inside the connectome's brain mask. */
  readonly maskVoxels: number
}

/** A lesion on the voxels of a connectome. */
export interface Lesion {
  /** Path as given: of its mask, or of the table or atlas that its seed comes from. */
  readonly file: string
  /** What it is where it has no mask of its own. Undefined: the file is its mask. */
  readonly seed?: Seed | undefined
  /** What tables call it: its file's name without folders, or with as many as tell it apart. */
  readonly name: string
  /** What its outputs are named after. Undefined: `name`. */
  readonly naming?: OutputNaming | undefined
  /** The file's own grid. */
  readonly grid: Grid
  /** Shape: (mask voxels), ascending. Which of the connectome's voxels are lesion. */
  readonly voxels: Int32Array
  /** Shape: as `voxels`. What each counts in the seed, the largest 1. Undefined: all the same. */
  readonly weights?: Float32Array | undefined
  /** Voxels of its refined seed, once there is one. */
  readonly seedVoxels?: number | undefined
  /** Whether it was mirrored at x = 0. Undefined: lesions are taken as they lie. */
  readonly flipped?: boolean | undefined
  /** How it was brought over from the other template. Undefined: its file lies in the connectome's. */
  readonly warped?: WarpedLesion | undefined
  readonly counts: LesionCounts
}

/** What became of a lesion that was brought over from the other template. */
export interface WarpedLesion {
  /** Template of its file. */
  readonly from: string
  /** The file of the warp. */
  readonly file: string
  /** Volume after it was brought over, at its own resolution, in mL. */
  readonly volumeMl: number
  /** Share of it that lies outside of the brain mask after it was brought over. */
  readonly shareOutside: number
  /** Elements of the connectome's grid that are lesion, brain or not, ascending: as it was mapped, mirrored where it was. */
  readonly elements: Int32Array
}

/** How a lesion's file is read, and where the lesion is put. */
export interface LesionReading extends LesionValues {
  /** The hemisphere to which lesions are mirrored that have more of their volume in the other one; null: none. Default: none. */
  readonly flip?: Flip | null
  /** What brings lesions of the other template to the connectome's. Default: such lesions are refused. */
  readonly warps?: TemplateWarps
}

/** Names the outputs of a lesion. */
export const outputNameOf = (
  { name, naming }: Pick<Lesion, "name" | "naming">,
  { space, description }: { readonly space: string | undefined; readonly description: string }
): OutputName => outputName(naming?.entities ?? name, { space, description: `${description}${naming?.apart ?? ""}` })

/** The template of a lesion's own grid, where that is another than the connectome's; of a sphere or a point it never is. */
export const ownTemplate = ({ warped, seed }: Pick<Lesion, "warped" | "seed">): string | undefined =>
  isPlace(seed) ? undefined : warped?.from

/** The template space of a lesion's maps: the connectome's, or on the lesion's own grid that of its file. */
export const spaceOfMaps = (
  lesion: Pick<Lesion, "warped" | "seed">,
  { space, grid }: { readonly space: string; readonly grid: "connectome" | "lesion" }
): string => (grid === "lesion" ? (ownTemplate(lesion) ?? space) : space)

/** Share of a lesion in the brain mask below which it is likely in the wrong place. */
const leastShareInBrain = 0.5

/** Share of the brain mask above which a lesion is likely inverted. */
const mostShareOfBrain = 0.5

/** Warnings about where a lesion lies on the connectome. */
const placeWarnings = (
  file: string,
  { voxels, elements, shareInGrid, betweenVoxelsMm, besideMm }: PlacedLesion
): ReadonlyArray<Warning> => {
  const gridVoxels = elements.length
  const nearest = voxels.length === 1 ? "The nearest voxel" : `The nearest ${voxels.length} voxels`
  const between = {
    file,
    found: "it is smaller than a voxel and falls between the centres of the connectome's voxels",
    taken: `${nearest} of the brain mask, up to ${betweenVoxelsMm?.toFixed(1)} mm away, was taken`
  }
  const beside = {
    file,
    found: "it lies outside of the connectome's brain mask",
    taken: `The nearest voxel of the brain mask, ${besideMm?.toFixed(1)} mm away, was taken`
  }
  const share = (voxels.length / gridVoxels) * shareInGrid
  const beyond = shareInGrid < 1 ? `, and ${percentOf(1 - shareInGrid)} of it lies beyond that grid` : ""
  const partly = {
    file,
    found: `${percentOf(share)} of it lies in the connectome's brain mask: ${voxels.length} of ${gridVoxels} voxels on the connectome's grid${beyond}`,
    taken: "The map is made of that part. Check that the lesion is in the connectome's space"
  }
  return [
    ...(betweenVoxelsMm === undefined ? [] : [between]),
    ...(besideMm === undefined ? [] : [beside]),
    ...(share < leastShareInBrain ? [partly] : [])
  ]
}

/** Warnings of a binary lesion that covers most of the brain; one that does so by noise is refused. */
const checkCover = (
  file: string,
  share: number,
  { values }: LesionMask,
  reading: LesionValues
): Effect.Effect<ReadonlyArray<Warning>, LesionCoversBrain> => {
  // An electric field, or a probability, may well be above 0 in the whole brain.
  if (share <= mostShareOfBrain || reading.weights === "values") return Effect.succeed([])
  if (values.distinct === undefined && !saysWhichValues(reading)) {
    return Effect.fail(new LesionCoversBrain({ file, share }))
  }
  const taken = "All of it was taken as lesion. If the mask is inverted, turn it over: 0 is background"
  return Effect.succeed([{ file, found: `it covers ${percentOf(share)} of the brain mask`, taken }])
}

/** Whether a lesion is to be mirrored, and a warning where it lies in both hemispheres. */
const flipOf = (file: string, mask: LesionMask["mask"]) => {
  const { isRight, smallerShare } = sidesOf(mask)
  const found = `${percentOf(smallerShare)} of it lies in the smaller of its two sides`
  const taken = isRight
    ? "The whole lesion was mirrored to the left"
    : "More of it, or as much, lies on the left, so it was not mirrored"
  return { flipped: isRight, warnings: smallerShare < bilateralFrom ? [] : [{ file, found, taken }] }
}

/** Change of a lesion's volume, as a share of it, from which on a warp is warned of. */
const mostVolumeChange = 0.15

/** The lesion's voxels in the connectome's template, and a warning where their volume is another. */
const bringOver = Effect.fnUntraced(function* (
  found: LesionMask,
  by: TemplateWarp
): Effect.fn.Return<LesionMask, EmptyLesion> {
  const { mask } = found
  const { file } = mask.header
  const brought = yield* inSlices(warpMask(mask, by.warp))
  if (brought.elements.length === 0) {
    const problem = `none of its ${mask.elements.length} lesion voxels fills half of a voxel after it was brought over from ${by.from}`
    return yield* new EmptyLesion({ file, problem })
  }
  const change = brought.elements.length / mask.elements.length - 1
  const changed = {
    file,
    found: `its volume is ${percentOf(Math.abs(change))} ${change > 0 ? "larger" : "smaller"} after it was brought over from ${by.from}`,
    taken: "The map is made of it as brought over. Check that its name says the right space"
  }
  const warnings = Math.abs(change) > mostVolumeChange ? [changed] : []
  return { ...found, mask: brought, warnings: [...found.warnings, ...warnings] }
})

/**
 * Puts a mask, read from a file or made of a seed, onto a connectome's voxels.
 *
 * @param by what brings it over from the other template; undefined: it lies in the connectome's
 *
 * Errors: `EmptyLesion`, `LesionOutsideBrain`, `LesionCoversBrain`.
 */
export const putOnConnectome = Effect.fnUntraced(function* (
  read: LesionMask,
  target: LesionTarget,
  reading: LesionReading,
  by: TemplateWarp | undefined
): Effect.fn.Return<Lesion, EmptyLesion | LesionOutsideBrain | LesionCoversBrain> {
  const { file, grid } = read.mask.header
  if (read.empty !== undefined) return yield* new EmptyLesion({ file, problem: read.empty })
  const sourceVoxels = read.mask.elements.length
  const found = by === undefined || read.isBrought === true ? read : yield* bringOver(read, by)
  const { mask } = found
  const flip = reading.flip === "left" ? flipOf(file, mask) : undefined
  const placed = placeLesion(flip?.flipped === true ? mirrored(mask) : mask, target, found.place)
  const { voxels, elements } = placed
  const gridVoxels = elements.length
  if (voxels.length === 0) {
    const { place } = found
    return yield* new LesionOutsideBrain({ file, sourceVoxels, gridVoxels, ...(place === undefined ? {} : { place }) })
  }
  const coverWarnings = yield* checkCover(file, voxels.length / target.gridIndex.length, found, reading)
  // Issued only now, since the warnings say what was taken.
  yield* warnAll([...found.warnings, ...(flip?.warnings ?? []), ...coverWarnings, ...placeWarnings(file, placed)])
  const voxelMl = voxelVolumeMm3(grid.affine) / 1000
  const sourceVolumeMl = sourceVoxels * voxelMl
  const shareOutside = 1 - (voxels.length / gridVoxels) * placed.shareInGrid
  const counts = { sourceVoxels, sourceVolumeMl, gridVoxels, maskVoxels: voxels.length }
  const lesion: Lesion = {
    file,
    name: basename(file),
    grid,
    voxels,
    counts,
    ...(flip === undefined ? {} : { flipped: flip.flipped }),
    ...(by === undefined
      ? {}
      : { warped: { from: by.from, file: by.file, volumeMl: mask.elements.length * voxelMl, shareOutside, elements } })
  }
  return "values" in mask ? { ...lesion, weights: weightsAt(mask, placed.positions()) } : lesion
})

/**
 * Reads a lesion and puts it onto a connectome's voxels.
 *
 * Errors: `SpaceMismatch` and `MissingWarp`, told from the name before anything is read; `InvalidWarp`; `InvalidNifti`, `NotASingleVolume`; `ImageTooLarge`, told
 * from the header; `NegativeValues`, `InvalidWeight`; `EmptyLesion` where no voxel is lesion; `LesionOutsideBrain` where none is left
 * in the brain mask; `LesionCoversBrain`.
 *
 * Memory: the file's stored volume, and 1 byte (weighted: 5) a voxel of it and of the connectome's grid, until it returns.
 */
export const loadLesion = Effect.fnUntraced(function* (
  file: string,
  target: LesionTarget,
  reading: LesionReading = {}
): Effect.fn.Return<Lesion, LesionError> {
  const space = spaceInName(file)
  const isElsewhere = space !== undefined && target.space !== undefined && space !== target.space
  const warps = isElsewhere ? (reading.warps ?? (yield* makeTemplateWarps(undefined, target.space))) : undefined
  const by = isElsewhere ? yield* warps!.bring(file, space) : undefined
  const header = yield* readVolumeHeader(file)
  const origin = originWarnings(header, target.grid.affine)
  yield* warnAll([...spaceWarnings(file, target.space), ...placementWarnings(header), ...origin])
  const moving = by === undefined ? 0 : warpedVoxelBytes * voxelsOf(header.grid)
  const bytes = readingBytes(header, reading) + voxelsOf(target.grid) + moving
  return yield* Effect.flatMap(readLesionMask(header, reading), (read) =>
    putOnConnectome(read, target, reading, by)
  ).pipe(inLoadingMemory(header, bytes))
})
