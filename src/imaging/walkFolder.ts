/**
 * Walks a folder and lists the files in it that a search is for, in an order that is the same everywhere.
 *
 * Nothing that might hold such a file is passed over silently: folders that cannot be read, and links to nothing that may have
 * been folders, are problems, all of them listed. A link to nothing, or a pipe, under the name of such a file counts as one: whoever
 * reads it says so. Links to folders are followed; one that leads back to a folder above it, or to a folder that is walked
 * anyway, gives nothing new. Names are compared by code point, not by the machine's language.
 */
import type { Dirent } from "node:fs"
import { readdir, realpath, stat } from "node:fs/promises"
import { basename, join } from "node:path"
import { readingReason } from "../files/readingReason.ts"
import { isMissing } from "../files/unlessMissing.ts"
import { specialKind } from "./fileKind.ts"

/** A file that was found. */
export interface WalkedFile {
  /** Absolute. */
  readonly path: string
  /** Within the folder, with `/`. */
  readonly relative: string
  /** Whether the folder that it lies in was marked. */
  readonly marked: boolean
}

export interface SearchProblem {
  readonly file: string
  /** A clause that follows the name. */
  readonly problem: string
}

export interface Walk {
  readonly files: ReadonlyArray<WalkedFile>
  readonly problems: ReadonlyArray<SearchProblem>
}

export interface Search {
  /** `file`: the search wants what has this name, whatever it is. `note`: it only lists it, where it is a plain file. */
  readonly wants: (relative: string) => "file" | "note" | undefined
  /** Whether a folder below may hold such a file. */
  readonly reaches: (relative: string) => boolean
  /**
   * Most folders to follow links into, since folders full of links to one another have paths without end. Default:
   * `mostByLink`.
   */
  readonly mostByLink?: number
  /** Whether the files of a folder are marked; rejects with the system's error. Default: none are. */
  readonly mark?: (folder: WalkedFolder) => Promise<boolean>
}

export interface WalkedFolder {
  readonly path: string
  /** Real path of the folder, with all links followed. */
  readonly real: string
  readonly names: ReadonlySet<string>
  /** Whether the folder above it is marked. */
  readonly above: boolean
}

/** More than the folders of any dataset that was put together from links. */
const mostByLink = 200_000

/** The order of UTF-8 bytes is that of code points; that of JavaScript strings is not, beyond U+FFFF. */
export const byCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** Folders that systems keep at the root of a disk, for themselves. */
const systemFolders: ReadonlySet<string> = new Set(["lost+found", "System Volume Information", "$RECYCLE.BIN"])

interface Folder {
  readonly path: string
  readonly relative: string
  /** Real path of the folder, with all links followed. */
  readonly real: string
  /** Whether a link led to it, or to a folder above it. */
  readonly byLink: boolean
  /** Real paths of the folders that were walked to come here, and its own. */
  readonly trail: ReadonlySet<string>
  readonly marked: boolean
}

type Place = Pick<Folder, "path" | "relative">

interface Walking {
  readonly search: Search
  /** Files by their real path, so that a file that is also reached by links to folders counts once. */
  readonly files: Map<string, WalkedFile & Pick<Folder, "byLink">>
  readonly problems: Array<SearchProblem>
  /** Folders that links have led to. */
  byLink: number
}

/** Rejects with the system's error where the folder itself cannot be read. */
export const walkFolder = async (folder: string, search: Search): Promise<Walk> => {
  const real = await realpath(folder)
  const walking: Walking = { search, files: new Map(), problems: [], byLink: 0 }
  const top: Folder = { path: folder, relative: "", real, byLink: false, trail: new Set([real]), marked: false }
  await visit(top, await entriesOf(folder), walking)
  return {
    files: [...walking.files.values()].sort((a, b) => byCodePoint(a.path, b.path)),
    problems: walking.problems.sort((a, b) => byCodePoint(a.file, b.file))
  }
}

const entriesOf = (folder: string): Promise<Array<Dirent>> => readdir(folder, { withFileTypes: true })

const visit = async (folder: Folder, entries: ReadonlyArray<Dirent>, walking: Walking): Promise<void> => {
  const names = new Set(entries.map(({ name }) => name))
  const marked = await walking.search.mark?.({ ...folder, names, above: folder.marked }).catch((cause: unknown) => {
    walking.problems.push({ file: folder.path, problem: `cannot be searched: a file in it ${readingReason(cause)}` })
    return folder.marked
  })
  await Promise.all(entries.map((entry) => visitEntry({ ...folder, marked: marked ?? false }, entry, walking)))
}

const visitEntry = async (folder: Folder, entry: Dirent, walking: Walking): Promise<void> => {
  const relative = folder.relative === "" ? entry.name : `${folder.relative}/${entry.name}`
  const place = { path: join(folder.path, entry.name), relative }
  if (entry.isDirectory()) return enter(folder, place, walking)
  // A name that is not UTF-8 may name nothing, as a link may.
  if (entry.isSymbolicLink() || isGarbled(entry.name)) return followLink(folder, place, walking)
  take(folder, place, specialKind(entry), walking)
}

const enter = async (from: Folder, { path, relative }: Place, walking: Walking, target?: string): Promise<void> => {
  const real = target ?? join(from.real, basename(path))
  if (systemFolders.has(relative) || from.trail.has(real) || !walking.search.reaches(relative)) return
  const byLink = from.byLink || target !== undefined
  const { mostByLink: most = mostByLink } = walking.search
  if (byLink && ++walking.byLink > most) {
    if (walking.byLink === most + 1)
      walking.problems.push({ file: path, problem: `is one of more than ${most} folders that links lead to` })
    return
  }
  const entries = await entriesOf(path).catch((cause: unknown) => {
    walking.problems.push({ file: path, problem: garbledProblem(path) ?? readingReason(cause) })
    return []
  })
  const trail = new Set([...from.trail, real])
  await visit({ path, relative, real, byLink, trail, marked: from.marked }, entries, walking)
}

const followLink = async (folder: Folder, place: Place, walking: Walking): Promise<void> => {
  const { path, relative } = place
  const wanted = walking.search.wants(relative)
  if (wanted === undefined && !walking.search.reaches(relative)) return
  const target = await stat(path).catch((cause: NodeJS.ErrnoException) => cause)
  if (!(target instanceof Error)) {
    if (target.isDirectory()) return enter(folder, place, walking, await realpath(path))
    return take(folder, place, specialKind(target), walking)
  }
  const garbled = garbledProblem(basename(path))
  if (wanted === "file" && garbled === undefined) return take(folder, place, undefined, walking)
  // Nothing under a name with the extension of another file would not have been a folder.
  if (wanted === "note" || (wanted === undefined && /\.[A-Za-z]\w{0,4}$/.test(relative))) return
  walking.problems.push({ file: path, problem: garbled ?? linkProblem(target) })
}

const linkProblem = (cause: NodeJS.ErrnoException): string =>
  isMissing(cause)
    ? "is a link to something that is not there; it may not have been downloaded yet"
    : readingReason(cause)

/** Bytes that are not UTF-8 are read as replacement characters. */
const isGarbled = (name: string): boolean => name.includes("\uFFFD")

const garbledProblem = (name: string): string | undefined =>
  isGarbled(name) ? "has a name that is not UTF-8; rename it" : undefined

const take = (folder: Folder, { path, relative }: Place, special: string | undefined, walking: Walking): void => {
  const wanted = walking.search.wants(relative)
  if (wanted === undefined || (wanted === "note" && special !== undefined)) return
  const real = join(folder.real, basename(path))
  const { byLink, marked } = folder
  const other = walking.files.get(real)
  const isBetter = other === undefined || (byLink === other.byLink ? byCodePoint(path, other.path) < 0 : other.byLink)
  if (isBetter) walking.files.set(real, { path, relative, marked, byLink })
}
