/**
 * A fingerprint of what the last run has computed: names and bytes of all maps and tables, maps inflated, as compressed bytes may
 * differ with zlib's build.
 */
import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import path from "node:path"
import { gunzipSync } from "node:zlib"
import { type Bench, outputOf } from "../competitors.ts"

export const fingerprintOfMaps = async (bench: Bench): Promise<{ readonly maps: number; readonly sha256: string }> => {
  const folder = outputOf(bench)
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.(nii\.gz|tsv)$/.test(name)).sort()
  const maps = names.filter((name) => name.endsWith(".nii.gz")).length
  if (maps === 0) throw new Error("a run left no maps")
  const hash = createHash("sha256")
  for (const name of names) {
    const bytes = await readFile(path.join(folder, name))
    hash.update(name).update(name.endsWith(".gz") ? gunzipSync(bytes) : bytes)
  }
  return { maps, sha256: hash.digest("hex") }
}
