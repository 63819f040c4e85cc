/** The papers that the report cites, each as a reference list has it. */

export interface Reference {
  /** As it is named in a text: "Boes et al. 2015". */
  readonly short: string
  readonly text: string
  readonly doi: string
}

export const references = {
  boes: {
    short: "Boes et al. 2015",
    text: "Boes AD, Prasad S, Liu H, et al. Network localization of neurological symptoms from focal brain lesions. Brain 2015;138:3061-3075.",
    doi: "10.1093/brain/awv228"
  },
  pini: {
    short: "Pini et al. 2021",
    text: "Pini L, Salvalaggio A, De Filippo De Grazia M, et al. A novel stroke lesion network mapping approach: improved accuracy yet still low deficit prediction. Brain Communications 2021;3:fcab259.",
    doi: "10.1093/braincomms/fcab259"
  },
  horn: {
    short: "Horn et al. 2019",
    text: "Horn A, Li N, Dembek TA, et al. Lead-DBS v2: towards a comprehensive pipeline for deep brain stimulation imaging. NeuroImage 2019;184:293-316.",
    doi: "10.1016/j.neuroimage.2018.08.068"
  },
  cohen: {
    short: "Cohen et al. 2003",
    text: "Cohen J, Cohen P, West SG, Aiken LS. Applied multiple regression/correlation analysis for the behavioral sciences. 3rd edition. Routledge 2003.",
    doi: "10.4324/9780203774441"
  },
  fdr: {
    short: "Benjamini and Hochberg 1995",
    text: "Benjamini Y, Hochberg Y. Controlling the false discovery rate: a practical and powerful approach to multiple testing. Journal of the Royal Statistical Society B 1995;57:289-300.",
    doi: "10.1111/j.2517-6161.1995.tb02031.x"
  },
  degree: {
    short: "van den Heuvel et al.",
    text: "van den Heuvel MP, et al. Investigating the methodological foundation of lesion network mapping. Nature Neuroscience.",
    doi: "10.1038/s41593-025-02196-7"
  },
  permutation: {
    short: "Winkler et al. 2014",
    text: "Winkler AM, Ridgway GR, Webster MA, Smith SM, Nichols TE. Permutation inference for the general linear model. NeuroImage 2014;92:381-397.",
    doi: "10.1016/j.neuroimage.2014.01.060"
  },
  exactP: {
    short: "Phipson and Smyth 2010",
    text: "Phipson B, Smyth GK. Permutation p-values should never be zero: calculating exact p-values when permutations are randomly drawn. Statistical Applications in Genetics and Molecular Biology 2010;9:39.",
    doi: "10.2202/1544-6115.1585"
  },
  tfce: {
    short: "Smith and Nichols 2009",
    text: "Smith SM, Nichols TE. Threshold-free cluster enhancement: addressing problems of smoothing, threshold dependence and localisation in cluster inference. NeuroImage 2009;44:83-98.",
    doi: "10.1016/j.neuroimage.2008.03.061"
  },
  bids: {
    short: "Gorgolewski et al. 2016",
    text: "Gorgolewski KJ, Auer T, Calhoun VD, et al. The brain imaging data structure, a format for organizing and describing outputs of neuroimaging experiments. Scientific Data 2016;3:160044.",
    doi: "10.1038/sdata.2016.44"
  }
} as const satisfies Readonly<Record<string, Reference>>

export type ReferenceName = keyof typeof references
