/** An int16 store of the same subjects as the uncompressed HDF5 files, made by `lnm run` itself where it is not there yet. */
import { existsSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import path from "node:path"
import { type Bench, lnmCommand } from "./competitors.ts"
import { capture } from "./measure.ts"
import { connectomeFolder, space } from "./workload.ts"

export const provideStore = async (bench: Bench, subjects: number): Promise<void> => {
  const store = connectomeFolder(bench.data, "store", subjects)
  if (existsSync(store)) return
  bench.log(`preparing a store of ${subjects} subjects`)
  const file = path.join(bench.scratch, "prepare.yaml")
  const config = {
    pipeline: "prepare-connectome",
    source: { path: connectomeFolder(bench.data, "plain", subjects) },
    space,
    precision: "int16",
    output: { path: store }
  }
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config, null, 2))
  await capture([process.execPath, lnmCommand, "run", file, "--progress", "off"])
}
