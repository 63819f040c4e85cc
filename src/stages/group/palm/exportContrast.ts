/**
 * Writes a contrast as PALM and FSL's randomise read it, so that anyone can check it with a program that shares no code with this one: the
 * patients' maps as one 4D file, the design, contrasts, blocks and a mask.
 *
 * Memory: the maps of a few patients, and one volume as it is compressed; the 4D file is never held whole.
 * Source: Winkler et al. 2014, NeuroImage, doi:10.1016/j.neuroimage.2014.01.060
 */
import { Effect } from "effect"
import { type Grid, voxelsOf } from "../../../imaging/Grid.ts"
import { gzipNifti } from "../../../imaging/nifti/gzipNifti.ts"
import { gzipPieces } from "../../../imaging/nifti/gzipPieces.ts"
import { encodeFloatHeader, encodeNifti } from "../../../imaging/nifti/writeNifti.ts"
import { releaseMemory } from "../../../imaging/releaseMemory.ts"
import type { Permutations } from "../../../kernels/group/permutations.ts"
import { OutputFolder } from "../../../output/OutputFolder.ts"
import { type CohortSource, readTile } from "../CohortSource.ts"
import { tileVoxels } from "../contrastSizes.ts"
import type { GroupDesign } from "../groupDesign.ts"
import { contrastCsv, designCon, designCsv, designGrp, designMat, designTable, labelsCsv } from "./designTexts.ts"
import { readmeText } from "./readme.ts"

export interface ContrastToExport {
  readonly name: string
  readonly of: string
  /** Name of the column of blocks. */
  readonly blocks: string | null
  readonly variance: "equal" | "unequal"
  readonly tfce: boolean
  readonly ranks: boolean
  readonly design: GroupDesign
  readonly permutations: Permutations
}

export interface MapsToExport {
  readonly grid: Grid
  readonly space: string
  /** Elements of the grid that contrasts take. */
  readonly elements: Int32Array
  readonly source: CohortSource
  /** Labels of all patients, by the rows of the source. */
  readonly patients: ReadonlyArray<string>
}

/** Bytes of the maps that are taken from the source together. */
const batchBytes = 32e6

/** Bytes that an export takes beside the cohort: a batch of maps, or a patient where one takes more, and two volumes. */
export const exportBytes = (grid: Grid): number => Math.max(batchBytes, 4 * voxelsOf(grid)) + 2 * 4 * voxelsOf(grid)

/** Every file of the export of a contrast, relative to the output folder. */
export const exportFiles = ({
  name,
  blocks,
  variance
}: Pick<ContrastToExport, "name" | "blocks" | "variance">): ReadonlyArray<string> =>
  [
    ...[
      "README",
      "maps.nii.gz",
      "mask.nii.gz",
      "participants.txt",
      "design.csv",
      "con.csv",
      "design.mat",
      "design.con"
    ],
    ...(blocks === null ? [] : ["eb.csv", "design.grp"]),
    ...(variance === "equal" ? [] : ["vg.csv"])
  ].map((file) => `palm/${name}/${file}`)

/** Errors: `OutputNotWritten`. */
export const exportContrast = Effect.fn("exportContrast")(function* (contrast: ContrastToExport, maps: MapsToExport) {
  const output = yield* OutputFolder
  const { name, of, blocks, variance, design } = contrast
  const { grid, space, elements, patients } = maps
  const table = designTable(of, design)
  const inMask = new Uint8Array(voxelsOf(grid))
  for (let v = 0; v < elements.length; v++) inMask[elements[v]!] = 1
  const texts: Readonly<Record<string, string>> = {
    README: readmeText({ ...contrast, table, hasBlocks: blocks !== null, unequal: variance === "unequal" }),
    "participants.txt": Array.from(design.kept, (n) => `sub-${patients[n]}\n`).join(""),
    "design.csv": designCsv(table),
    "con.csv": contrastCsv(table),
    "design.mat": designMat(table),
    "design.con": designCon(table),
    ...(blocks === null ? {} : { "eb.csv": labelsCsv(design.blocks), "design.grp": designGrp(design.blocks) }),
    ...(variance === "equal" ? {} : { "vg.csv": labelsCsv(design.effect) })
  }
  for (const [file, text] of Object.entries(texts)) yield* output.write(`palm/${name}/${file}`, text)
  yield* output.write(`palm/${name}/mask.nii.gz`, yield* gzipNifti(encodeNifti({ grid, space, values: inMask })))
  const pieces = () => gzipPieces(volumes(design.kept, maps))
  yield* output.write(`palm/${name}/maps.nii.gz`, { pieces })
})

/** The 4D file before it is compressed: its header, then each patient's volume, all in the same memory. */
function* volumes(kept: Int32Array, { grid, space, elements, source }: MapsToExport): Generator<Uint8Array> {
  yield encodeFloatHeader({ grid, space, timePoints: kept.length, repetitionTimeSeconds: 1 })
  const volume = new Float32Array(voxelsOf(grid))
  const together = Math.max(1, Math.floor(batchBytes / (4 * elements.length)))
  for (let first = 0; first < kept.length; first += together) {
    const batch = kept.subarray(first, first + together)
    const rows = readRows(source, batch, elements.length)
    for (let n = 0; n < batch.length; n++) {
      for (let v = 0; v < elements.length; v++) volume[elements[v]!] = rows[n * elements.length + v]!
      yield new Uint8Array(volume.buffer)
    }
    releaseMemory(rows)
  }
}

/** All values of some patients, tile by tile. Shape: (patients, voxels). */
const readRows = (source: CohortSource, patients: Int32Array, voxels: number): Float32Array => {
  const rows = new Float32Array(patients.length * voxels)
  for (let firstVoxel = 0; firstVoxel < voxels; firstVoxel += tileVoxels) {
    const own = Math.min(tileVoxels, voxels - firstVoxel)
    const tile = readTile(source, patients, { firstVoxel, voxels: own })
    for (let n = 0; n < patients.length; n++) rows.set(tile.subarray(n * own, (n + 1) * own), n * voxels + firstVoxel)
    releaseMemory(tile)
  }
  return rows
}
