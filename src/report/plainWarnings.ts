/**
 * Warnings in words for whoever reads maps: what is the matter, and what it means for the maps. The words of the run itself stand beside them.
 * A warning that is none of these kinds has only those.
 */
import { leftOutWords } from "../lesions/badLesions.ts"
import type { Warning } from "../runtime/Warnings.ts"

/** Warnings that mean the same. */
export interface WarningKind {
  readonly fits: (warning: Warning) => boolean
  readonly title: string
  readonly means: string
}

/** Of what was found. */
export const found =
  (pattern: RegExp): WarningKind["fits"] =>
  (warning) =>
    pattern.test(warning.found)

const mappingKinds: ReadonlyArray<WarningKind> = [
  {
    fits: ({ taken }) => taken.startsWith(leftOutWords),
    title: "A lesion was left out",
    means: "There is no map of it, and nothing that is said of all lesions counts it."
  },
  {
    fits: found(/lies in the connectome's brain mask/),
    title: "A lesion lies partly outside the brain",
    means:
      "Its map is made of the part inside only. If little is inside, the image may not be in the connectome's template space: look at the outline in its slices first."
  },
  {
    fits: found(/covers .* of the brain mask/),
    title: "A lesion covers most of the brain",
    means: "A mask that is turned inside out looks like this. Its map is then that of the healthy tissue."
  },
  {
    fits: found(/smaller than a voxel|lies outside of the connectome's brain mask/),
    title: "A very small lesion",
    means: "It was represented by the nearest part of the brain, so its map is that of a place beside it."
  },
  {
    fits: found(/are given more than once/),
    title: "A subject of the connectome is listed twice",
    means: "It counts once, as every other. The list may lack a subject that was meant in its place."
  },
  {
    fits: found(/^this brain mask holds/),
    title: "The connectome's brain mask is not a plain mask",
    means: "Maps may have voxels outside of the brain, or miss some inside."
  },
  {
    fits: found(/are no mask|several values|different values|has no voxel of|an infinity$/),
    title: "A lesion image is not a plain mask",
    means: "What was taken as lesion may be larger or smaller than what was meant, and its map with it."
  },
  {
    fits: found(/affine has no offset|sform and its qform disagree/),
    title: "An image does not say clearly where it lies",
    means: "The lesion may sit in the wrong place, or on the wrong side. Compare its outline with the patient's scan."
  },
  {
    fits: ({ taken }) => /^(All stages run plain|Vectors of 128 bits)/.test(taken),
    title: "The run was computed in another way than it could be",
    means: "The maps are right all the same; only the time that it took is longer."
  },
  {
    fits: found(/seed|time series/),
    title: "Some of the connectome's signals could not be used",
    means: "There they count as no correlation, which pulls the values of the maps towards 0."
  },
  {
    fits: found(/space/),
    title: "The template space is in doubt",
    means: "Lesion and connectome must be in the same space, or the maps are of the wrong places."
  }
]

/** What the run said, of all files of which it said the same. */
export interface WarningDetail {
  readonly found: string
  readonly taken: string
  readonly files: ReadonlyArray<string>
}

export interface PlainWarning {
  readonly title: string
  readonly means: string | undefined
  readonly details: ReadonlyArray<WarningDetail>
}

/** One of each kind, in the order in which they came first. Kinds are those of a mapping run, where no others are given. */
export const plainWarnings = (
  warnings: ReadonlyArray<Warning>,
  kinds: ReadonlyArray<WarningKind> = mappingKinds
): ReadonlyArray<PlainWarning> =>
  [...Map.groupBy(warnings, (warning) => kinds.find(({ fits }) => fits(warning)))].map(([kind, ofKind]) => ({
    title: kind?.title ?? "Something may not be as it was meant",
    means: kind?.means,
    details: detailsOf(ofKind)
  }))

const detailsOf = (warnings: ReadonlyArray<Warning>): ReadonlyArray<WarningDetail> =>
  [...Map.groupBy(warnings, ({ found, taken }) => JSON.stringify([found, taken])).values()].map((alike) => ({
    found: alike[0]!.found,
    taken: alike[0]!.taken,
    files: alike.map(({ file }) => file)
  }))
