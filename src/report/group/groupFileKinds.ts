/** What is in each file of a group's output folder. */
import { describingKinds, type KindOfFiles } from "../fileKinds.ts"
import { describeGroupStatistic } from "./groupStatistics.ts"

const table = (pattern: RegExp, shown: string, holds: string): KindOfFiles => ({
  pattern,
  name: () => shown,
  holds: () => holds
})

/** The first that fits names a file; sidecars are told of with what they lie beside. */
export const groupFileKinds: ReadonlyArray<KindOfFiles> = [
  table(/^palm\//, "palm/", "The same data and designs for PALM and FSL"),
  {
    pattern: /_desc-overlap_(?:stat-[A-Za-z0-9]+_)?(?:label-[A-Za-z0-9]+_)?statmap\.nii\.gz$/,
    name: () => "*_desc-overlap_*_statmap.nii.gz",
    holds: () => "Share of the patients with t beyond a level: tpos7 at 7 or more, tneg7 at -7 or less"
  },
  table(
    /_label-conjunction_mask\.nii\.gz$/,
    "*_label-conjunction_mask.nii.gz",
    "Voxels of the overlap that are significant too"
  ),
  table(/_mask\.nii\.gz$/, "*_mask.nii.gz", "Voxels in which a share of the patients meet"),
  table(/_desc-mean_stat-z_statmap\.nii\.gz$/, "*_desc-mean_stat-z_statmap.nii.gz", "Mean of the patients' maps"),
  table(
    /_desc-coverage_statmap\.nii\.gz$/,
    "*_desc-coverage_statmap.nii.gz",
    "How many patients have a value in a voxel"
  ),
  table(
    /_desc-component\d_statmap\.nii\.gz$/,
    "*_desc-component*_statmap.nii.gz",
    "Main patterns by which the patients' maps differ"
  ),
  table(
    /_desc-model_stat-r_statmap\.nii\.gz$/,
    "*_desc-model_stat-r_statmap.nii.gz",
    "The model that scores are predicted by"
  ),
  {
    pattern: /_stat-([A-Za-z0-9]+)_statmap\.nii\.gz$/,
    name: ([, statistic]) => `*_desc-*_stat-${statistic}_statmap.nii.gz`,
    holds: ([, statistic]) => describeGroupStatistic(statistic!)
  },
  table(/^contrasts\.tsv$/, "contrasts.tsv", "A row of numbers a contrast"),
  table(/^desc-[A-Za-z0-9]+_design\.tsv$/, "desc-*_design.tsv", "The design of a contrast: a row a patient"),
  table(/^desc-[A-Za-z0-9]+_nulldist\.tsv$/, "desc-*_nulldist.tsv", "The largest value of each permutation"),
  table(/^desc-[A-Za-z0-9]+_clusters\.tsv$/, "desc-*_clusters.tsv", "Clusters of significant voxels"),
  table(/^patients\.tsv$/, "patients.tsv", "A row a patient: maps, lesion volume, centrality"),
  table(/^overlap\.tsv$/, "overlap.tsv", "How large the overlap is at each level and share"),
  table(/^overlap_clusters\.tsv$/, "overlap_clusters.tsv", "Clusters of the overlap"),
  table(/^conjunction\.tsv$/, "conjunction.tsv", "How large the conjunctions are"),
  table(
    /^prediction\.tsv$/,
    "prediction.tsv",
    "Score and likeness to the model of each patient who was left out of it"
  ),
  table(/^prediction_nulldist\.tsv$/, "prediction_nulldist.tsv", "Read-outs of the prediction with scores permuted"),
  table(/^prediction\.json$/, "prediction.json", "Read-outs of the prediction"),
  table(/^scores\.tsv$/, "scores.tsv", "Likeness of patients to a saved model"),
  table(/^diagnosis\.tsv$/, "diagnosis.tsv", "Likeness of the maps to the degree and to components"),
  table(/^centrality\.tsv$/, "centrality.tsv", "Centrality of lesions by group"),
  table(/^simulation\.tsv$/, "simulation.tsv", "False positives with labels at random"),
  table(/^compare\.tsv$/, "compare.tsv", "Comparison with another analysis"),
  ...describingKinds
]
