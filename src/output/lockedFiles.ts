/** The files of a run as a lock file has them: the content of inputs, and of maps and tables. Errors: `InputUnreadable`. */
import path from "node:path"
import { Effect } from "effect"
import type { FileRecord } from "./FileRecord.ts"
import { hashWholly } from "./hashAgain.ts"
import type { InputRecord } from "./InputRecord.ts"
import { isLocked, pathInLock } from "./LockedRun.ts"
import type { Manifest } from "./Manifest.ts"
import { recordContent } from "./recordContent.ts"

/** Files that are read side by side: one is inflated while another is opened. */
const filesAtOnce = 4

/** Records of inputs with paths relative to the lock, in the order of these. */
export const inputsInLock = (inputs: ReadonlyArray<FileRecord>, folder: string): ReadonlyArray<FileRecord> =>
  inputs
    .map(({ path: location, bytes, sha256 }) => ({ path: pathInLock(folder, location), bytes, sha256 }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))

/** Content of every input of a manifest but its config's file, which a lock has by its keys. */
export const contentOfInputs = ({ inputs, config_files }: Manifest) => {
  const configFiles = new Set(config_files)
  const kept = new Map(
    inputs.filter((input) => !configFiles.has(input.path)).map((input) => [`${"files" in input} ${input.path}`, input])
  )
  return Effect.forEach(kept.values(), contentOfInput)
}

const contentOfInput = (input: InputRecord) => ("files" in input ? hashWholly(input) : recordContent(input.path))

/** Content of every map and table of an output folder. */
export const contentOfOutputs = (folder: string, { outputs }: Manifest) =>
  Effect.forEach(
    outputs.filter((output) => isLocked(output.path)),
    (output) =>
      Effect.map(
        recordContent(path.join(folder, output.path)),
        (record): FileRecord => ({
          ...record,
          path: output.path
        })
      ),
    { concurrency: filesAtOnce }
  )
