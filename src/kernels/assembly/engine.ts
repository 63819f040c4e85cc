/** The exports of the fused engine. */
export { correlateAndReduce } from "./correlateAndReduce"
export { fusedTile } from "./fusedTile"
export { lesionMeans } from "./lesionMeans"
export { packSeeds } from "./packSeeds"
export { packVoxels } from "./packVoxels"
export { storedMeans } from "./storedMeans"
export { storedTile } from "./storedTile"
export { unpackStored } from "./unpackStored"
