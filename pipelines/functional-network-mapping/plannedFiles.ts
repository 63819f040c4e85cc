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

/** A block of the disk, which a sidecar or a table takes, and what the manifest says of a file. */
const bytesPerText = 4096
const bytesPerRecord = 450

/** Bytes of a mask for each voxel of the brain: 0.42 of thresholded maps of 50,000 voxels. */
const maskBytesPerVoxel = 0.5

/** What the run over these lesions of a study writes. */
export const plannedFiles = (study: Study, lesions: ReadonlyArray<Lesion>): PlannedFiles => {
  const { connectome } = study
  // Where no lesion is left, the degree is there already too.
  const degree = study.degree === true && lesions.length > 0
  const named = outputFilesOf({ ...study, degree, lesions })
  const unused = lesions.length * unusedSeedImages(study)
  const files = named.length - unused
  const images = named.filter(isImage).length - unused / 2
  const others = images - lesions.reduce((sum, lesion) => sum + imagesOfLesion(study, lesion), 0)
  const imageBytes =
    lesions.reduce((sum, lesion) => sum + imageBytesOf(study, lesion), 0) +
    others * compressedBytes(voxelsOf(connectome.grid) * bytesPerFloat32, connectome.voxels)
  return {
    files,
    images,
    bytes: Math.ceil(imageBytes + (files - images) * bytesPerText + files * bytesPerRecord + reportBytesOf(study))
  }
}

/** About what the report takes, of all lesions of the study: measured 52 to 67 kB a lesion on a grid of 2 mm. */
const reportBytesOf = ({ report, lesions }: Study): number =>
  report === undefined ? 0 : 100_000 + lesions.length * 90_000

const isImage = (file: string): boolean => file.endsWith(".nii.gz")

/** Bytes of the compressed images of a lesion. */
export const imageBytesOf = (study: Study, lesion: Lesion): number => {
  const { grid, connectome, maps } = study
  const target = grid === "lesion" ? lesion.grid : connectome.grid
  const voxels = voxelsOf(target)
  const finer = voxelVolumeMm3(connectome.grid.affine) / voxelVolumeMm3(target.affine)
  const values = Math.min(voxels, connectome.voxels * finer)
  const masks = imagesOfLesion(study, lesion) - maps.length
  return maps.length * compressedBytes(voxels * bytesPerFloat32, values) + masks * maskBytesPerVoxel * values
}

/** Images of a lesion: those of its maps, with PINI one of its seed, and one of a lesion that was brought over. */
const imagesOfLesion = (study: Study, lesion: Lesion): number =>
  filesOfLesion(lesion, study).filter(isImage).length - unusedSeedImages(study) / 2

/** Of a refined seed both kinds of image are named, each with its sidecar, and one is written. */
const unusedSeedImages = ({ pini }: Study): number => (pini === undefined ? 0 : 2)
