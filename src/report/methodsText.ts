/**
 * The methods text: how the maps were made, in paragraphs for a paper, with the papers that they cite. Every sentence follows from the
 * run's facts; of what was not done there is none.
 */
import { count, several } from "./numbers.ts"
import type { RunFacts } from "./RunFacts.ts"
import type { ReferenceName } from "./references.ts"

/** A sentence, and the papers that are cited at its end. */
export interface Sentence {
  readonly text: string
  readonly cites: ReadonlyArray<ReferenceName>
}

export interface MethodsParagraph {
  readonly about: string
  readonly sentences: ReadonlyArray<Sentence>
}

/** @param comparesDegree whether the report compares maps with the connectome's degree */
export const methodsText = (facts: RunFacts, comparesDegree: boolean): ReadonlyArray<MethodsParagraph> =>
  [
    { about: "Lesions and connectome", sentences: material(facts) },
    { about: "Connectivity", sentences: connectivity(facts) },
    { about: "Statistics", sentences: [...statistics(facts), ...further(facts, comparesDegree)] },
    { about: "Software", sentences: [software(facts)] }
  ].filter(({ sentences }) => sentences.length > 0)

/** A sentence with the papers that it rests on. */
export const say = (text: string, ...cites: ReadonlyArray<ReferenceName>): Sentence => ({ text, cites })

const material = ({ connectome, lesions, lesionMasks, seeds, leftOut }: RunFacts): ReadonlyArray<Sentence> => {
  const { name, isDemo, subjects, chosenFrom, voxels, timePoints, voxelMm, space } = connectome
  const source = isDemo
    ? "synthetic connectome, made for demonstration ("
    : `normative connectome of resting-state fMRI ("${name}": `
  const details = [
    chosenFrom === undefined ? several(subjects, "subject") : `${count(subjects)} of ${several(chosenFrom, "subject")}`,
    ...(timePoints === undefined ? [] : [`${rangeOf(timePoints)} time points each`]),
    ...(voxels === undefined ? [] : [`${count(voxels)} voxels${sizeOf(voxelMm)} inside the brain mask`]),
    ...(space === undefined ? [] : [`space ${space}`])
  ]
  return [
    say(
      `The functional connectivity of ${mapped(lesions, seeds)} was mapped in a ${source}${details.join(", ")}).`,
      "boes"
    ),
    ...(connectome.averagesRuns === true ? [say(averagedWords)] : []),
    ...(lesions > seedsIn(seeds) || seeds === undefined ? [say(maskWords(lesionMasks))] : []),
    ...(seeds === undefined ? [] : seedWords(seeds).map((words) => say(words))),
    ...(lesionMasks.warped === undefined ? [] : [say(warpWords(lesionMasks.warped))]),
    ...(lesionMasks.flipped === undefined ? [] : [say(flipWords(lesionMasks.flipped))]),
    ...(leftOut === 0
      ? []
      : [say(`${several(leftOut, "lesion image")} could not be used and ${leftOut === 1 ? "was" : "were"} left out.`)])
  ]
}

type Seeds = RunFacts["seeds"]

const seedsIn = (seeds: Seeds): number => (seeds === undefined ? 0 : seeds.spheres + seeds.points + seeds.parcels)

const mapped = (lesions: number, seeds: Seeds): string => {
  const count = seedsIn(seeds)
  const masks = count === lesions && count > 0 ? [] : [several(lesions - count, "lesion")]
  return [...masks, ...(count === 0 ? [] : [several(count, "seed")])].join(" and ")
}

const seedWords = ({
  spheres,
  radiiMm,
  points,
  parcels,
  atlases,
  brought
}: NonNullable<Seeds>): ReadonlyArray<string> => {
  const radius = radiiMm === undefined ? "" : radiiMm[0] === radiiMm[1] ? `${radiiMm[0]}` : radiiMm.join(" to ")
  const called = atlases.map((atlas) => `"${atlas}"`).join(", ")
  return [
    ...(spheres === 0
      ? []
      : [
          `${several(spheres, "seed")} ${spheres === 1 ? "was a sphere" : "were spheres"} of ${radius} mm: all voxels whose centres lay at most the radius from a given coordinate.`
        ]),
    ...(points === 0
      ? []
      : [
          `${several(points, "seed")} ${points === 1 ? "was a single voxel" : "were single voxels"} of the brain mask, the nearest to a given coordinate.`
        ]),
    ...(parcels === 0
      ? []
      : [`${several(parcels, "seed")} ${parcels === 1 ? "was a parcel" : "were parcels"} of the atlas ${called}.`]),
    ...(brought === undefined
      ? []
      : [
          `The coordinates of ${several(brought.seeds, "seed")} were taken from ${brought.from} to the connectome's template by the composite transform of TemplateFlow.`
        ]),
    "Seeds were treated as lesions are, and are called lesions below."
  ]
}

const averagedWords =
  "Of a subject with several runs, correlations were computed in each run, and their mean over the runs was taken before Fisher's transformation."

const rangeOf = ([least, most]: readonly [number, number]): string =>
  least === most ? count(most) : `${count(least)} to ${count(most)}`

const sizeOf = (voxelMm: RunFacts["connectome"]["voxelMm"]): string =>
  voxelMm === undefined ? "" : ` of ${voxelMm.map((edge) => Number(edge.toFixed(2))).join(" × ")} mm`

const maskWords = ({ weights, threshold, values }: RunFacts["lesionMasks"]): string => {
  const those = threshold === null ? "above 0" : `of ${threshold} or more`
  if (weights === "values") return `Each lesion image was taken as weights: voxels ${those} count with their value.`
  if (values !== null) return `Voxels labelled ${values.join(", ")} in a lesion image were taken as lesion.`
  return `Voxels ${those} in a lesion image were taken as lesion.`
}

const warpWords = ({ from, lesions }: NonNullable<RunFacts["lesionMasks"]["warped"]>): string =>
  `${several(lesions, "lesion")} in ${from} ${lesions === 1 ? "was" : "were"} brought to the connectome's template by the composite transform of TemplateFlow, at their own resolution.`

const flipWords = (flipped: number): string =>
  `Lesions with more of their volume in the right hemisphere (x > 0) were mirrored at the midsagittal plane (x = 0) before they were brought onto the connectome's grid, so that all could be analysed in the left one; these were ${several(flipped, "lesion")}.`

const connectivity = ({
  pini,
  partial,
  lesions,
  lesionMasks,
  invalid,
  connectome
}: RunFacts): ReadonlyArray<Sentence> => {
  const mean = lesionMasks.weights === "values" ? "weighted mean" : "mean"
  const seeds =
    pini === undefined
      ? [
          say(
            `In each subject, the seed time series of a lesion was the ${mean} of the time series of its voxels inside the brain mask.`,
            "boes"
          )
        ]
      : piniWords(pini, mean)
  return [
    ...seeds,
    ...(partial === true ? [say(partialWords(lesions, connectome.averagesRuns === true), "horn", "cohen")] : []),
    say(
      "It was correlated (Pearson) with the time series of every voxel of the brain mask, the correlations were Fisher z transformed, and z was averaged over subjects."
    ),
    ...(invalid === "zero"
      ? [
          say(
            "Time series without variance, or with a value that is not a finite number, counted as a correlation of 0."
          )
        ]
      : [])
  ]
}

const partialWords = (lesions: number, averagesRuns: boolean): string =>
  `From each seed time series those of the other ${several(lesions - 1, "lesion")} were removed in each ${averagesRuns ? "run" : "subject"} by ordinary least squares with an intercept, and the time series of voxels were left as they were, so that correlations are semi-partial.`

const piniWords = ({ percentile, scope }: NonNullable<RunFacts["pini"]>, mean: string): ReadonlyArray<Sentence> => [
  say(
    `Seeds were refined: over ${scope === "connectome" ? "all subjects" : "the subjects of each file of the connectome apart"}, the first principal component was taken of the correlations of each lesion voxel with the lesion's ${mean} time series, and the voxels whose absolute loading lay at or above percentile ${percentile} were kept.`,
    "pini"
  ),
  say(`In each subject, the seed time series of a lesion was the ${mean} of the time series of the voxels kept.`)
]

const statistics = ({ maps, connectome, fdrAlpha, tThreshold }: RunFacts): ReadonlyArray<Sentence> => {
  const has = (map: string) => maps.includes(map)
  const degreesOfFreedom = connectome.subjects - 1
  return [
    ...(has("r") ? [say("Maps of r are the hyperbolic tangent of the mean z.")] : []),
    ...(has("t") || has("p") || has("pfdr") || tThreshold !== null
      ? [
          say(
            `In each voxel, z was tested over subjects against zero by a one-sample t test (${count(degreesOfFreedom)} degrees of freedom${has("p") || has("pfdr") ? ", two-tailed" : ""}).`
          )
        ]
      : []),
    ...(has("sd") ? [say("Maps of sd are the sample standard deviation of z over subjects.")] : []),
    ...(tThreshold === null ? [] : [say(`Masks were made of voxels with |t| of ${tThreshold} or more.`)]),
    ...(has("pfdr")
      ? [
          say(
            `The p values were adjusted for the false discovery rate over the voxels of the brain mask, for each lesion by itself; voxels with an adjusted p below ${fdrAlpha} were marked.`,
            "fdr"
          )
        ]
      : [])
  ]
}

const further = (
  { parcellations, matrix, grid, maps, lesions, lesionMasks }: RunFacts,
  comparesDegree: boolean
): ReadonlyArray<Sentence> => [
  ...(parcellations.length === 0
    ? []
    : [
        say(
          `Values were averaged over the parcels of ${parcellations.length === 1 ? "the atlas" : "the atlases"} ${listed(parcellations)}.`
        )
      ]),
  ...(matrix && lesions > 1 ? [say("The seed time series of every two lesions were correlated in the same way.")] : []),
  ...(grid === "lesion" && maps.length > 0
    ? [
        say(
          `Maps were brought from the connectome's grid onto that of each lesion image by linear interpolation, masks by the nearest voxel${lesionMasks.warped === undefined ? "" : `; of lesions in ${lesionMasks.warped.from}, in that template, by the composite transform of the other way`}.`
        )
      ]
    : []),
  ...(comparesDegree
    ? [
        say(
          "Each map was compared with the connectome's degree, the mean correlation of a voxel with all others.",
          "degree"
        )
      ]
    : [])
]

/** Names as a sentence has them: "a, b and c". */
export const listed = (names: ReadonlyArray<string>): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`

/** What everything was computed with. */
export const software = ({
  software: { name, version, numerics },
  arithmetic,
  node,
  system
}: Pick<RunFacts, "software" | "arithmetic" | "node" | "system">): Sentence => {
  const details = [
    ...(numerics === undefined ? [] : [`numerics ${numerics}`]),
    arithmetic === "float64" ? "double-precision arithmetic" : `${arithmetic} single-precision arithmetic`,
    `Node ${node.replace(/^v/, "")}`,
    system
  ]
  return say(
    `All of this was computed with ${name} ${version} (${details.join(", ")}), and is kept as a BIDS derivative.`,
    "bids"
  )
}
