/** A whole study in a folder, small enough to run in less than a second: connectome, lesions, config. */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { gzipSync } from "node:zlib"
import { stringify } from "yaml"
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import { type Hdf5Options, type TinyBrain, tinyBrain, tinySpace, voxelAt, writeHdf5 } from "./tinyConnectome.ts"

/** A lesion as an uncompressed NIfTI file: a ball around a voxel, on the connectome's grid. */
export const ballBytes = (
  centre: readonly [number, number, number],
  radius: number,
  { grid }: TinyBrain = tinyBrain
): Uint8Array =>
  encodeNifti({
    grid,
    values: Uint8Array.from({ length: voxelsOf(grid) }, (_, element) => {
      const offsets = voxelAt(grid, element).map((index, axis) => index - centre[axis]!)
      return Math.hypot(...offsets) <= radius ? 1 : 0
    })
  })

export const writeFile = (file: string, content: Uint8Array | string): string => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}

/** Name of a BIDS lesion mask. */
export const lesionName = (subject: string, space = tinySpace): string =>
  `sub-${subject}_space-${space}_label-lesion_mask.nii.gz`

/** Centres well inside of the tiny brain. */
export const lesionCentres: ReadonlyArray<readonly [number, number, number]> = [
  [3, 4, 4],
  [8, 5, 4],
  [4, 9, 7],
  [8, 9, 8]
]

/** One lesion file a centre. */
export const writeLesions = (folder: string, centres = lesionCentres, brain = tinyBrain): string => {
  for (const [n, centre] of centres.entries()) {
    writeFile(join(folder, lesionName(String(n + 1).padStart(3, "0"))), gzipSync(ballBytes(centre, 1, brain)))
  }
  return folder
}

type Keys = Readonly<Record<string, unknown>>

export const writeConfig = (file: string, config: Keys): string => writeFile(file, stringify(config))

export interface TinyStudy {
  readonly folder: string
  readonly config: string
  /** The config's keys, for variants. */
  readonly keys: { readonly connectome: Keys; readonly lesions: Keys; readonly output: Keys }
  readonly output: string
}

/** Writes a study; `files` HDF5 files share the subjects. */
export const writeTinyStudy = async (
  folder: string,
  {
    files = 1,
    centres = lesionCentres,
    brain = tinyBrain,
    ...options
  }: Hdf5Options & { readonly files?: number; readonly centres?: typeof lesionCentres }
): Promise<TinyStudy> => {
  const connectome = join(folder, "connectome")
  for (let part = 0; part < files; part++) {
    const first = Math.floor((part * options.subjects) / files)
    const subjects = Math.floor(((part + 1) * options.subjects) / files) - first
    await writeHdf5(join(connectome, `part-${part + 1}.h5`), { ...options, brain, firstSubject: first, subjects })
  }
  writeLesions(join(folder, "lesions"), centres, brain)
  const keys = { connectome: { path: "connectome" }, lesions: { path: "lesions" }, output: { path: "maps" } }
  const config = writeConfig(join(folder, "study.yaml"), { pipeline: "functional-network-mapping", ...keys })
  return { folder, config, keys, output: join(folder, "maps") }
}
