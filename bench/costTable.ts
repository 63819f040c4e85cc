/** The table of what a subject costs, a row a competitor. */
import type { Bench, Job } from "./competitors.ts"
import { type Costs, medianWall, peaks, ratio } from "./costs.ts"
import { median, spread } from "./median.ts"
import { sharesInWords, widthsInWords } from "./peak/peaks.ts"

export const mebibytes = (bytes: number): number => bytes / 2 ** 20

const milliseconds = (seconds: ReadonlyArray<number>): ReadonlyArray<number> => seconds.map((each) => 1000 * each)

export const costColumns = ({ peaks }: Bench): ReadonlyArray<string> => [
  "",
  "ms a subject",
  "least to most",
  "core ms a subject",
  `of the peak, ${widthsInWords(peaks.allCores)}`,
  "subjects",
  "s",
  "peak MiB",
  "cost to the first"
]

/** Correlations of a subject in so many seconds, as shares of the peak of all cores: everything included. */
export const sharesOfPeak = (bench: Bench, { lesions }: Job, seconds: number): string => {
  const { time_points, voxels } = bench.dataset.parameters
  const gigaflop = (2 * lesions * time_points * voxels) / 1e9
  return sharesInWords(gigaflop / seconds, bench.peaks.allCores)
}

/** @param first the one that the others are compared with */
export const costRow = (bench: Bench, first: Costs, costs: Costs): ReadonlyArray<string> => [
  costs.name,
  median(milliseconds(costs.wallSeconds)).toFixed(1),
  spread(milliseconds(costs.wallSeconds), 1),
  median(milliseconds(costs.cpuSeconds)).toFixed(1),
  sharesOfPeak(bench, costs.jobs[1], median(costs.wallSeconds)),
  costs.jobs.map(({ subjects }) => subjects).join(", "),
  ([0, 1] as const).map((size) => medianWall(costs, size).toFixed(2)).join(", "),
  peaks(costs)
    .map((bytes) => mebibytes(bytes).toFixed(0))
    .join(", "),
  `${ratio(first, costs).toFixed(2)}×`
]
