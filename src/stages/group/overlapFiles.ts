/**
 * The overlap of networks as files: for each level the share of patients on either side and the larger of the two with its sign, masks of
 * what is common to most patients, and tables of how much there is and of the clusters.
 */
import { Effect } from "effect"
import { voxelVolumeMm3 } from "../../imaging/affine.ts"
import { gzipNifti } from "../../imaging/nifti/gzipNifti.ts"
import { encodeNifti } from "../../imaging/nifti/writeNifti.ts"
import { atLeast, largerShares, leastCount, takenShare, voxelsIn } from "../../kernels/group/overlapShares.ts"
import { sharesOf } from "../../kernels/overlapCounts.ts"
import { OutputFolder } from "../../output/OutputFolder.ts"
import { levelInLabel, numberInLabel, type OverlapLevel, overlapStem } from "../../output/overlapStem.ts"
import { type Cell, formatTable } from "../../output/table.ts"
import { packageVersion } from "../../runtime/version.ts"
import type { Overlap, Side } from "./Overlap.ts"
import { overlapClusterColumns, overlapClusterRows } from "./overlapClusters.ts"
import { type OverlapChoice, overlapLevelsOf, type PlannedOverlap } from "./planOverlap.ts"

/** Shares that masks are made at, beside the config's. */
const commonShares = [0.75, 0.9, 0.95, 1]

const sides: ReadonlyArray<Side> = [1, -1]

const sharesOfChoice = ({ share }: OverlapChoice): ReadonlyArray<number> =>
  [...new Set([takenShare(share), ...commonShares])].sort((a, b) => a - b)

/** A share in per cent as part of a label: six decimals of the share are four of the per cent. */
const percentInLabel = (share: number): string => numberInLabel(Number((100 * share).toFixed(4)))

/** The name of the larger share with its sign, without the space. */
export const signedOverlapName = (tau: number): string => `desc-overlap_stat-tsigned${numberInLabel(tau)}`

const largerStem = (tau: number, space: string): string => `space-${space}_${signedOverlapName(tau)}_statmap`

const maskStem = (level: OverlapLevel, share: number, space: string): string =>
  `space-${space}_label-share${percentInLabel(share)}_desc-overlap_stat-${levelInLabel(level)}_mask`

/** Every file of an overlap, relative to the output folder. */
export const overlapFiles = (choice: OverlapChoice, space: string): ReadonlyArray<string> => {
  const maps = overlapLevelsOf(choice).flatMap((tau) => [
    ...sides.map((sign) => overlapStem({ tau, sign }, space)),
    largerStem(tau, space)
  ])
  const masks = sides.flatMap((sign) =>
    sharesOfChoice(choice).map((share) => maskStem({ tau: choice.t, sign }, share, space))
  )
  const images = [...maps, ...masks].flatMap((stem) => [`${stem}.nii.gz`, `${stem}.json`])
  return [...images, "overlap.tsv", "overlap_clusters.tsv"]
}

interface Image {
  readonly stem: string
  readonly values: Float32Array | Uint8Array
  readonly description: string
  readonly units?: string
  readonly about: Readonly<Record<string, number>>
}

const wordsOf = ({ tau, sign }: OverlapLevel): string => `t ${sign > 0 ? "≥ " : "≤ -"}${tau}`

/** The images of an overlap, each made when it is its turn. */
function* imagesOf(overlap: Overlap, { choice, levels, space }: PlannedOverlap): Generator<Image> {
  const { patients } = overlap
  for (const tau of levels) {
    for (const sign of sides) {
      const values = sharesOf(overlap.countsAt({ tau, sign }), patients)
      const description = `Share of patients with ${wordsOf({ tau, sign })}`
      const stem = overlapStem({ tau, sign }, space)
      yield { stem, values, description, units: "proportion", about: { Threshold: sign * tau } }
    }
    const [up, down] = sides.map((sign) => overlap.countsAt({ tau, sign })) as [Int32Array, Int32Array]
    const values = largerShares(up, down, patients)
    const description = `The larger of the shares of patients with t ≥ ${tau} and with t ≤ -${tau}, the latter below 0; 0 where both are equal`
    yield { stem: largerStem(tau, space), values, description, units: "proportion", about: { Threshold: tau } }
  }
  const tau = choice.t
  for (const sign of sides) {
    for (const share of sharesOfChoice(choice)) {
      const least = leastCount(share, patients)
      const values = atLeast(overlap.countsAt({ tau, sign }), least)
      const description = `Where at least ${least} of ${patients} patients have ${wordsOf({ tau, sign })}`
      const about = { Threshold: sign * tau, Share: share, LeastPatients: least }
      yield { stem: maskStem({ tau, sign }, share, space), values, description, about }
    }
  }
}

/** Writes maps, masks and tables. Memory: a volume in float32, three times. Errors: `OutputNotWritten`. */
export const writeOverlap = Effect.fn("writeOverlap")(function* (overlap: Overlap, planned: PlannedOverlap) {
  const output = yield* OutputFolder
  const { grid, space, files } = planned
  const several = files.some((own) => own.length > 1)
  for (const { stem, values, description, units, about } of imagesOf(overlap, planned)) {
    const sidecar = {
      Description: description,
      ...(units === undefined ? {} : { Units: units }),
      StatisticType: "t",
      ...about,
      Patients: overlap.patients,
      ...(several ? { SeveralMaps: "A patient with several maps counts by the mean of their t" } : {}),
      SpatialReference: space,
      SoftwareVersion: packageVersion
    }
    const bytes = encodeNifti({ grid, space, values, description: stem })
    yield* output.write(`${stem}.nii.gz`, yield* gzipNifti(bytes))
    yield* output.write(`${stem}.json`, `${JSON.stringify(sidecar, null, 2)}\n`)
  }
  yield* output.write("overlap.tsv", formatTable(overlapColumns, overlapRows(overlap, planned)))
  yield* output.write("overlap_clusters.tsv", formatTable(overlapClusterColumns, clusterRows(overlap, planned)))
})

const overlapColumns = ["tau", "sign", "share", "patients", "voxels", "volume_ml"]

/** How many voxels reach each share, at each level and on each side. */
const overlapRows = (overlap: Overlap, { grid, levels, choice }: PlannedOverlap): ReadonlyArray<ReadonlyArray<Cell>> =>
  levels.flatMap((tau) =>
    sides.flatMap((sign) =>
      sharesOfChoice(choice).map((share) => {
        const least = leastCount(share, overlap.patients)
        const voxels = voxelsIn(atLeast(overlap.countsAt({ tau, sign }), least))
        const volumeMl = (voxels * voxelVolumeMm3(grid.affine)) / 1000
        return [tau, sign > 0 ? "positive" : "negative", share, least, voxels, volumeMl]
      })
    )
  )

const clusterRows = (overlap: Overlap, { grid, choice }: PlannedOverlap) =>
  sides.flatMap((sign) => {
    const { t: tau, share } = choice
    const { patients, meanT } = overlap
    const counts = overlap.countsAt({ tau, sign })
    return overlapClusterRows({ tau, sign, share, least: leastCount(share, patients), patients, counts, meanT }, grid)
  })
