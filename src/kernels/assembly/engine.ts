/** The exports of the fused engine. */

export { addZ } from "./addZ"
export {
  BLOCK,
  CLIP,
  dataBytes,
  FUSES,
  NUMERICS,
  PANEL,
  PRODUCT_BYTES,
  ROUNDING_NUMBER,
  STORED_MEANS_BYTES,
  SUMS_ROW,
  WITHIN_SCALE
} from "./constants"
export { correlateAndReduce } from "./correlateAndReduce"
export { correlateToZ } from "./correlateToZ"
export { correlateWithin } from "./correlateLesionVoxels"
export { fusedTile } from "./fusedTile"
export { lesionMeans } from "./lesionMeans"
export { packSeeds } from "./packSeeds"
export { packVoxels } from "./packVoxels"
export { storedMeans } from "./storedMeans"
export { storedTile } from "./storedTile"
export { storedWithin } from "./storedLesionVoxels"
export { unpackStored } from "./unpackStored"
export { wordSums } from "./wordSums"
