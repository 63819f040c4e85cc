/** The README of an export: the commands that test the same contrast, which of their files compare with which of ours, and where they differ. */
import type { Permutations } from "../../../kernels/group/permutations.ts"
import { packageName, packageVersion } from "../../../runtime/version.ts"
import type { DesignTable } from "./designTexts.ts"

export interface ExportedContrast {
  readonly name: string
  readonly table: DesignTable
  readonly permutations: Pick<Permutations, "all" | "count">
  readonly hasBlocks: boolean
  readonly unequal: boolean
  readonly tfce: boolean
  readonly ranks: boolean
}

/** Permutations of the other programs count the order as it is; 0 asks for all that there are. */
const permutationsOf = ({ all, count }: ExportedContrast["permutations"]): number => (all ? 0 : count + 1)

const palmCommand = ({ permutations, hasBlocks, unequal, tfce }: ExportedContrast): string =>
  `palm -i maps.nii.gz -m mask.nii.gz -d design.csv -t con.csv${hasBlocks ? " -eb eb.csv -within" : ""}${unequal ? " -vg vg.csv" : ""}` +
  ` -n ${permutationsOf(permutations)} -twotail${tfce ? " -T" : ""} -o palm`

const randomiseCommand = ({ permutations, hasBlocks, tfce }: ExportedContrast): string =>
  `randomise -i maps.nii.gz -m mask.nii.gz -d design.mat -t design.con${hasBlocks ? " -e design.grp" : ""}` +
  ` -n ${permutationsOf(permutations)} -x${tfce ? " -T" : ""} --uncorrp -o randomise`

export const readmeText = (contrast: ExportedContrast): string => {
  const { name, table, unequal, tfce, ranks, hasBlocks } = contrast
  const statistic = unequal ? "g" : "t"
  return `Contrast ${name} for other programs, made by ${packageName} ${packageVersion}

maps.nii.gz    4D, Fisher z: a volume a patient, in the order of participants.txt
mask.nii.gz    the voxels that are tested: those that the maps of all patients have
design.csv     columns: ${table.names.join(", ")}; design.mat is the same for FSL
con.csv        tests the first column; design.con does so in either direction
${hasBlocks ? "eb.csv         exchangeability blocks; design.grp is the same for FSL\n" : ""}${unequal ? "vg.csv         variance groups\n" : ""}
PALM (https://github.com/andersonwinkler/PALM), in this folder:

  ${palmCommand(contrast)}

Its ${unequal ? "v" : "t"} is stat-${statistic} of the contrast, its uncorrected p stat-p, its p corrected over voxels (fwep) stat-pfwe${tfce ? ", that of TFCE stat-ptfcefwe: it adds up 100 heights\nwhere ours is the exact integral" : ""}. -C 3.2905 adds extents of clusters
that are formed at p = 0.001, as ours are, and -Cstat mass their mass. It reads maps.nii faster than maps.nii.gz (gunzip maps.nii.gz).
${
  unequal
    ? "\nFSL's randomise has no statistic for unequal variances.\n"
    : `
FSL's randomise, in this folder:

  ${randomiseCommand(contrast)}

It tests each direction by itself and writes 1 - p: the smaller of the two p, doubled, compares with ours, which are two-tailed.
`
}${
  ranks
    ? "\nThe contrast takes ranks. The maps here are values, and neither program ranks them: its results compare only roughly.\n"
    : ""
}
The programs draw other permutations, so that p differ by chance: near 0.05 by about 0.2/√n with n permutations. The statistic does not differ.
`
}
