/** Names of the maps of a group's output folder: `space-X_desc-Y_stat-Z_statmap.nii.gz`, and those without a statistic. */

export interface GroupMapName {
  readonly space: string
  readonly desc: string
  readonly statistic: string | undefined
}

const pattern = /^space-([A-Za-z0-9]+)_desc-([A-Za-z0-9]+)(?:_stat-([A-Za-z0-9]+))?_statmap\.nii\.gz$/

export const groupMapName = (path: string): GroupMapName | undefined => {
  const [, space, desc, statistic] = pattern.exec(path) ?? []
  return space === undefined || desc === undefined ? undefined : { space, desc, statistic }
}

/** Path of a map without its extension. */
export const groupMapStem = (space: string, desc: string, statistic?: string): string =>
  `space-${space}_desc-${desc}${statistic === undefined ? "" : `_stat-${statistic}`}_statmap`

export const conjunctionPath = (space: string, contrast: string): string =>
  `space-${space}_desc-${contrast}_label-conjunction_mask.nii.gz`

/** Contrasts in the order of their names: those that have a map of their effect. */
export const contrastNames = (paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  paths.flatMap((path) => {
    const name = groupMapName(path)
    return name?.statistic === "effect" ? [name.desc] : []
  })
