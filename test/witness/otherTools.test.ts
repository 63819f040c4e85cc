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
import { readMap } from "../support/readMap.ts"
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

const storeOf = async (kind: string, source: object, keys: object = {}): Promise<{ readonly path: string }> => {
  const store = join(scratch, `${kind}.zarr`)
  const file = join(scratch, `prepare-${kind}.yaml`)
  const config = {
    pipeline: "prepare-connectome",
    source,
    space,
    precision: "float32",
    output: { path: store },
    ...keys
  }
  writeFileSync(file, JSON.stringify(config))
  await lnmHereSucceeds(["run", file, "--progress", "off"])
  return { path: store }
}

/** Writes the data once; undefined where that can be, else why not. */
let written: Promise<string | undefined> | undefined
const writeData = () => {
  written ??= failureOf("-c", "import h5py, nibabel, numpy, scipy.io").then(async (missing) => {
    if (missing !== undefined) {
      if (process.env.CI !== undefined) assert.fail(missing)
      return missing
    }
    assert.isUndefined(await failureOf(join(import.meta.dirname, "otherTools.py"), data))
    return undefined
  })
  return written
}

const data = join(scratch, "data")

describe("connectomes of other tools", () => {
  it("give the maps of the same data as HDF5", async (context) => {
    const missing = await writeData()
    if (missing !== undefined) return context.skip(missing)
    const mask = join(data, "mask.nii.gz")
    const sources = {
      mat5: { path: join(data, "mat5") },
      mat73: { path: join(data, "mat73") },
      pfc: { path: join(data, "pfc"), mask }
    }
    const hdf5 = { path: join(data, "hdf5") }
    const expected = await mapsOf("hdf5", hdf5)
    assert.isAtLeast(Object.keys(expected).length, 5)
    for (const [kind, source] of Object.entries(sources)) {
      assert.deepStrictEqual(await mapsOf(kind, source), expected, kind)
    }
    await mapsOf("store", await storeOf("mat73", sources.mat73))
    // A store has standardised series, rounded to float32 once more.
    assert.isBelow(largestDifference(zMap("store"), readMap(zMap("hdf5")).values), 1e-5)
  }, 60_000)

  it("give atanh of the mean r over runs where these are averaged, on the engine and plain", async (context) => {
    const missing = await writeData()
    if (missing !== undefined) return context.skip(missing)
    const reference = JSON.parse(readFileSync(join(data, "reference.json"), "utf8")) as Reference
    await mapsOf("average", { path: join(data, "runs"), runs: "average" })
    // float32 arithmetic: the bound that every map keeps against float64.
    assert.isBelow(largestDifference(zMap("average"), reference.z), 1e-5)
    assert.isBelow(largestDifference(degreeMap("average"), reference.degree), 2e-6)
    await mapsOf("average3", { path: join(data, "runs3"), runs: "average" })
    // Three subjects are computed by the plain stages, whose scaled time series are float32.
    assert.isBelow(largestDifference(zMap("average3"), reference.z3), 2e-6)
    for (const [kind, source, z] of [
      ["apart", "runs", reference.z],
      ["apart3", "runs3", reference.z3]
    ] as const) {
      const store = await storeOf(kind, { path: join(data, source) }, { runs: "separate" })
      await mapsOf(kind, { ...store, runs: "average" })
      assert.isBelow(largestDifference(zMap(kind), z), 1e-5, kind)
      // What is recorded of the store, and held against it again, are its runs.
      await lnmHereSucceeds(["verify", join(scratch, "out", kind), "--inputs"])
    }
    await mapsOf("concatenate", { path: join(data, "runs") })
    assert.isAbove(largestDifference(zMap("concatenate"), reference.z), 0.01)
  }, 60_000)
})

interface Reference {
  readonly z: ReadonlyArray<number>
  /** Of the first three subjects. */
  readonly z3: ReadonlyArray<number>
  readonly degree: ReadonlyArray<number>
}

const zMap = (kind: string): string => {
  const folder = join(scratch, "out", kind, "sub-01")
  return join(folder, readdirSync(folder).find((name) => name.endsWith("stat-z_statmap.nii.gz"))!)
}

const degreeMap = (kind: string): string =>
  join(scratch, "out", kind, `space-${space}_desc-degree_stat-r_statmap.nii.gz`)

const largestDifference = (file: string, expected: ArrayLike<number>): number => {
  const { values } = readMap(file)
  assert.strictEqual(values.length, expected.length)
  return Array.from(expected).reduce((largest, value, n) => Math.max(largest, Math.abs(values[n]! - value)), 0)
}
