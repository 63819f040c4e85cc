/** An output folder with maps of a few lesions, made directly, and the lesions' files beside it: for tests of the report. */
import { createHash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { gzipSync } from "node:zlib"
import { type Grid, voxelsOf } from "../../src/imaging/Grid.ts"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import type { ReportedLesion } from "../../src/report/reportedLesions.ts"

export interface MadeLesion {
  readonly name: string
  readonly grid: Grid
  /** Maps by statistic. Shape: (voxels of the grid). */
  readonly maps: Readonly<Record<string, Float32Array>>
  /** Elements of the lesion, on `lesionGrid`; default: the grid of the maps. */
  readonly elements: ReadonlyArray<number>
  readonly lesionGrid?: Grid
}

const writeVolume = (file: string, grid: Grid, values: Float32Array | Uint8Array): Buffer => {
  const bytes = gzipSync(encodeNifti({ grid, space: "MNI152NLin6Asym", values }))
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, bytes)
  return bytes
}

/** Writes the files of a lesion; gives its record. */
export const makeLesion = (
  folder: string,
  { name, grid, maps, elements, lesionGrid = grid }: MadeLesion
): ReportedLesion => {
  const mask = new Uint8Array(voxelsOf(lesionGrid))
  for (const element of elements) mask[element] = 1
  const file = join(folder, "lesions", `${name}_space-MNI152NLin6Asym_mask.nii.gz`)
  const bytes = writeVolume(file, lesionGrid, mask)
  const stem = `${name}/${name}_space-MNI152NLin6Asym_desc-boes`
  const files = Object.entries(maps).map(([statistic, values]) => {
    const path = `${stem}_stat-${statistic}_statmap.nii.gz`
    writeVolume(join(folder, "out", path), grid, values)
    return path
  })
  return {
    name: `${name}_mask.nii.gz`,
    maps: stem,
    file: { path: file, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") },
    summary: { lesion_voxels: elements.length, volume_ml: 1.5, grid_voxels: 8, mask_voxels: 6 },
    files
  }
}

/** Writes a map that is no lesion's. */
export const writeMap = (folder: string, name: string, grid: Grid, values: Float32Array): void => {
  writeVolume(join(folder, "out", name), grid, values)
}
