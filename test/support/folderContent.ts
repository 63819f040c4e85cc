/** What is in a folder, to the byte: for telling whether two are the same, or one has been touched. */
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"

/** Paths of all files below a folder, with `/`, sorted; hidden ones too. Empty where there is no such folder. */
export const filesIn = (folder: string): ReadonlyArray<string> =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
        .sort()
    : []

export const sha256 = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex")

/** SHA-256 of each file, by its path. */
export const contentOf = (
  folder: string,
  wanted: (file: string) => boolean = () => true
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    filesIn(folder)
      .filter(wanted)
      .map((file) => [file, sha256(join(folder, file))])
  )

/** Whether a file says when and how fast the run was: those of two runs are never the same. */
export const isTimed = (file: string): boolean => file === "manifest.json" || file === "report.html"

export const isMap = (file: string): boolean => file.endsWith(".nii.gz")
