/**
 * What was invalid in a pass, subject by subject, and the warnings that tell of it: for the connectome which subjects have voxels
 * without a valid time series, one warning a file at most; for each lesion in which subjects its seed was invalid.
 *
 * Voxels at the brain's edge that are flat in some subjects are common; so these are few lines, whatever the number of files.
 */
import type { Subject } from "../connectome/Connectome.ts"
import type { Warning } from "../runtime/Warnings.ts"

/** How the warnings name what they are about. */
export interface InvalidNames {
  /** Path of the connectome. */
  readonly connectome: string
  /** File of each lesion of the pass. */
  readonly lesions: ReadonlyArray<string>
}

/** What was invalid in a subject; none where nothing was. */
export interface InvalidSubject {
  /** Its position in the connectome. */
  readonly subject: number
  /** Voxels of the brain mask without a valid time series. */
  readonly voxels: number
  /** Lesions whose seeds have none. */
  readonly seeds: ReadonlyArray<number>
}

/** Adds what was invalid in other subjects; in the connectome's order. */
export const joinInvalid = (
  one: ReadonlyArray<InvalidSubject>,
  other: ReadonlyArray<InvalidSubject>
): ReadonlyArray<InvalidSubject> => [...one, ...other].sort((a, b) => a.subject - b.subject)

export interface InvalidCounts {
  /** Adds a subject: how many of its voxels are invalid, and the lesions whose seeds are. */
  readonly add: (subject: Subject, voxels: number, seeds: ReadonlyArray<number>) => void
  /** The warnings, complete once all subjects have been added. */
  readonly warnings: () => ReadonlyArray<Warning>
  /** The subjects of which something was invalid, in the order in which they were added. */
  readonly invalid: () => ReadonlyArray<InvalidSubject>
}

/** The warnings of a whole pass, from what was invalid in its subjects. */
export const invalidWarnings = (
  subjects: ReadonlyArray<Subject>,
  invalid: ReadonlyArray<InvalidSubject>,
  names: InvalidNames
): ReadonlyArray<Warning> => {
  const bySubject = new Map(invalid.map((found) => [found.subject, found]))
  const counts = makeInvalidCounts(names)
  for (const subject of subjects) {
    const { voxels = 0, seeds = [] } = bySubject.get(subject.index) ?? {}
    counts.add(subject, voxels, seeds)
  }
  return counts.warnings()
}

/** Most files that get a warning of their own; where more have invalid voxels, one warning is about the whole connectome. */
const mostFiles = 4

/** Subjects that a warning names. */
const mostSubjects = 8

/**
 * Most lesions with invalid seeds whose warnings name the subjects; with more, all have the same words and become one
 * warning.
 */
const mostLesions = 8

/** A subject with invalid voxels. */
interface InvalidVoxels {
  readonly subject: Subject
  readonly voxels: number
}

/** @param names undefined: the stages run outside of a study, and warnings name a lesion by its position */
export const makeInvalidCounts = (names: InvalidNames | undefined): InvalidCounts => {
  const subjectsOfFile = new Map<string, number>()
  const found: Array<InvalidSubject> = []
  const invalid: Array<InvalidVoxels> = []
  const idsOfLesion = new Map<number, Array<string>>()
  let subjects = 0
  return {
    add: (subject, voxels, seeds) => {
      subjects++
      subjectsOfFile.set(subject.file, (subjectsOfFile.get(subject.file) ?? 0) + 1)
      if (voxels > 0 || seeds.length > 0) found.push({ subject: subject.index, voxels, seeds })
      if (voxels > 0) invalid.push({ subject, voxels })
      for (const lesion of seeds) idsOfLesion.set(lesion, [...(idsOfLesion.get(lesion) ?? []), subject.id])
    },
    invalid: () => found,
    warnings: () => [
      ...voxelWarnings(invalid, subjectsOfFile, names?.connectome),
      ...[...idsOfLesion]
        .sort(([a], [b]) => a - b)
        .map(([lesion, ids]) => ({
          file: names?.lesions[lesion] ?? `lesion ${lesion + 1}`,
          found: seedFinding(ids, subjects, idsOfLesion.size),
          taken: "In those subjects its r is 0 everywhere; `invalid: error` makes this an error"
        }))
    ]
  }
}

const voxelWarnings = (
  invalid: ReadonlyArray<InvalidVoxels>,
  subjectsOfFile: ReadonlyMap<string, number>,
  connectome = "connectome"
): ReadonlyArray<Warning> => {
  const files = Map.groupBy(invalid, ({ subject }) => subject.file)
  const subjects = [...subjectsOfFile.values()].reduce((sum, count) => sum + count, 0)
  // Where each subject is a file, as in a store, the file says nothing that the subject does not.
  const apart = files.size <= mostFiles && subjectsOfFile.size < subjects
  const groups: ReadonlyArray<readonly [string, ReadonlyArray<InvalidVoxels>, number]> = apart
    ? [...files].map(([file, ofFile]) => [file, ofFile, subjectsOfFile.get(file)!])
    : [[connectome, invalid, subjects]]
  return groups
    .filter(([, { length }]) => length > 0)
    .map(([file, ofFile, total]) => ({
      file,
      found: voxelFinding(ofFile, total),
      taken:
        "In those subjects they count as r = 0, and those with a NaN or infinity are left out of seeds; " +
        "`invalid: error` makes this an error"
    }))
}

const voxelFinding = (invalid: ReadonlyArray<InvalidVoxels>, total: number): string => {
  const series = invalid.reduce((sum, { voxels }) => sum + voxels, 0)
  const { subject, voxels } = invalid.reduce((most, other) => (other.voxels > most.voxels ? other : most))
  const most =
    invalid.length === 1 ? `, in subject ${subject.id}` : `; the most, ${numberOf(voxels)}, in subject ${subject.id}`
  return (
    `${numberOf(invalid.length)} of its ${numberOf(total)} subjects ${invalid.length === 1 ? "has" : "have"} voxels without variance, ` +
    `or with a NaN or infinity ` +
    `(${numberOf(series)} time series${most})`
  )
}

/** For many lesions the words do not differ, so that their warnings become one. */
const seedFinding = (ids: ReadonlyArray<string>, subjects: number, lesions: number): string => {
  if (lesions > mostLesions) {
    return "its seed has no valid time series in some subjects (column invalid_seeds of summary.tsv: in how many)"
  }
  const rest = ids.length > mostSubjects ? ` and ${numberOf(ids.length - mostSubjects)} more` : ""
  const named = ids.slice(0, mostSubjects).join(", ") + rest
  return `its seed has no valid time series in ${numberOf(ids.length)} of ${numberOf(subjects)} subjects (${named})`
}

const numberOf = (count: number): string => count.toLocaleString("en-US")
