/** What makes the output folder of a group's analysis a BIDS derivative dataset. */
import { packageName, packageVersion } from "../runtime/version.ts"
import { bidsignore, readmeEnd, readmeStart } from "./datasetDescription.ts"

export interface GroupDataset {
  readonly patients: number
  readonly space: string
}

/** The files that describe the folder, by name. */
export const describeGroupDataset = ({ patients, space }: GroupDataset): Readonly<Record<string, string>> => ({
  "dataset_description.json": `${JSON.stringify(
    {
      Name: `Group analysis of lesion network maps (${space})`,
      BIDSVersion: "1.10.0",
      DatasetType: "derivative",
      GeneratedBy: [
        { Name: packageName, Version: packageVersion, Description: `Contrasts over the maps of ${patients} patients` }
      ],
      ReferencesAndLinks: ["https://doi.org/10.1016/j.neuroimage.2014.01.060"]
    },
    null,
    2
  )}\n`,
  README: `${readmeStart}${packageVersion}: contrasts over the maps of ${patients} patients, space ${space}.

*_desc-NAME_stat-*_statmap.nii.gz    the maps of each contrast, with JSON sidecars
contrasts.tsv    a row a contrast
desc-NAME_clusters.tsv, _design.tsv, _nulldist.tsv    the significant clusters of a contrast, its design, and the largest of each permutation
patients.tsv    a row a patient: number of maps, volume of the lesions, mean of the map outside of them
*_desc-coverage_statmap.nii.gz    patients whose map has a value in a voxel
*_desc-overlap_*    shares of patients with t at or beyond a level, and masks of most patients, where they were asked for
overlap.tsv, overlap_clusters.tsv    how much overlaps, and the clusters with their peaks
*_label-conjunction_mask.*, conjunction.tsv    overlap and significant contrast together
palm/NAME/    a contrast for PALM and FSL, where it was asked for
prediction.tsv, prediction.json    similarity of each patient with the model of the others, and how well it predicts, where it was asked for
*_desc-model_stat-r_statmap.nii.gz    the model of all patients, which other cohorts can be scored with
scores.tsv, scores.json    the patients scored by another cohort's model, where one was given
diagnosis.tsv, centrality.tsv    how much the maps are like the connectome's degree and the components of the patients' maps, and the centrality of each group
simulation.tsv, compare.tsv    where asked for: false positives with random labels, and agreement with another cohort
report.html    all of it as a page, unless it was not asked for
manifest.json    version, config, and the size and SHA-256 of every input and output; ${readmeEnd}`,
  ".bidsignore": bidsignore
})
