/** An output folder of functional-network-mapping, made directly: z and t maps on a grid, with the lesions that they are of, and a manifest. */
import { createHash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { type Grid, voxelsOf } from "../../src/imaging/Grid.ts"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import { makeManifest } from "../../src/output/Manifest.ts"

export interface MappedPatient {
  readonly patient: string
  /** Shape: (voxels of the grid). */
  readonly z: Float32Array
  /** Elements of the lesion on `lesionGrid`; 2 is stored there, and 1 in the next element. */
  readonly lesion: ReadonlyArray<number>
}

export interface MappedFolder {
  readonly grid: Grid
  readonly lesionGrid: Grid
  readonly patients: ReadonlyArray<MappedPatient>
  readonly degree?: number
  /** Of the config; by default 2 is lesion. */
  readonly values?: number | null
  /** What decides the maps, beside what is the same in all. */
  readonly connectome?: string
  readonly flipped?: ReadonlyArray<string>
}

const space = "MNI152NLin6Asym"

const write = (file: string, grid: Grid, values: Float32Array | Uint8Array) => {
  mkdirSync(dirname(file), { recursive: true })
  const bytes = encodeNifti({ grid, space, values })
  writeFileSync(file, bytes)
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") }
}

/** Writes it to `folder`, and the lesions beside it. */
export const writeMappedFolder = (folder: string, options: MappedFolder): void => {
  const { grid, lesionGrid, patients, degree, values = 2, connectome = "a", flipped = [] } = options
  const outputs: Array<{ path: string; bytes: number; sha256: string }> = []
  const lesions = patients.map(({ patient, z, lesion }) => {
    const mask = new Uint8Array(voxelsOf(lesionGrid))
    for (const element of lesion) mask[element + 1] = 1
    for (const element of lesion) mask[element] = 2
    const file = `${folder}-lesions/sub-${patient}_space-${space}_label-lesion_mask.nii`
    const maps = `sub-${patient}/sub-${patient}_space-${space}_label-lesion_desc-boes`
    for (const [statistic, map] of [["z", z] as const, ["t", z.map((value) => 10 * value)] as const]) {
      const path = `${maps}_stat-${statistic}_statmap.nii.gz`
      outputs.push({ path, ...write(join(folder, path), grid, map) })
    }
    return {
      name: `sub-${patient}`,
      maps,
      file: { path: file, ...write(file, lesionGrid, mask) },
      fingerprint: patient,
      summary: { lesion_voxels: lesion.length },
      files: outputs.slice(-2).map(({ path }) => path),
      ...(flipped.includes(patient) ? { flipped: true } : {})
    }
  })
  if (degree !== undefined) {
    const path = `space-${space}_desc-degree_stat-r_statmap.nii.gz`
    outputs.push({ path, ...write(join(folder, path), grid, new Float32Array(voxelsOf(grid)).fill(degree)) })
  }
  const manifest = makeManifest({
    config: { pipeline: "functional-network-mapping", lesions: { weights: "binary", threshold: null, values } },
    config_files: [],
    plan: { subjects: 3, lesions: lesions.length, passes: 1, predicted_peak_bytes: 1 },
    backend: { name: "plain", arithmetic: "float64", workers: 1, steps: [] },
    warnings: [],
    left_out: { lesions: [], subjects: [] },
    lesions_of_other_runs: 0,
    wall_seconds: 1,
    inputs: [],
    outputs,
    study: { study: { decides: {}, content: [connectome], names: ["c.h5"] }, options: {}, made: {} },
    lesions
  })
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest))
}
