/** One failure for all files of a connectome that cannot be used. */
import { relative } from "node:path"
import type { InvalidNifti } from "../imaging/nifti/InvalidNifti.ts"
import { InvalidConnectome } from "./Connectome.ts"

/** Files that are named in one message; more are counted. */
const mostListed = 20

export const refuseAll = (path: string, failures: ReadonlyArray<InvalidConnectome | InvalidNifti>) => {
  const [first] = failures
  if (failures.length === 1) return first!
  const lines = failures.slice(0, mostListed).map(({ file, problem }) => `\n  ${relative(path, file)}: ${problem}`)
  const rest = failures.length > mostListed ? `\n  and ${failures.length - mostListed} more` : ""
  const problem = `${failures.length} scans cannot be used:${lines.join("")}${rest}`
  return new InvalidConnectome({ file: path, problem, remedy: first!.remedy })
}
