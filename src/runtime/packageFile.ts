/** Where files of the package lie: beside its package.json, two folders above this file in a checkout, three in the published package. */
import { existsSync } from "node:fs"
import path from "node:path"

const rootAbove = (folder: string): string =>
  existsSync(path.join(folder, "package.json")) ? folder : rootAbove(path.dirname(folder))

export const packageRoot = rootAbove(import.meta.dirname)

/** The absolute path of a file of the package. */
export const packageFile = (relative: string): string => path.join(packageRoot, relative)
