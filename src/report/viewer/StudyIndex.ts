/**
 * What the viewer's page is told of an output folder, as plain data: which lesions there are, under which addresses of the server their
 * maps lie, and how values become colours. Made by `indexStudy.ts`, sent as JSON, read by `page/`.
 */

/** The address of a file, on the server. */
export type Address = string

export interface StudyIndex {
  /** Name of the output folder. */
  readonly folder: string
  /** What the maps are of: method, subjects and version, in words. */
  readonly about: string
  /** What the entries are, as their heading has it. */
  readonly listed: "Lesions" | "Contrasts and maps"
  /** The statistics that any of the entries has, in the order in which they are offered. */
  readonly statistics: ReadonlyArray<ViewedStatistic>
  readonly entries: ReadonlyArray<ViewedEntry>
  /** Colours from the threshold to the limit, as `#rrggbb`. */
  readonly colours: { readonly positive: ReadonlyArray<string>; readonly negative: ReadonlyArray<string> }
}

export interface ViewedStatistic {
  readonly name: string
  readonly description: string
  /** signed: strong values are far from 0. positive: the same, and none is below 0. probability: strong values are near 0, and 1 is nothing. */
  readonly kind: "signed" | "positive" | "probability"
  /** Where a config names one; the page finds one by the first map else. */
  readonly threshold?: number | undefined
}

/** A lesion, or maps that are of all lesions or of the connectome. */
export interface ViewedEntry {
  /** As the summary has it, or what its files' names begin with. */
  readonly name: string
  /** Addresses of its maps, by the name of the statistic. */
  readonly maps: Readonly<Record<string, Address>>
  /** What the map may lie over, the first one at first. */
  readonly backgrounds: ReadonlyArray<{ readonly name: string; readonly address: Address }>
  /** Its voxels on the grid of its maps, as an image of 0 and 1; left out where it is no lesion. */
  readonly lesion?: Address | undefined
  readonly parcellations: ReadonlyArray<{ readonly name: string; readonly address: Address }>
  /** Numbers that a researcher looks at first, each with its unit. */
  readonly facts: ReadonlyArray<{ readonly label: string; readonly value: string }>
}

/** A parcellation on the voxels of a grid, first axis fastest. */
export interface ParcelsOnGrid {
  readonly names: ReadonlyArray<string>
  /** Pairs: which parcel, counted from 1 (0: none), and for how many voxels one after another. */
  readonly runs: ReadonlyArray<number>
}
