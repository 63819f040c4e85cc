/**
 * Keeps the demo from touching files that it did not make: a connectome or lesions of the user's own.
 */
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { isThere, unlessMissing } from "../files/unlessMissing.ts"
import { type DemoData, filesOf } from "./DemoData.ts"
import { DemoNotWritten, demoNotWritten } from "./DemoNotWritten.ts"
import { partialFile } from "./writeDemoFile.ts"

const listFiles = async (folder: string): Promise<ReadonlyArray<string>> => {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true }).catch(unlessMissing)) ?? []
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))
}

const findForeign = async (data: DemoData): Promise<string | undefined> => {
  const written = filesOf(data)
  if (!(await isThere(stat(data.marker)))) {
    for (const file of written) if (await isThere(stat(file))) return file
  }
  const own = new Set(written.flatMap((file) => [file, partialFile(file)]))
  const found = await Promise.all([data.connectome, data.lesions, data.cohort].map(listFiles))
  return found.flat().find((file) => !own.has(file))
}

/**
 * Fails where the demo would overwrite a file that is not its own, or put its data beside somebody else's.
 *
 * A folder that the demo made (it holds the marker) may be written anew. Other files in the folder are left alone.
 */
export const refuseForeignFiles = Effect.fnUntraced(function* (data: DemoData): Effect.fn.Return<void, DemoNotWritten> {
  const foreign = yield* Effect.tryPromise({
    try: () => findForeign(data),
    catch: (cause) => demoNotWritten(data.folder, cause)
  })
  if (foreign !== undefined) {
    return yield* new DemoNotWritten({
      file: foreign,
      problem: "is in the demo's way and was not written by it",
      remedy: "Name another folder for the demo, or move this file"
    })
  }
})
