/**
 * Holds seeds without a mask file against NumPy: `seeds.py` makes masks of the same spheres, points and parcels, whose maps must agree with the
 * reference, and those of the seeds must be the same bytes.
 *
 * Where Python or a package is missing, the test is skipped with the reason; under CI that is a failure.
 */
import { execFile } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { contentOf, isMap } from "../support/folderContent.ts"
import { lnmHereSucceeds } from "../support/lnmHere.ts"

const python = "/usr/bin/python3"

const runPython = (...args: ReadonlyArray<string>) =>
  new Promise<{ readonly code: number; readonly text: string }>((resolve) => {
    execFile(python, ["-B", ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, text: `${stdout}${stderr}` })
    })
  })

const script = (name: string, ...args: ReadonlyArray<string>) => runPython(join(import.meta.dirname, name), ...args)

const probe = await runPython("-c", "import numpy, scipy.stats, h5py, nibabel")
const available = probe.code === 0
const { CI = "" } = process.env
const required = !["", "0", "false"].includes(CI)
if (!available) console.warn(`the witness needs ${python} with numpy, scipy, h5py and nibabel: ${probe.text.trim()}`)

const mapped = (folder: string, config: string) => lnmHereSucceeds(["run", join(folder, config), "--progress", "off"])

describe.skipIf(!available && !required)("seeds, by the float64 witness", () => {
  const folders: Array<string> = []

  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

  it("make the bytes of the maps of the masks that NumPy makes of them, which agree with the reference", async () => {
    assert.isTrue(available, `under CI the witness may not be skipped: ${probe.text}`)
    const folder = await mkdtemp(join(tmpdir(), "lnm-witness-"))
    folders.push(folder)
    const written = await script("seeds.py", folder)
    assert.strictEqual(written.code, 0, written.text)
    const [, { stderr }] = [await mapped(folder, "config.yaml"), await mapped(folder, "seeds.yaml")]
    assert.match(stderr, /seed P2: it lies outside of the connectome's brain mask/)
    assert.notMatch(stderr, /seed P[01]: it lies outside/)
    const compared = await script("compare.py", folder)
    assert.strictEqual(compared.code, 0, compared.text)
    console.info(compared.text.trim())
    const [ofMasks, ofSeeds] = ["derivatives", "of-seeds"].map((output) => contentOf(join(folder, output), isMap))
    assert.isAtLeast(Object.keys(ofMasks!).length, 8 * 6)
    assert.deepStrictEqual(ofSeeds, ofMasks)
  })
})
