/**
 * How time and memory grow with lesions, subjects and voxels: a row a size, and the exponent of each column, the slope of its
 * logarithm over that of the size. 1 is proportional, 0 constant.
 */
import { type Bench, type Job, lnm } from "../competitors.ts"
import { type Costs, compareCosts, compareRuns, peaks } from "../costs.ts"
import { mebibytes } from "../costTable.ts"
import { provideDataset, storageName } from "../dataset.ts"
import { coreSeconds, type Measured } from "../measure.ts"
import { median } from "../median.ts"
import type { Section } from "../report.ts"

/** Few, since the sizes say more than repetitions. */
const mostRepetitions = 3

/** What grows: seconds of a whole run, seconds of all its cores, peak memory, seconds that one more subject costs. */
interface Reading {
  readonly size: number
  readonly wall: number
  readonly cores: number
  readonly peakBytes: number
  /** Undefined where sizes are subjects: then it is the wall that says so. */
  readonly subject: number | undefined
}

/** Least-squares slope of log y over log x. */
const exponentOf = (points: ReadonlyArray<readonly [x: number, y: number]>): number => {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const)
  const mean = (axis: 0 | 1) => logs.reduce((sum, point) => sum + point[axis], 0) / logs.length
  const [meanX, meanY] = [mean(0), mean(1)]
  const along = logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  return logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / along
}

const readingOf = (size: number, runs: ReadonlyArray<Measured>, subject: number | undefined): Reading => ({
  size,
  wall: median(runs.map(({ wallSeconds }) => wallSeconds)),
  cores: median(runs.map(coreSeconds)),
  peakBytes: Math.max(...runs.map(({ peakBytes }) => peakBytes)),
  subject
})

const readingOfCosts = (size: number, costs: Costs): Reading => ({
  ...readingOf(
    size,
    costs.runs.map(([, more]) => more),
    median(costs.wallSeconds)
  ),
  peakBytes: peaks(costs)[1]
})

const rowsOf = (what: string, readings: ReadonlyArray<Reading>): ReadonlyArray<ReadonlyArray<string>> => {
  const exponent = (value: (reading: Reading) => number) =>
    exponentOf(readings.map((reading) => [reading.size, value(reading)])).toFixed(2)
  const hasSubjects = readings.every(({ subject }) => subject !== undefined)
  return [
    ...readings.map(({ size, wall, cores, peakBytes, subject }) => [
      `${size} ${what}`,
      wall.toFixed(2),
      cores.toFixed(2),
      subject === undefined ? "" : (1000 * subject).toFixed(1),
      mebibytes(peakBytes).toFixed(0)
    ]),
    [
      `exponent of ${what}`,
      exponent(({ wall }) => wall),
      exponent(({ cores }) => cores),
      hasSubjects ? exponent(({ subject }) => subject!) : "",
      exponent(({ peakBytes }) => peakBytes)
    ]
  ]
}

/** One map a lesion: a thousand lesions with all maps would fill the disk. */
const maps = ["r"]

const overLesions = async (bench: Bench, repetitions: number): Promise<ReadonlyArray<Reading>> => {
  const { lesions, lesionSubjects } = bench.workload.scale
  const jobOf = (count: number, subjects: number): Job => ({ storage: "plain", subjects, lesions: count, maps })
  const contenders = lesions.map((count) => ({
    competitor: lnm(),
    jobs: [jobOf(count, lesionSubjects[0]), jobOf(count, lesionSubjects[1])] as const
  }))
  const costs = await compareCosts(bench, contenders, repetitions)
  return costs.map((each, i) => readingOfCosts(lesions[i]!, each))
}

const overSubjects = async (bench: Bench, repetitions: number): Promise<ReadonlyArray<Reading>> => {
  const { lesions, scale } = bench.workload
  const runs = scale.subjects.map((subjects) => ({
    competitor: lnm(),
    job: { storage: "store", subjects, lesions, maps } as const
  }))
  const measured = await compareRuns(bench, runs, repetitions)
  return measured.map((each, i) => readingOf(scale.subjects[i]!, each, undefined))
}

const overVoxels = async (bench: Bench, repetitions: number): Promise<ReadonlyArray<Reading>> => {
  const { lesions, scale, wholeBrain } = bench.workload
  const dataset = await provideDataset(`${bench.dataset.folder}-whole-brain`, wholeBrain)
  const [fewer, more] = scale.voxelSubjects
  const jobs = [
    { storage: "plain", subjects: fewer, lesions, maps },
    { storage: "plain", subjects: more, lesions, maps }
  ] as const
  const readings: Array<Reading> = []
  for (const each of [bench, { ...bench, dataset }]) {
    const [costs] = await compareCosts(each, [{ competitor: lnm(), jobs }], repetitions)
    readings.push(readingOfCosts(each.dataset.parameters.voxels, costs!))
  }
  return readings
}

export const scale = async (bench: Bench): Promise<Section> => {
  const repetitions = Math.min(mostRepetitions, bench.workload.repetitions)
  const { lesions, scale } = bench.workload
  const [ofLesions, ofSubjects, ofVoxels] = [
    await overLesions(bench, repetitions),
    await overSubjects(bench, repetitions),
    await overVoxels(bench, repetitions)
  ]
  return {
    title: "Scale",
    columns: ["", "s", "core s", "ms a subject", "peak MiB"],
    rows: [...rowsOf("lesions", ofLesions), ...rowsOf("subjects", ofSubjects), ...rowsOf("voxels", ofVoxels)],
    notes: [
      `Whole processes that write the map of r; lesions: ${scale.lesionSubjects[1]} subjects, ${storageName.plain}; subjects: ${lesions} ` +
        `lesions, ${storageName.store}; voxels: ${lesions} lesions, ${scale.voxelSubjects[1]} subjects, ${storageName.plain}.`,
      `Medians of ${repetitions}; of memory the largest. Cost a subject by the difference from runs with fewer. 1: proportional, 0: constant.`
    ],
    targets: [],
    raw: { ofLesions, ofSubjects, ofVoxels }
  }
}
