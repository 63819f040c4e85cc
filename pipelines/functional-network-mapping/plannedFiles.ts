/** The files that a run will write, and about how many bytes they take: from their names and the grids of the maps, before anything is computed. */
import { voxelVolumeMm3 } from "../../src/imaging/affine.ts"
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { compressedBytes } from "../../src/imaging/nifti/compressNifti.ts"
import type { Lesion } from "../../src/lesions/Lesion.ts"
import { bytesPerFloat32 } from "../../src/runtime/ProblemShape.ts"
import { filesOfLesion, outputFilesOf } from "./outputFiles.ts"
import type { Study } from "./Study.ts"

/** Files that a run will write. */
export interface PlannedFiles {
  readonly files: number
  /** Of these the compressed images. */
  readonly images: number
  /** About how much all of them take on the disk. */
  readonly bytes: number
}

/** About what a sidecar or a small table takes, and the lines of the manifest about a file; the demo's sidecars have 0.9 kB. */
const bytesPerText = 4096
const bytesPerRecord = 450

/** Bytes of a mask for each voxel of the brain; measured on thresholded maps of noise, which smooth ones do not reach. */
const maskBytesPerVoxel = 0.5

/** What the run over these lesions of a study writes. */
export const plannedFiles = (study: Study, lesions: ReadonlyArray<Lesion>): PlannedFiles => {
  const paths = outputFilesOf({ ...study, lesions }).length - lesions.length * unusedSeedImages(study)
  const images = lesions.length * imagesOfLesion(study)
  const imageBytes = lesions.reduce((sum, lesion) => sum + imageBytesOf(study, lesion), 0)
  return {
    files: paths,
    images,
    bytes: Math.ceil(imageBytes + (paths - images) * bytesPerText + paths * bytesPerRecord)
  }
}

/** Bytes of the compressed images of a lesion. */
export const imageBytesOf = (study: Study, lesion: Lesion): number => {
  const { grid, connectome, maps } = study
  const target = grid === "lesion" ? lesion.grid : connectome.grid
  const voxels = voxelsOf(target)
  const shrunk = voxelVolumeMm3(connectome.grid.affine) / voxelVolumeMm3(target.affine)
  const values = Math.min(voxels, connectome.voxels * shrunk)
  const masks = imagesOfLesion(study) - maps.length
  return maps.length * compressedBytes(voxels * bytesPerFloat32, values) + masks * maskBytesPerVoxel * values
}

/** A lesion for which the number of its files is asked: it has images of its maps, and with PINI one of its seed. */
const imagesOfLesion = (study: Study): number => {
  const [lesion] = study.lesions
  if (lesion === undefined) return 0
  return filesOfLesion(lesion, study).filter((file) => file.endsWith(".nii.gz")).length - unusedSeedImages(study) / 2
}

/** Of a refined seed both kinds of image are named, with their sidecars, and one is written. */
const unusedSeedImages = ({ pini }: Study): number => (pini === undefined ? 0 : 2)
