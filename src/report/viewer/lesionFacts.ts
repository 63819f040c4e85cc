/** The numbers of a lesion's row of the summary that a researcher looks at first, in words. */
import type { ListedLesion } from "../../output/LesionRecord.ts"

type Summary = ListedLesion["summary"]

interface Fact {
  readonly label: string
  /** Undefined where the summary has no such number. */
  readonly value: (summary: Summary) => string | undefined
}

/** A number with so many digits that matter, and its unit. */
const numberOf = (value: Summary[string] | undefined, digits: number, unit = ""): string | undefined =>
  typeof value === "number" ? `${Number(value.toPrecision(digits))}${unit}` : undefined

const rangeOf = (name: string) => (summary: Summary) => {
  const [least, most] = [numberOf(summary[`${name}_min`], 3), numberOf(summary[`${name}_max`], 3)]
  return least === undefined || most === undefined ? undefined : `${least} to ${most}`
}

const facts: ReadonlyArray<Fact> = [
  { label: "Volume", value: ({ volume_ml }) => numberOf(volume_ml, 3, " mL") },
  {
    label: "In brain mask",
    value: ({ mask_voxels, grid_voxels }) =>
      typeof mask_voxels === "number" && typeof grid_voxels === "number"
        ? `${mask_voxels} of ${grid_voxels} voxels`
        : undefined
  },
  { label: "Mirrored", value: ({ flipped }) => (flipped === "yes" ? "from the right hemisphere" : undefined) },
  { label: "r", value: rangeOf("r") },
  { label: "t", value: rangeOf("t") },
  { label: "Significant", value: ({ significant_percent }) => numberOf(significant_percent, 3, " % of the brain") },
  { label: "Warnings", value: ({ warnings }) => (typeof warnings === "string" ? warnings : undefined) }
]

export const factsOf = (summary: Summary): ReadonlyArray<{ readonly label: string; readonly value: string }> =>
  facts.flatMap(({ label, value }) => {
    const text = value(summary)
    return text === undefined ? [] : [{ label, value: text }]
  })
