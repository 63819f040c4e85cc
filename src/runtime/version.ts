/** The package's name and version, from its package.json. */
import { readFileSync } from "node:fs"
import path from "node:path"

/** The nearest package.json above this file: two folders up in a checkout, three in the published package. */
const findManifest = (folder: string): string => {
  const candidate = path.join(folder, "package.json")
  try {
    return readFileSync(candidate, "utf8")
  } catch {
    return findManifest(path.dirname(folder))
  }
}

const { name, version } = JSON.parse(findManifest(import.meta.dirname)) as {
  readonly name: string
  readonly version: string
}

export const packageName = name
export const packageVersion = version
