/** A fingerprint of all maps of the last run: their names and bytes. */
import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import path from "node:path"
import { type Bench, outputOf } from "../competitors.ts"

export const fingerprintOfMaps = async (bench: Bench): Promise<{ readonly maps: number; readonly sha256: string }> => {
  const folder = outputOf(bench)
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".nii.gz")).sort()
  if (names.length === 0) throw new Error("a run left no maps")
  const hash = createHash("sha256")
  for (const name of names) hash.update(name).update(await readFile(path.join(folder, name)))
  return { maps: names.length, sha256: hash.digest("hex") }
}
