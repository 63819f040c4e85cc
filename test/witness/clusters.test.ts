/**
 * Holds clusters, peaks and overlap of a report against SciPy, which shares no code with them. Where Python or a package is missing, the
 * test is skipped with the reason; under CI that is a failure.
 */
import { execFile } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Grid, voxelsOf } from "../../src/imaging/Grid.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { analyseMaps } from "../../src/report/analyseMaps.ts"
import { writeOverlapMaps } from "../../src/report/overlapMaps.ts"
import { makeLesion } from "../support/mapsFolder.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const scratch = scratchFolder()

/** Debian's Python, whose packages `.ci/run` installs. */
const python = "/usr/bin/python3"

const runPython = (...programArguments: ReadonlyArray<string>) =>
  promisify(execFile)(python, ["-B", ...programArguments]).catch((cause: Error) => ({
    stdout: `failed: ${cause.message}`
  }))

/** Voxels of 3 × 2 × 2.5 mm, with axes in another order and direction. */
const grid: Grid = { shape: [21, 26, 19], affine: [0, -3, 0, 36, 2, 0, 0, -20, 0, 0, 2.5, -20, 0, 0, 0, 1] }

/** Maps of waves with noise: clusters of many sizes, of which some touch by an edge or a corner only. */
const mapOf = (lesion: number): Float32Array => {
  let state = 12345 + lesion
  const noise = () => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state / 2147483648 - 0.5
  }
  return Float32Array.from({ length: voxelsOf(grid) }, (_, n) => {
    const [i, j, k] = [n % 21, Math.floor(n / 21) % 26, Math.floor(n / (21 * 26))]
    const inBrain = Math.hypot((i - 10) / 10, (j - 12.5) / 12, (k - 9) / 9) < 1
    const wave = Math.sin((i + lesion) / 3) * Math.cos((j - lesion) / 4) * Math.sin(k / 3 + lesion)
    return inBrain ? 9 * wave + 6 * noise() + 0.5 : 0
  })
}

const differences = (folder: string, findings: object): Promise<string> => {
  const file = join(folder, "findings.json")
  writeFileSync(file, JSON.stringify(findings))
  return runPython(join(import.meta.dirname, "clusters.py"), join(folder, "out"), file).then(({ stdout }) => stdout)
}

describe("what a report finds in maps", () => {
  it.live("agrees with SciPy's labels, and counts of overlap are exact", (context) =>
    Effect.gen(function* () {
      const found = yield* Effect.promise(() => runPython("-c", "import nibabel, scipy.ndimage"))
      if (found.stdout.startsWith("failed")) {
        if (process.env.CI !== undefined) assert.fail(found.stdout)
        return context.skip(found.stdout)
      }
      const lesions = Array.from({ length: 9 }, (_, n) => {
        const t = mapOf(n)
        return makeLesion(scratch, {
          name: `sub-${n}`,
          grid,
          maps: { t, z: t.map((value) => value / 15) },
          elements: [9 * 26 * 21]
        })
      })
      const place = { space: "MNI152NLin6Asym", method: "boes" }
      const folder = join(scratch, "out")
      const options = { folder, lesions, ...place, reading: {}, parcellations: [], workers: 2 }
      const { lesions: all, group, overlapMaps } = yield* analyseMaps(options)
      yield* Effect.provide(writeOverlapMaps(overlapMaps!, place), OutputFolder.layer(folder))
      const told = { lesions: all, overlap: group.networkOverlap.map(({ slices, ...one }) => one) }
      assert.isAbove(all[0]!.clusterCount, 20)
      assert.strictEqual(yield* Effect.promise(() => differences(scratch, told)), "")
      // A witness that notices nothing would agree too.
      const wrong = structuredClone(told) as unknown as { lesions: Array<{ clusters: Array<{ voxels: number }> }> }
      wrong.lesions[3]!.clusters[1]!.voxels++
      assert.match(yield* Effect.promise(() => differences(scratch, wrong)), /^sub-3_mask.*: size \d+, not \d+$/)
      const map = join(folder, "space-MNI152NLin6Asym_desc-overlap_stat-tpos5_statmap.nii.gz")
      const other = readFileSync(map.replace("tpos5", "tpos7"))
      writeFileSync(map, other)
      assert.match(yield* Effect.promise(() => differences(scratch, told)), /tpos5_statmap: shares differ/)
    })
  )
})
