/** The package's name and version, from its package.json. */
import { readFileSync } from "node:fs"
import { packageFile } from "./packageFile.ts"

const { name, version } = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as {
  readonly name: string
  readonly version: string
}

export const packageName = name
export const packageVersion = version
