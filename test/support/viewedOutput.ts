/**
 * An output folder of two lesions as a run leaves it, whose maps are known: in t 8 around a place on the left and -8 around the same
 * place on the right, 1 in the rest of the brain. Its grid is stored from right to left, as most templates are.
 */
import { createHash } from "node:crypto"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import type { Grid } from "../../src/imaging/Grid.ts"
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import type { FileRecord } from "../../src/output/FileRecord.ts"
import type { ListedLesion } from "../../src/output/LesionRecord.ts"
import { type Manifest, makeManifest, manifestName } from "../../src/output/Manifest.ts"
import { voxelAt } from "./tinyConnectome.ts"
import { writeFile } from "./tinyStudy.ts"

export const viewedGrid: Grid = {
  shape: [30, 36, 30],
  affine: [-5, 0, 0, 70, 0, 5, 0, -85, 0, 0, 5, -70, 0, 0, 0, 1]
}

/** In mm: where the lesions lie, which is where the left maximum of the maps is. */
export const viewedPlace = [-35, 10, 15] as const

const place = (element: number): readonly [number, number, number] => {
  const [i, j, k] = voxelAt(viewedGrid, element)
  return [70 - 5 * i, -85 + 5 * j, -70 + 5 * k]
}

const ofEachVoxel = (value: (x: number, y: number, z: number) => number): Float32Array =>
  Float32Array.from({ length: voxelsOf(viewedGrid) }, (_, element) => value(...place(element)))

const isInBrain = (x: number, y: number, z: number): boolean => Math.hypot(x / 70, y / 85, z / 70) < 1

const distanceTo = (x: number, y: number, z: number, side: 1 | -1): number =>
  Math.hypot(x - side * viewedPlace[0], y - viewedPlace[1], z - viewedPlace[2])

/** Around the place on the left 1, around its mirror image -1. */
const sideOf = (x: number, y: number, z: number): 0 | 1 | -1 =>
  distanceTo(x, y, z, 1) < 20 ? 1 : distanceTo(x, y, z, -1) < 20 ? -1 : 0

const tMap = ofEachVoxel((...at) => (isInBrain(...at) ? 8 * sideOf(...at) || 1 : 0))
const pfdrMap = ofEachVoxel((...at) => (sideOf(...at) === 0 ? 1 : 0.001))
const lesion = ofEachVoxel((...at) => (distanceTo(...at, 1) < 12 ? 1 : 0))
/** Parcel 3 on the left, 7 on the right. */
const atlas = ofEachVoxel((x) => (x < 0 ? 3 : 7))

const niftiOf = (values: Float32Array, asMask = false): Uint8Array =>
  gzipSync(encodeNifti({ grid: viewedGrid, values: asMask ? Uint8Array.from(values) : values }))

/** What may be in a file's name, and must do no harm in a page. */
export const harmfulName = `=1+<img src=x onerror="document.title='harmed'">'&amp;\n.nii.gz`

export interface ViewedOutput {
  readonly folder: string
  readonly manifest: Manifest
  readonly lesionFile: string
  readonly atlasFile: string
}

const lesionOf = (name: string, stem: string, file: FileRecord, files: ReadonlyArray<string>): ListedLesion => ({
  name,
  maps: stem,
  file,
  fingerprint: "",
  summary: {
    volume_ml: 1.25,
    grid_voxels: 40,
    mask_voxels: 39,
    t_min: -8,
    t_max: 8,
    significant_percent: 12.34,
    warnings: null
  },
  files
})

export const writeViewedOutput = (scratch: string): ViewedOutput => {
  const folder = join(scratch, "maps")
  const write = (root: string, name: string, content: Uint8Array | string): FileRecord => {
    writeFile(join(root, name), content)
    const bytes = Buffer.from(content as string)
    return { path: name, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") }
  }
  const input = (name: string, content: Uint8Array | string) => {
    const record = write(scratch, name, content)
    return { ...record, path: join(scratch, name) }
  }
  const lesionFile = input("lesions/sub-01_space-X_label-lesion_mask.nii.gz", niftiOf(lesion, true))
  const atlasFile = input("atlas.nii.gz", niftiOf(atlas, true))
  const labels = input("atlas.tsv", "index\tname\n3\tLeft <b>side</b>\n7\tRight side\n")
  const stems = ["sub-01/sub-01_space-X_label-lesion_desc-boes", "sub-img/sub-img_space-X_desc-boes"]
  const outputs = stems.flatMap((stem) => [
    write(folder, `${stem}_stat-t_statmap.nii.gz`, niftiOf(tMap)),
    write(folder, `${stem}_stat-pfdr_statmap.nii.gz`, niftiOf(pfdrMap)),
    write(folder, `${stem}_stat-t_statmap.json`, "{}")
  ])
  const names = ["sub-01_space-X_label-lesion_mask.nii.gz", harmfulName]
  const manifest = makeManifest({
    config: {
      pipeline: "functional-network-mapping",
      method: "boes",
      lesions: { path: join(scratch, "lesions"), weights: "binary", threshold: null, values: null },
      statistics: { maps: ["t", "pfdr"], fdr_alpha: 0.05, t_threshold: 5 },
      parcellations: [{ name: "Sides", path: atlasFile.path, labels: labels.path }],
      output: { path: folder, grid: "connectome" }
    },
    config_files: [],
    plan: { subjects: 20, lesions: 2, passes: 1, predicted_peak_bytes: 1 },
    backend: { name: "plain", arithmetic: "float64", workers: 1, steps: [] },
    warnings: [],
    left_out: { lesions: [], subjects: [] },
    lesions_of_other_runs: 0,
    wall_seconds: 1,
    inputs: [lesionFile, atlasFile, labels].map((record) => ({ ...record, method: "sha256" as const })),
    outputs,
    lesions: names.map((name, n) =>
      lesionOf(
        name,
        stems[n]!,
        lesionFile,
        outputs.slice(3 * n, 3 * n + 3).map(({ path }) => path)
      )
    )
  })
  writeFile(join(folder, manifestName), JSON.stringify(manifest))
  return { folder, manifest, lesionFile: lesionFile.path, atlasFile: atlasFile.path }
}
