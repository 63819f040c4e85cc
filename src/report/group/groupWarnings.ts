/** Kinds of warnings of a group's analysis: what each means for what was found. */
import { found, type WarningKind } from "../plainWarnings.ts"

export const groupWarningKinds: ReadonlyArray<WarningKind> = [
  {
    fits: found(/global signal|degree is (?:tiny|close to 0)/),
    title: "The connectome's degree is no yardstick",
    means:
      "It is close to 0 everywhere, as after global signal regression: likeness to it, or the lack of it, says nothing."
  },
  {
    fits: found(/holds r\b/),
    title: "Maps of r were transformed",
    means: "The analysis is of Fisher z. If these maps hold something else than correlations, it is wrong."
  },
  {
    fits: found(/have no value in a column/),
    title: "Patients were left out of a contrast",
    means: "What was found is of those who are left; if the others differ from them, it does not hold for all."
  },
  {
    fits: found(/groups have \d+ and \d+ patients/),
    title: "The groups differ much in size",
    means: "If the smaller group also varies more, t finds too much. With variance: unequal the contrast holds better."
  },
  {
    fits: found(/no p can be below/),
    title: "There are few permutations",
    means: "p is coarse, and cannot be small. Of few patients there are no more permutations."
  },
  {
    fits: found(/^contrast \S+: the covariate .* follows from the others/),
    title: "A covariate adds nothing",
    means: "It follows from the others, so that the results are the same without it."
  }
]
