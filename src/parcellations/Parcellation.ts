/**
 * A parcellation, as the stages take it: which of the connectome's voxels each parcel of an atlas covers, and how much.
 *
 * Holds the parcels of a label image (3D; nearest neighbour) and of a probabilistic atlas (4D; linear) in one form: a
 * list of voxels for each parcel, with a weight for each voxel where the atlas has any. Only voxels of the brain mask count.
 */
import type { ParcelLabel } from "./parcelLabels.ts"

/** The parcels of an atlas on the voxels of a connectome. */
export interface Parcellation {
  /** As the config calls it: letters and digits. */
  readonly name: string
  /** Path of the atlas. */
  readonly file: string
  /** Path of the table that its labels come from. */
  readonly labelsFile: string | undefined
  /** The file of the warp that brought it over from the other template. Undefined: it lies in the connectome's. */
  readonly warpFile?: string | undefined
  readonly kind: "labels" | "probabilistic"
  /** Every parcel of the atlas, in the order of their numbers; also one without a voxel in the brain mask. */
  readonly parcels: ReadonlyArray<ParcelLabel>
  /** Shape: (parcels + 1). Parcel p has the elements `starts[p] … starts[p + 1] - 1` of `voxels` and `weights`. */
  readonly starts: Int32Array
  /** Shape: (elements). Voxels of the connectome, ascending within a parcel. */
  readonly voxels: Int32Array
  /** Shape: (elements), positive. Undefined: each weighs 1. */
  readonly weights: Float64Array | undefined
}

/** Bytes that a parcellation takes in memory. */
export const parcellationBytes = ({ starts, voxels, weights }: Parcellation): number =>
  starts.byteLength + voxels.byteLength + (weights?.byteLength ?? 0)

/** Puts lists of voxels, and of weights, of each parcel one after the other. */
export const concatenateParcels = (
  voxels: ReadonlyArray<Int32Array>,
  weights: ReadonlyArray<Float64Array> | undefined
): Pick<Parcellation, "starts" | "voxels" | "weights"> => {
  const starts = new Int32Array(voxels.length + 1)
  for (const [parcel, members] of voxels.entries()) starts[parcel + 1] = starts[parcel]! + members.length
  const joined = {
    voxels: new Int32Array(starts.at(-1)!),
    weights: weights === undefined ? undefined : new Float64Array(starts.at(-1)!)
  }
  for (const [parcel, members] of voxels.entries()) {
    joined.voxels.set(members, starts[parcel]!)
    joined.weights?.set(weights![parcel]!, starts[parcel]!)
  }
  return { starts, ...joined }
}

/** What the first column of a table of parcels is called. */
export const lesionColumn = "lesion"

/**
 * Names that tell the parcels of a table apart, as titles of its columns beside that of the lesions: those that atlases give to
 * several parcels get their number too.
 */
export const distinctNames = (parcels: ReadonlyArray<ParcelLabel>): ReadonlyArray<string> => {
  const uses = Map.groupBy(parcels, ({ name }) => name)
  const taken = new Set([lesionColumn, ...parcels.map(({ name }) => name)])
  return parcels.map(({ name, index }) => {
    if (uses.get(name)!.length === 1 && name !== lesionColumn) return name
    let title = `${name}_${index}`
    // Another parcel may have just that name.
    while (taken.has(title)) title += `_${index}`
    taken.add(title)
    return title
  })
}
