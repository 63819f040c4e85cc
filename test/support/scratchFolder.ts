/** A folder for the files of one test file; gone when its tests are done. */
import { mkdtempSync } from "node:fs"
import { rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "@effect/vitest"

export const scratchFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "lnm-"))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  return folder
}
