/** The command `lnm` of this checkout, or of another one that it is compared with. */
import path from "node:path"
import { capture } from "./measure.ts"

const root = path.dirname(import.meta.dirname)

export const lnmCommand = (checkout: string = root): string => path.join(checkout, "bin", "lnm.js")

/** Another checkout of the repository, with its packages installed and its kernels built. */
export interface Checkout {
  readonly folder: string
  /** What it is called in tables. */
  readonly name: string
}

export const checkoutAt = async (folder: string): Promise<Checkout> => {
  const commit = await capture(["git", "-C", folder, "rev-parse", "--short", "HEAD"])
  await capture([process.execPath, lnmCommand(folder), "--version"])
  return { folder: path.resolve(folder), name: `lnm at ${commit.trim()}` }
}
