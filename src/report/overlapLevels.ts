/** |t| from which a voxel counts in the overlap of networks: those that lesion network mapping is commonly published with. */
export const overlapLevels = [5, 7, 9] as const
