/**
 * What decides the sums of a study besides its lesions, as data that a file can keep: from it comes the study's fingerprint, and from
 * two of them, in words, in what the studies differ. So a run that finds what another study has left can say which key or file that is.
 *
 * `fingerprints.ts` makes the description. Content decides, never a path or a time; names of files are kept beside it, for the words alone.
 */
import { createHash } from "node:crypto"
import { isDeepStrictEqual } from "node:util"
import { Predicate, Schema } from "effect"
import { printable, printableExcerpt } from "../runtime/printable.ts"
import { canonicalJson } from "./canonicalJson.ts"

/** A description as files keep it: plain JSON. */
export const StudyDescription = Schema.Struct({
  /** Everything that decides, by key. */
  decides: Schema.Record(Schema.String, Schema.Unknown),
  /** Hashes of the connectome's files, or of its time series, in their order; they decide too. */
  content: Schema.Array(Schema.Unknown),
  /** What is hashed there, in the same order. */
  names: Schema.Array(Schema.String),
  /** Which subjects of the connectome were chosen, for the words alone; left out where all were. */
  chosen: Schema.optionalKey(
    Schema.Struct({
      subjects: Schema.Number,
      from: Schema.Number,
      /** SHA-256 of their ids. */
      ids: Schema.String
    })
  )
})

export type StudyDescription = typeof StudyDescription.Type

/** SHA-256 of everything that decides. */
export const fingerprintOf = ({ decides, content }: StudyDescription): string =>
  createHash("sha256").update(canonicalJson({ decides, content })).digest("hex")

/** What messages call a key, where that is not its path. */
const words: Readonly<Record<string, string>> = {
  numericsVersion: "the version of lnm's arithmetic",
  "method.name": "method",
  "method.percentile": "pini_percentile",
  "method.scope": "pini_scope",
  "method.partial": "the row of lesions that seeds.partial takes out of one another",
  "method.subjectsOfFiles": "the number of subjects in each file of the connectome",
  arithmetic: "compute.arithmetic",
  fused: "whether the stages are computed as one, on workers,",
  fractionBits: "the unit of the sums",
  stages: "the row of stages",
  rows: "the choice of subjects within files of the connectome (connectome.subjects)",
  timePoints: "the row of the subjects' numbers of time points",
  voxels: "the number of the connectome's voxels",
  "grid.shape": "the shape of the connectome's grid",
  "grid.affine": "the affine of the connectome's grid",
  mask: "the connectome's brain mask"
}

/** Characters of a value that are quoted; of a longer one, such as a hash, it is only said that it has changed. */
const mostQuoted = 60

/**
 * In what a study differs from a saved one, a clause each: "method is pini, was boes", "connectome file subjects-011.h5 has changed".
 * Empty where their fingerprints are equal.
 */
export const differencesOf = (saved: StudyDescription, current: StudyDescription): ReadonlyArray<string> => [
  ...keyDifferences(saved.decides, current.decides),
  ...contentDifferences(saved, current)
]

/**
 * The same for any two objects of keys that decide: each that differs, with both values where they are short.
 *
 * @param called what messages call a key, by its path; default: the path
 */
export const keyDifferences = (saved: unknown, current: unknown, called = words, above = ""): ReadonlyArray<string> => {
  // As files keep them: a key that is undefined is none, and -0 is 0.
  const [before, now] = [asKept(saved), asKept(current)]
  if (isDeepStrictEqual(before, now)) return []
  if (isPlain(before) && isPlain(now)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(now)])
    return [...keys].flatMap((key) =>
      keyDifferences(ownOf(before, key), ownOf(now, key), called, above === "" ? key : `${above}.${key}`)
    )
  }
  const name = ownOf(called, above) ?? printableExcerpt(above)
  const [was, is] = [quoted(before), quoted(now)]
  return [was === undefined || is === undefined ? `${name} has changed` : `${name} is ${is}, was ${was}`]
}

const asKept = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(canonicalJson(value)))

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  Predicate.isObject(value) && !Array.isArray(value)

/** What an object itself has under a key that a file may have made up, as `constructor`. */
const ownOf = <Value>(object: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined

/** A short value as a message has it; undefined where it is long, or a hash. */
const quoted = (value: unknown): string | undefined => {
  if (value === undefined) return "not there"
  const text = Array.isArray(value) && value.every(Predicate.isString) ? value.join(", ") : textOf(value)
  return text.length <= mostQuoted ? printable(text) : undefined
}

const textOf = (value: unknown): string => (Predicate.isString(value) ? value : JSON.stringify(value))

/** Differences between the files of two connectomes. One that is only called otherwise is no difference. */
const contentDifferences = (saved: StudyDescription, current: StudyDescription): ReadonlyArray<string> => {
  const [before, now] = [hashesByName(saved), hashesByName(current)]
  const [hashesBefore, hashesNow] = [saved, current].map(({ content }) => content.map(canonicalJson))
  if (isDeepStrictEqual(hashesBefore, hashesNow)) return []
  if (!isDeepStrictEqual(saved.chosen, current.chosen)) return [choiceDifference(saved, current)]
  if (isDeepStrictEqual(hashesBefore!.toSorted(), hashesNow!.toSorted())) {
    return ["the files of the connectome are in another order"]
  }
  const changed = [...now].filter(([name, hash]) => before.has(name) && before.get(name) !== hash)
  const added = [...now].filter(([name, hash]) => !before.has(name) && !hashesBefore!.includes(hash))
  const gone = [...before].filter(([name, hash]) => !now.has(name) && !hashesNow!.includes(hash))
  const clauses = [
    ...changed.map(([name]) => `connectome file ${name} has changed`),
    ...added.map(([name]) => `connectome file ${name} was not there`),
    ...gone.map(([name]) => `connectome file ${name} is gone`)
  ]
  return clauses.length > 0 ? clauses : ["the files of the connectome are others"]
}

/** In what two choices of subjects differ. */
const choiceDifference = (saved: StudyDescription, current: StudyDescription): string => {
  const [was, is] = [saved, current].map(({ chosen }) =>
    chosen === undefined ? "all subjects" : `${chosen.subjects} of ${chosen.from} subjects`
  )
  return was === is ? "connectome.subjects chooses other subjects" : `connectome.subjects chooses ${is}, was ${was}`
}

const hashesByName = ({ names, content }: StudyDescription): ReadonlyMap<string, string> =>
  new Map(
    content.map((hash, position) => [
      printableExcerpt(names[position] ?? `number ${position + 1}`),
      canonicalJson(hash)
    ])
  )
