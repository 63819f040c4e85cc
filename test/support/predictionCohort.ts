/** A cohort on disk whose score can be told from the maps: lesions, a score that goes with what moves the maps, age and site. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import { cohortGrid, empty, writeCohort } from "./madeUpCohort.ts"

/** Elements of the grid that all maps have. */
export const elements = Array.from({ length: 720 }, (_, v) => v).filter((v) => v !== empty)

/** Elements of a patient's lesion, some of them where the effect is. */
export const lesionOf = (n: number): ReadonlyArray<number> =>
  Array.from({ length: 4 + ((n * 5) % 13) }, (_, k) => 190 + 3 * n + k)

export const scoreOf = (n: number): number => 10 + 6 * (n % 2) + ((n * 11) % 7) / 2
export const ageOf = (n: number): number => 40 + ((n * 7) % 30)
export const siteOf = (n: number): string => `site${(n >> 1) % 3}`

export const writePredictionCohort = (
  folder: string,
  patients: number,
  score: (n: number) => number | string = scoreOf
): ReadonlyArray<Float32Array> => {
  mkdirSync(folder, { recursive: true })
  const maps = writeCohort(folder, { patients })
  const rows = maps.map((_, n) => {
    const values = new Uint8Array(720)
    for (const v of lesionOf(n)) values[v] = 1
    const name = `sub-${n}_space-MNI152NLin6Asym_label-lesion_mask.nii`
    writeFileSync(join(folder, name), encodeNifti({ grid: cohortGrid, space: "MNI152NLin6Asym", values }))
    return `sub-${n}\tsub-${n}_space-MNI152NLin6Asym_stat-z_statmap.nii\t${name}`
  })
  writeFileSync(join(folder, "maps.tsv"), `participant_id\tmap\tlesion\n${rows.join("\n")}\n`)
  const people = maps.map((_, n) => `sub-${n}\t${score(n)}\t${n % 2}\t${ageOf(n)}\t${siteOf(n)}`)
  writeFileSync(join(folder, "participants.tsv"), `participant_id\tnaming\taphasia\tage\tsite\n${people.join("\n")}\n`)
  return maps
}

/** Lines of the config beside maps and output. */
export const predictionConfig = (lines: string): string => `pipeline: group-network-mapping
maps: { path: maps.tsv }
participants: participants.tsv
${lines}
output: { path: out }
compute: { workers: 2 }
`
