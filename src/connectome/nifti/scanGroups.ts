/**
 * Which 4D scans are the runs of which person, by their BIDS names: the one place that says so, for `lnm run` and for
 * `prepare-connectome`.
 *
 * All scans of one `sub-` (in the file's name, or in that of a folder above it) are one subject, whatever their session and
 * run: a statistic over subjects counts each person once. A scan that names no subject is a subject of its own. Names only.
 */
import { basename, dirname, relative } from "node:path"
import { entityOf, parseBidsName } from "../../imaging/BidsName.ts"
import type { Warning } from "../../runtime/Warnings.ts"
import type { RunsOption } from "../Source.ts"

export interface ScanGroup {
  readonly id: string
  /** Its runs, in the order in which they are joined: that of their paths. */
  readonly files: ReadonlyArray<string>
  /** The person whose run it is, where runs are subjects of their own and the name says it. */
  readonly person?: string
}

/** The value of an entity in a file's name, or in that of a folder above it: `sub-01/func/rest.nii.gz`. */
const labelOf = (folder: string, file: string, key: string): string | undefined =>
  entityOf(parseBidsName(basename(file)), key) ??
  dirname(relative(folder, file))
    .split("/")
    .flatMap((part) => new RegExp(`^${key}-([A-Za-z0-9+]+)$`).exec(part)?.slice(1) ?? [])[0]

const strip = (name: string): string => name.replace(/\.(nii(\.gz)?|npy)$/i, "")

/** File names without extension; where those are not unique, paths within the folder without extension. */
const idsOf = (folder: string, files: ReadonlyArray<string>): ReadonlyArray<string> => {
  const names = files.map((file) => strip(basename(file)))
  return new Set(names).size === names.length ? names : files.map((file) => strip(relative(folder, file)))
}

/** Subjects in the order of their first file. */
export const groupScans = (
  folder: string,
  files: ReadonlyArray<string>,
  runs: RunsOption
): ReadonlyArray<ScanGroup> => {
  const own = idsOf(folder, files)
  const people = files.map((file) => labelOf(folder, file, "sub")).map((label) => label && `sub-${label}`)
  const groups = Map.groupBy(files.keys(), (n) => (runs === "separate" ? own[n]! : (people[n] ?? own[n]!)))
  return [...groups].map(([id, positions]) => {
    const person = runs === "separate" ? people[positions[0]!] : undefined
    return { id, files: positions.map((n) => files[n]!), ...(person === undefined ? {} : { person }) }
  })
}

/** Entities by which files of one and the same recording are told apart, as BIDS has them: no runs of their own. */
const versions: ReadonlySet<string> = new Set(["desc", "space", "res", "den", "proc", "echo", "part", "rec"])

/** Two files that hold one recording twice, and the entities in which their names differ. */
export interface SameRecording {
  readonly first: string
  readonly second: string
  readonly differ: string
}

/** What a name says of the recording: all of it but for `versions` and the extension. */
const recordingOf = (folder: string, file: string): string => {
  const kept = strip(basename(file))
    .split("_")
    .filter((part) => !versions.has(part.split("-")[0]!))
  return [dirname(relative(folder, file)), ...kept].join("_")
}

/**
 * The first two files that are versions of one recording: joined as runs, or counted as subjects, it would enter twice.
 * Undefined where there are none; files without `sub-` are not looked at.
 */
export const findSameRecording = (folder: string, files: ReadonlyArray<string>): SameRecording | undefined => {
  const seen = new Map<string, string>()
  for (const second of files) {
    if (labelOf(folder, second, "sub") === undefined) continue
    const recording = recordingOf(folder, second)
    const first = seen.get(recording)
    if (first !== undefined) return { first, second, differ: differenceOf(first, second) }
    seen.set(recording, second)
  }
  return undefined
}

const differenceOf = (first: string, second: string): string => {
  const [a, b] = [first, second].map((file) => parseBidsName(basename(file))) as [
    ReturnType<typeof parseBidsName>,
    ReturnType<typeof parseBidsName>
  ]
  const keys = [...versions].filter((key) => entityOf(a, key) !== entityOf(b, key))
  return keys.length === 0 ? "extension" : keys.map((key) => `${key}-`).join(" and ")
}

/** Warns where the scans are of several tasks: a connectome is made of one, mostly rest. */
export const taskWarnings = (path: string, files: ReadonlyArray<string>): ReadonlyArray<Warning> => {
  const tasks = new Set(files.flatMap((file) => entityOf(parseBidsName(basename(file)), "task") ?? []))
  if (tasks.size < 2) return []
  const found = `it holds scans of several tasks (${[...tasks].sort().join(", ")})`
  return [
    { file: path, found, taken: "All of them were taken; a pattern such as **/*_task-rest_*_bold.nii.gz takes one" }
  ]
}
