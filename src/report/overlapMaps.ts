/**
 * The overlap of networks as files: for each level τ the share of lesions whose t is at or above τ in a voxel, and of those whose t is at or
 * below -τ, with a sidecar that says how many lesions there are.
 */
import { Effect } from "effect"
import { gzipNifti } from "../imaging/nifti/gzipNifti.ts"
import { encodeNifti } from "../imaging/nifti/writeNifti.ts"
import { sharesOf } from "../kernels/overlapCounts.ts"
import { OutputFolder } from "../output/OutputFolder.ts"
import { overlapStem } from "../output/overlapStem.ts"
import { packageVersion } from "../runtime/version.ts"
import type { OverlapMap } from "./ReportData.ts"

const describeOverlap = ({ tau, sign, of, space }: OverlapMap, method: string) => ({
  Description: `Share of lesions with t ${sign > 0 ? "≥ " : "≤ -"}${tau}`,
  Units: "proportion",
  StatisticType: "t",
  Threshold: sign * tau,
  Lesions: of,
  Method: method,
  SpatialReference: space,
  SoftwareVersion: packageVersion
})

/**
 * Writes the maps of the overlap to the output folder; nothing where there are none.
 *
 * Errors: `OutputNotWritten`.
 *
 * Memory: a volume in float32, twice.
 */
export const writeOverlapMaps = Effect.fn("writeOverlapMaps")(function* (
  maps: ReadonlyArray<OverlapMap>,
  { method }: { readonly method: string }
) {
  const output = yield* OutputFolder
  for (const map of maps) {
    const { space } = map
    const stem = overlapStem(map, space)
    const values = sharesOf(map.counts, map.of)
    const bytes = encodeNifti({ grid: map.grid, space, values, description: stem })
    yield* output.write(`${stem}.nii.gz`, yield* gzipNifti(bytes))
    yield* output.write(`${stem}.json`, `${JSON.stringify(describeOverlap(map, method), null, 2)}\n`)
  }
})
