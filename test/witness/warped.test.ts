/**
 * Holds maps on the grids of lesions of another template against h5py and SciPy, which share no code with them. Where Python or a package is
 * missing, the test is skipped with the reason; under CI that is a failure.
 */
import { execFile } from "node:child_process"
import { copyFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { type Grid, voxelsOf } from "../../src/imaging/Grid.ts"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import { lnmHereSucceeds } from "../support/lnmHere.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { tinySpace } from "../support/tinyConnectome.ts"
import { writeConfig, writeFile, writeTinyStudy } from "../support/tinyStudy.ts"
import { composite, shiftBy, writeItkTransform } from "../support/writeItkTransform.ts"

const folder = scratchFolder()

/** Debian's Python, whose packages `.ci/run` installs. */
const python = "/usr/bin/python3"

const run = (...programArguments: ReadonlyArray<string>) =>
  promisify(execFile)(python, ["-B", ...programArguments]).catch((cause: Error) => ({
    stdout: `failed: ${cause.message}`
  }))

const other = "MNI152NLin2009cAsym"
const fixture = join(import.meta.dirname, "../fixtures/warp/composite.h5")

/** Voxels of 3 × 2.5 × 2 mm, with axes in another order and direction than the connectome's. */
const lesionGrid: Grid = { shape: [24, 20, 30], affine: [0, -2.5, 0, 25, 3, 0, 0, -36, 0, 0, 2, -28, 0, 0, 0, 1] }

const lesion = encodeNifti({
  grid: lesionGrid,
  values: Uint8Array.from({ length: voxelsOf(lesionGrid) }, (_, v) => {
    const [i, j, k] = [v % 24, Math.floor(v / 24) % 20, Math.floor(v / 480)]
    return Math.hypot(i - 12, j - 10, k - 14) < 3 ? 1 : 0
  })
})

describe("maps on the grid of a lesion of another template", () => {
  it("agree with SciPy's interpolation at the points that h5py's transform gives", {
    timeout: 60_000
  }, async (context) => {
    const found = await run("-c", "import h5py, nibabel, scipy.ndimage")
    if (found.stdout.startsWith("failed")) {
      if (process.env.CI !== undefined) assert.fail(found.stdout)
      return context.skip(found.stdout)
    }
    // Three subjects are computed by the plain stages; the engine's maps back are those of mapsBack.test.ts.
    const { keys } = await writeTinyStudy(folder, { subjects: 3 })
    writeFile(join(folder, `lesions/sub-009_space-${other}_label-lesion_mask.nii`), lesion)
    writeFile(join(folder, "templates/README"), "")
    await writeItkTransform(join(folder, `templates/tpl-${tinySpace}_from-${other}_mode-image_xfm.h5`), [
      composite,
      shiftBy(0, 0, 0)
    ])
    copyFileSync(fixture, join(folder, `templates/tpl-${other}_from-${tinySpace}_mode-image_xfm.h5`))
    for (const grid of ["connectome", "lesion"]) {
      const config = writeConfig(join(folder, `${grid}.yaml`), {
        pipeline: "functional-network-mapping",
        ...keys,
        templates: "templates",
        statistics: { maps: ["r", "t", "p", "pfdr"], t_threshold: 2 },
        output: { path: grid, grid },
        report: false
      })
      await lnmHereSucceeds(["run", config, "--workers", "1"])
    }
    const mapOf = (grid: string, space: string, what: string) =>
      join(folder, `${grid}/sub-009/sub-009_space-${space}_label-lesion_desc-boes_stat-${what}.nii.gz`)
    for (const [what, background, interpolation, bound] of [
      ["r_statmap", 0, "linear", 2e-6],
      // Of a t of some tens, whose neighbours are as far away, 2e-6 of a voxel and of float32.
      ["t_statmap", 0, "linear", 2e-4],
      ["p_statmap", 1, "linear", 2e-6],
      ["pfdr_statmap", 1, "linear", 2e-6],
      ["tthreshold_mask", 0, "nearest", 0]
    ] as const) {
      const files = [mapOf("connectome", tinySpace, what), mapOf("lesion", other, what)]
      const { stdout } = await run(
        join(import.meta.dirname, "warped.py"),
        ...[fixture, ...files, String(background), interpolation]
      )
      const [difference, others] = stdout.trim().split(" ").map(Number)
      assert.isAtMost(difference!, bound, stdout)
      assert.isAbove(others!, 100, stdout)
    }
  })
})
