/** A cohort on disk: z maps of patients with an effect of a group in a block of voxels, a table of maps, and one of participants. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import type { Grid } from "../../src/imaging/Grid.ts"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"

export const cohortGrid: Grid = { shape: [10, 9, 8], affine: [4, 0, 0, -20, 0, 4, 0, -18, 0, 0, 4, -16, 0, 0, 0, 1] }

/** Elements in which the effect is, and one that no map has a value in. */
export const planted = Array.from({ length: 40 }, (_, n) => 200 + n)
export const empty = 5

export interface MadeUpCohort {
  readonly patients: number
  /** Whether maps are written as r. */
  readonly asR?: boolean
  /** The symptom of each patient; default: that which moves the maps. */
  readonly symptom?: (patient: number) => number
}

export const writeCohort = (folder: string, { patients, asR = false, symptom = (n) => n % 2 }: MadeUpCohort) => {
  mkdirSync(folder, { recursive: true })
  const random = new Xoshiro128(3, 1)
  const statistic = asR ? "r" : "z"
  const rows = ["participant_id\tmap"]
  const people = ["participant_id\taphasia\tage"]
  const maps = Array.from({ length: patients }, (_, n) => {
    const values = new Float32Array(720)
    random.fillGaussian(values)
    for (let v = 0; v < 720; v++) values[v] = 0.3 + 0.1 * values[v]!
    for (const v of planted) values[v]! += 0.25 * (n % 2)
    values[empty] = n === 1 ? Number.NaN : 0
    const name = `sub-${n}_space-MNI152NLin6Asym_stat-${statistic}_statmap.nii`
    const stored = asR ? values.map(Math.tanh) : values
    writeFileSync(join(folder, name), encodeNifti({ grid: cohortGrid, space: "MNI152NLin6Asym", values: stored }))
    rows.push(`sub-${n}\t${name}`)
    people.push(`sub-${n}\t${symptom(n)}\t${40 + ((n * 7) % 30)}`)
    return values
  })
  writeFileSync(join(folder, "maps.tsv"), `${rows.join("\n")}\n`)
  writeFileSync(join(folder, "participants.tsv"), `${people.join("\n")}\n`)
  return maps
}

export const groupConfig = (contrast: string): string => `pipeline: group-network-mapping
maps: { path: maps.tsv }
participants: participants.tsv
contrasts:
  - ${contrast}
diagnose: { degree: false }
output: { path: out }
compute: { workers: 2 }
`
