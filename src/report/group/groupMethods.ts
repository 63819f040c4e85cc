/**
 * The methods text of a group's analysis: how the contrasts were computed, in paragraphs for a paper, with the papers that they cite. Every
 * sentence follows from the sidecars of the maps and from what lies in the folder; of what was not done there is none.
 */
import { listed, type MethodsParagraph, type Sentence, say, software } from "../methodsText.ts"
import { count, several } from "../numbers.ts"
import type { ContrastFindings, Correction, PredictionFindings, ReportedGroup } from "./GroupFindings.ts"
import { reportedGroupConfig } from "./reportedGroupConfig.ts"

export const groupMethods = (group: ReportedGroup): ReadonlyArray<MethodsParagraph> =>
  [
    { about: "Maps", sentences: material(group) },
    { about: "Contrasts", sentences: contrasts(group) },
    { about: "Overlap", sentences: overlap(group) },
    { about: "Prediction", sentences: prediction(group) },
    { about: "Diagnosis", sentences: diagnosis(group) },
    { about: "Software", sentences: [softwareOf(group)] }
  ].filter(({ sentences }) => sentences.length > 0)

const material = ({ manifest, space, contrasts: shown, cohort }: ReportedGroup): ReadonlyArray<Sentence> => [
  say(
    `The analysis took the lesion network maps (Fisher z, not thresholded) of ${several(manifest.plan.subjects, "patient")}${space === "" ? "" : ` in the space ${space}`}; several maps of a patient were averaged as z first.`
  ),
  ...(shown.length === 0
    ? []
    : [
        say(
          `Voxels in which all patients have a value were tested${cohort.coverage === undefined ? "" : ` (${count(cohort.coverage.ofAll)} of ${count(cohort.coverage.ofAny)})`}.`
        )
      ])
]

const contrasts = ({ contrasts: shown }: ReportedGroup): ReadonlyArray<Sentence> => {
  if (shown.length === 0) return []
  const some = (holds: (contrast: ContrastFindings) => boolean) => shown.some(holds)
  const has = (by: Correction) => some(({ inferences }) => inferences.some((one) => one.by === by))
  return [
    ...shown.map(contrastSentence),
    say(
      "Covariates were taken out of effect and maps by Freedman and Lane's method, two-tailed, with rows of the design permuted.",
      "permutation"
    ),
    ...(some(({ statistic }) => statistic === "g")
      ? [say("Winkler's G took the place of t where the variances of the groups may differ.", "permutation")]
      : []),
    ...(has("voxel")
      ? [
          say(
            "The p values were corrected for all voxels by the largest statistic of each permutation; a corrected p below 0.05 was taken as significant.",
            "exactP"
          )
        ]
      : []),
    ...(has("tfce")
      ? [
          say(
            "Threshold-free cluster enhancement (E = 0.5, H = 2, neighbours by faces) was corrected by its own largest value.",
            "tfce"
          )
        ]
      : []),
    ...(has("extent") || has("mass")
      ? [
          say(
            "Clusters were formed at a two-tailed p of 0.001, and their extent and mass were corrected by their own largest values."
          )
        ]
      : []),
    ...(has("fdr")
      ? [say("The uncorrected p were also adjusted for the false discovery rate over voxels.", "fdr")]
      : [])
  ]
}

const contrastSentence = ({ name, design, statistic }: ContrastFindings): Sentence => {
  const { effect, groups, covariates, blocks, ranks, patients, permutations, allPermutations, degreesOfFreedom } =
    design
  const what =
    groups.length === 2
      ? `${effect} (${groups.map((group) => `${group.name}: ${group.patients}`).join(", ")})`
      : `the score ${effect} (${several(patients, "patient")})`
  return say(
    [
      `Contrast ${name} tested ${what}`,
      ...(covariates.length === 0
        ? []
        : [`with the covariate${covariates.length === 1 ? "" : "s"} ${listed(covariates)}`]),
      ...(ranks ? ["on ranks"] : []),
      `by ${statistic === "t" ? `t with ${count(degreesOfFreedom)} degrees of freedom` : "G"}`,
      `by ${allPermutations ? `all ${count(permutations)} distinct permutations` : `${count(permutations)} random permutations`}${blocks === undefined ? "" : ` within the blocks of ${blocks}`}`
    ]
      .join(", ")
      .concat(".")
  )
}

const overlap = ({ overlap: shown, conjunction, manifest }: ReportedGroup): ReadonlyArray<Sentence> => {
  const { overlap: options } = reportedGroupConfig(manifest.config)
  const level = options?.t
  return [
    ...(shown === undefined
      ? []
      : [
          say(
            `The overlap of networks is the share of patients whose t is at or above a level in a voxel, or at or below its negative${level === undefined ? "" : ` (here ${level})`}.`,
            "boes"
          )
        ]),
    ...(conjunction === undefined
      ? []
      : [
          say(
            "The conjunction with a contrast is made of the voxels of the overlap that are significant there with the same sign."
          )
        ])
  ]
}

const prediction = ({ prediction: shown, manifest }: ReportedGroup): ReadonlyArray<Sentence> => {
  if (shown === undefined) return []
  const options = reportedGroupConfig(manifest.config).predict
  const covariates = options?.covariates ?? []
  return [
    say(
      `The score${options?.of === undefined ? "" : ` ${options.of}`} was predicted: a model, the map of partial correlations of score and z over the training patients${covariates.length === 0 ? "" : ` with ${listed(covariates)} taken out`}, was compared by spatial correlation with the map of a patient who was not among them, outside of the patient's lesion (${foldWords(shown)}).`
    ),
    ...(options?.permutations === undefined
      ? []
      : [say(`Its p are from ${count(options.permutations)} permutations of the scores through the whole prediction.`)])
  ]
}

const foldWords = ({ patients, folds, repeats }: PredictionFindings): string =>
  folds === patients.length && repeats === 1
    ? "leave-one-out"
    : `${several(folds, "fold")}${repeats > 1 ? `, ${several(repeats, "repeat")}` : ""}`

const diagnosis = ({ diagnosis: shown }: ReportedGroup): ReadonlyArray<Sentence> => [
  ...(shown?.comparisons === undefined
    ? []
    : [
        say(
          "Each map of the group was compared with the connectome's degree, where there is one, and with the first principal components of the patients' maps, by correlation over voxels and by Dice's coefficient of the strongest 5 %.",
          "degree"
        )
      ]),
  ...(shown?.simulation === undefined
    ? []
    : [say("The rate of false positives was measured by the same contrasts with labels dealt out at random.")])
]

const softwareOf = ({ manifest: { software: made, backend, platform } }: ReportedGroup): Sentence =>
  software({
    software: { name: made.name, version: made.version, numerics: made.numerics },
    arithmetic: backend.arithmetic,
    node: platform.node,
    system: `${platform.os} ${platform.architecture}`
  })
