/**
 * BIDS file names: taking one apart, and deriving the names of a lesion's maps from the lesion's own.
 *
 *     sub-01_ses-02_space-X_label-lesion_mask.nii.gz
 *     -> sub-01/ses-02/sub-01_ses-02_space-Y_label-lesion_desc-boes_stat-r_statmap
 *
 * A name is a list of `key-value` entities, a suffix and an extension. Names only: no file is looked at, and whether two
 * lesions would write the same file is for the caller to find out.
 *
 * Source: BIDS 1.10, "File name structure" and the order of entities in its schema, https://bids-specification.readthedocs.io
 */

export interface BidsEntity {
  readonly key: string
  readonly value: string
}

export interface BidsName {
  /** Entities in the order of the name. Parts that are no `key-value` are left out. */
  readonly entities: ReadonlyArray<BidsEntity>
  /** The last part, where it is no entity: `mask`, `bold`. */
  readonly suffix: string | undefined
  /** With its dot: `.nii.gz`. */
  readonly extension: string
}

/** Where a lesion's outputs go. */
export interface OutputName {
  /** Label of the subject, without `sub-`. */
  readonly subject: string
  /** Relative to the output folder: `sub-01/ses-02`. */
  readonly directory: string
  /** What all file names begin with, as far as `desc-`. */
  readonly prefix: string
  /** File name without extension: `stem("r", "statmap")` is `…_desc-boes_stat-r_statmap`. */
  readonly stem: (stat: string, suffix: string) => string
  /** File name without extension of a table that holds several statistics: `table("parcels")` is `…_desc-boes_parcels`. */
  readonly table: (suffix: string) => string
}

/**
 * Entities that a map does not take over from its lesion's name: the map lies on the connectome's grid, and has a
 * description of its own.
 */
const replaced = new Set(["space", "res", "den", "desc", "stat"])

/** Entities that BIDS puts after `space`. */
const afterSpace = new Set(["split", "recording", "chunk", "atlas", "seg", "scale", "label"])

const splitExtension = (fileName: string): readonly [base: string, extension: string] => {
  const extension = /(\.nii)?\.gz$|\.[^.]*$/i.exec(fileName)?.[0] ?? ""
  return [fileName.slice(0, fileName.length - extension.length), extension]
}

/** Takes a file name (no folders) apart. */
export const parseBidsName = (fileName: string): BidsName => {
  const [base, extension] = splitExtension(fileName)
  const parts = base.split("_")
  const entities = parts.flatMap((part) => {
    const [, key, value] = /^([A-Za-z0-9]+)-(.+)$/.exec(part) ?? []
    return key === undefined || value === undefined ? [] : [{ key, value }]
  })
  const last = parts.at(-1)!
  return { entities, suffix: last.includes("-") ? undefined : last, extension }
}

/** The value of an entity, or undefined where the name has none. */
export const entityOf = ({ entities }: Pick<BidsName, "entities">, key: string): string | undefined =>
  entities.find((entity) => entity.key === key)?.value

/** Letters and digits of a text, which are all that BIDS allows in a label. */
export const lettersAndDigits = (text: string): string => text.normalize("NFC").replace(/[^\p{L}\p{N}]/gu, "")

/** A label for a file whose name has none: its name, letters and digits only. */
export const labelFrom = (fileName: string): string => lettersAndDigits(splitExtension(fileName)[0]) || "unnamed"

/** The entities of a lesion file by its name alone. One without `sub-` gets its whole name as the subject's label, and no other. */
export const entitiesFrom = (fileName: string): ReadonlyArray<BidsEntity> => {
  const parsed = parseBidsName(fileName)
  return entityOf(parsed, "sub") === undefined ? [{ key: "sub", value: labelFrom(fileName) }] : parsed.entities
}

/** The entities that a lesion's name passes on, with the space of the maps among them at its place. */
const outputEntities = (entities: ReadonlyArray<BidsEntity>, space: string | undefined): ReadonlyArray<BidsEntity> => {
  const own = entities.filter(({ key }) => !replaced.has(key))
  const value = space ?? entityOf({ entities }, "space")
  if (value === undefined) return own
  const next = own.findIndex(({ key }) => afterSpace.has(key))
  return own.toSpliced(next < 0 ? own.length : next, 0, { key: "space", value })
}

/**
 * Names the outputs of a lesion, by the name of its file or by its entities, of which one is `sub`.
 *
 * Where the connectome's space is not known, the lesion's own stays.
 */
export const outputName = (
  lesion: string | ReadonlyArray<BidsEntity>,
  { space, description }: { readonly space: string | undefined; readonly description: string }
): OutputName => {
  const named = typeof lesion === "string" ? entitiesFrom(lesion) : lesion
  const subject = entityOf({ entities: named }, "sub") ?? "unnamed"
  const session = entityOf({ entities: named }, "ses")
  const entities = [...outputEntities(named, space), { key: "desc", value: description }]
  const prefix = entities.map(({ key, value }) => `${key}-${value}`).join("_")
  return {
    subject,
    directory: session === undefined ? `sub-${subject}` : `sub-${subject}/ses-${session}`,
    prefix,
    stem: (stat, suffix) => `${prefix}_stat-${stat}_${suffix}`,
    table: (suffix) => `${prefix}_${suffix}`
  }
}
