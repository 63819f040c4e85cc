/** The exports of the fused engine. */

export { addDegree } from "./addDegree"
export { addZ } from "./addZ"
export {
  BAND_VOXELS,
  BLOCK,
  CLIP,
  dataBytes,
  FUSES,
  LESION_VOXEL_SCALE,
  LESION_VOXELS_BYTES,
  NUMERICS,
  PANEL,
  PRODUCT_BYTES,
  ROUNDING_NUMBER,
  SEED_MEANS_BYTES,
  SUMS_ROW,
  VECTORS
} from "./constants"
export { correlateAndReduce } from "./correlateAndReduce"
export { correlateLesionVoxels } from "./correlateLesionVoxels"
export { correlateToZ } from "./correlateToZ"
export { countPermutations, permutedT } from "./freedmanLane"
export { fusedTile } from "./fusedTile"
export { countPermutedG, permutedG } from "./gStatistic"
export { lesionMeans } from "./lesionMeans"
export { packSeeds } from "./packSeeds"
export { packVoxels } from "./packVoxels"
export { storedLesionVoxels } from "./storedLesionVoxels"
export { storedMeans } from "./storedMeans"
export { storedTile } from "./storedTile"
export { unpackStored } from "./unpackStored"
export { SLICE_VOXELS, weightedProducts } from "./weightedProducts"
export { wordSums } from "./wordSums"
