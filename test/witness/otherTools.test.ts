/**
 * Connectomes as other tools keep them, written by SciPy, h5py and NumPy: their maps are those of the same data as HDF5, to the bit,
 * also by way of a store. Where Python or a package is missing, the test is skipped with the reason; under CI that is a failure.
 */
import { execFile } from "node:child_process"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { lnmHereSucceeds } from "../support/lnmHere.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const scratch = scratchFolder()

/** Debian's Python, whose packages `.ci/run` installs. */
const python = "/usr/bin/python3"

const failureOf = (...programArguments: ReadonlyArray<string>): Promise<string | undefined> =>
  promisify(execFile)(python, ["-B", ...programArguments]).then(
    () => undefined,
    (cause: Error) => cause.message
  )

const space = "MNI152NLin6Asym"

/** The maps of a connectome, by their names. */
const mapsOf = async (kind: string, connectome: object): Promise<Readonly<Record<string, Buffer>>> => {
  const output = join(scratch, "out", kind)
  const config = {
    pipeline: "functional-network-mapping",
    connectome: { space, ...connectome },
    lesions: { path: join(scratch, "data/lesions") },
    report: false,
    output: { path: output }
  }
  const file = join(scratch, `${kind}.yaml`)
  writeFileSync(file, JSON.stringify(config))
  await lnmHereSucceeds(["run", file, "--progress", "off"])
  const maps = readdirSync(join(output, "sub-01")).filter((name) => name.endsWith(".nii.gz"))
  return Object.fromEntries(maps.map((name) => [name, readFileSync(join(output, "sub-01", name))]))
}

const storeOf = async (kind: string, source: object): Promise<object> => {
  const store = join(scratch, `${kind}.zarr`)
  const file = join(scratch, `prepare-${kind}.yaml`)
  const config = { pipeline: "prepare-connectome", source, space, precision: "float32", output: { path: store } }
  writeFileSync(file, JSON.stringify(config))
  await lnmHereSucceeds(["run", file, "--progress", "off"])
  return { path: store }
}

describe("connectomes of other tools", () => {
  it("give the maps of the same data as HDF5", async (context) => {
    const missing = await failureOf("-c", "import h5py, nibabel, numpy, scipy.io")
    if (missing !== undefined) {
      if (process.env.CI !== undefined) assert.fail(missing)
      return context.skip(missing)
    }
    const data = join(scratch, "data")
    assert.isUndefined(await failureOf(join(import.meta.dirname, "otherTools.py"), data))
    const mask = join(data, "mask.nii.gz")
    const sources = {
      mat5: { path: join(data, "mat5") },
      mat73: { path: join(data, "mat73") },
      pfc16: { path: join(data, "pfc16"), mask },
      pfc32: { path: join(data, "pfc32"), mask }
    }
    const hdf5 = { path: join(data, "hdf5") }
    const expected = await mapsOf("hdf5", hdf5)
    assert.isAtLeast(Object.keys(expected).length, 5)
    for (const [kind, source] of Object.entries(sources)) {
      assert.deepStrictEqual(await mapsOf(kind, source), expected, kind)
    }
    const ofStore = await mapsOf("hdf5-store", await storeOf("hdf5", hdf5))
    for (const kind of ["mat73", "pfc16"] as const) {
      assert.deepStrictEqual(await mapsOf(`${kind}-store`, await storeOf(kind, sources[kind])), ofStore, kind)
    }
  }, 60_000)
})
