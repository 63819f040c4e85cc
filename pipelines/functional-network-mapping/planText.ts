/** A plan in words, for a person before a long run: a line for each thing to know, and indented below it what there is to add. */
import { describeSubjects } from "../../src/connectome/Connectome.ts"
import { assumedBytesPerSecond } from "../../src/output/checkpointTiming.ts"
import { formatBytes, type Plan } from "../../src/runtime/Plan.ts"
import { printable } from "../../src/runtime/printable.ts"
import { formatSeconds } from "../../src/runtime/progressText.ts"
import { describeTakenOver } from "./endOfMapping.ts"
import type { PlanFacts } from "./planFacts.ts"
import type { PlannedTime } from "./plannedTime.ts"
import type { PlannedStudy } from "./planStudy.ts"

/** Columns before what is said of a thing. */
const indent = 12

const under = (line: string): string => `${" ".repeat(indent)}${line}`

/** What is said of a thing: the first line beside its name. */
const about = (name: string, [first, ...others]: ReadonlyArray<string>): ReadonlyArray<string> =>
  first === undefined ? [] : [`${name.padEnd(indent)}${first}`, ...others.map(under)]

export const planText = (facts: PlanFacts): ReadonlyArray<string> => {
  const { planned, output } = facts
  const { study, plan } = planned
  const { connectome, leftOut = [], pini, partial, parcellations } = study
  return [
    ...about("connectome", [
      printable(connectome.path),
      `${describeSubjects(connectome)}, ${connectome.voxels} voxels, ${study.space}; ${connectome.storage}`
    ]),
    ...about("lesions", [
      `${plan.lesions} in ${plan.passes} pass(es) of up to ${plan.shape.lesions}`,
      ...describeSeeds(study),
      ...describeWarps(study),
      ...describeFlip(study),
      ...leftOut.map(({ file, reason }) => `left out: ${printable(`${file}: ${reason}`)}`)
    ]),
    ...about(
      "atlases",
      parcellations.map(({ name, parcels }) => printable(`${name}: ${parcels.length} parcels`))
    ),
    ...about("seeds", [
      ...(pini === undefined
        ? []
        : [`refined (pini) in a pass before each: percentile ${pini.percentile}, scope ${pini.scope}`]),
      ...(partial === undefined
        ? []
        : [`partial: of each, the ${partial.lesions.length - 1} other(s) are taken out in each subject`])
    ]),
    ...about("reads", [`${formatBytes(plan.bytesToRead)}, ${plan.shape.subjectsPerChunk} subject(s) a chunk`]),
    ...about("backend", describeBackend(planned.backend)),
    ...about("memory", [
      `${formatBytes(plan.peakBytes)} at the peak, of ${formatBytes(plan.memoryLimitBytes)} that it may use`,
      ...describeFootprint(plan)
    ]),
    ...about("time", describeTime(facts)),
    ...about("checkpoints", describeCheckpoints(facts)),
    ...about("output", [printable(output), ...describeTakenOver(planned), ...describeFiles(facts)]),
    ...about("disk", describeDisk(facts))
  ]
}

/** A line for the seeds without a mask file. */
const describeSeeds = ({ lesions }: PlannedStudy["study"]): ReadonlyArray<string> => {
  const kinds = Map.groupBy(
    lesions.flatMap(({ seed }) => seed ?? []),
    ({ kind }) => kind
  )
  const counts = [...kinds].map(([kind, seeds]) => `${seeds.length} ${kind}(s)`)
  return counts.length === 0 ? [] : [`seeds without a mask file: ${counts.join(", ")}`]
}

const describeWarps = ({ lesions, back }: PlannedStudy["study"]): ReadonlyArray<string> => {
  const brought = lesions.flatMap(({ warped }) => warped ?? [])
  return brought.length === 0
    ? []
    : [
        `brought over from ${brought[0]!.from}: ${brought.length} of ${lesions.length}, by ${printable(brought[0]!.file)}`,
        ...(back === undefined ? [] : [`their maps are brought back there, by ${printable(back.file)}`])
      ]
}

const describeFlip = ({ flip = null, lesions }: PlannedStudy["study"]): ReadonlyArray<string> =>
  flip === null
    ? []
    : [`mirrored to the left hemisphere: ${lesions.filter(({ flipped }) => flipped).length} of ${lesions.length}`]

/** A line for the backend, and one for each step: what it computes as one, or why it runs plain. */
const describeBackend = ({
  name,
  arithmetic,
  vectors,
  workers,
  steps
}: PlannedStudy["backend"]): ReadonlyArray<string> => [
  `${name}, ${arithmetic} arithmetic, ${vectors === undefined ? "" : `${vectors}-bit vectors, `}${workers === 0 ? "one thread" : `${workers} worker(s)`}`,
  ...steps.map(({ name, plain_because }) =>
    plain_because === undefined ? name : `${name} runs plain: ${plain_because}`
  )
]

/** A line a step, sizes below one another. */
const describeFootprint = ({ footprint }: Plan): ReadonlyArray<string> => {
  const width = Math.max(...footprint.map(({ stage }) => stage.length)) + 2
  return footprint.map(({ stage, bytes }) => `${stage.padEnd(width)}${formatBytes(bytes)}`)
}

const describeTime = ({ time, planned: { plan } }: PlanFacts): ReadonlyArray<string> => {
  if (plan.lesions === 0) return []
  if (time === undefined) {
    return ["no earlier run like this one on this machine: not estimated; --calibrate measures"]
  }
  const { seconds, passesSeconds, mapsSeconds, otherSeconds } = time.estimate
  return [
    `about ${formatSeconds(seconds)}: passes ${formatSeconds(passesSeconds)}, maps ${formatSeconds(mapsSeconds)}, ` +
      `start and end ${formatSeconds(otherSeconds)}`,
    describeSource(time)
  ]
}

const describeSource = ({ from, at, measured, subjects }: PlannedTime): string => {
  const { lesions, voxels, workers } = measured
  return from === "calibration"
    ? `measured now on ${subjects} subjects and some maps; other programs, and a disk that is slower later, are not in it`
    : `as a run on this machine on ${at.slice(0, 10)}, of ${lesions} lesions a pass × ${voxels} voxels on ${workers} worker(s); --calibrate measures`
}

const describeCheckpoints = ({ checkpoints, planned: { plan } }: PlanFacts): ReadonlyArray<string> => {
  if (checkpoints === undefined) return plan.lesions === 0 ? [] : ["none"]
  const { diskBytes, everySeconds, shareOfTime } = checkpoints
  return [
    `about every ${formatSeconds(everySeconds)}, ${(100 * shareOfTime).toFixed(1)} % of the time on a disk of ` +
      `${formatBytes(assumedBytesPerSecond)} a second, and up to ${formatBytes(diskBytes)} on it`
  ]
}

const describeFiles = ({ files: { files, images, bytes } }: PlanFacts): ReadonlyArray<string> => [
  `${files} files, of which ${images} compressed images: up to about ${formatBytes(bytes)}`
]

const describeDisk = ({ freeBytes, neededBytes }: PlanFacts): ReadonlyArray<string> => {
  if (freeBytes === undefined) return []
  const free = `${formatBytes(freeBytes)} free`
  const needed = `maps and checkpoints take up to about ${formatBytes(neededBytes)}`
  return [freeBytes < neededBytes ? `${free}, which may not be enough: ${needed}` : `${free}; ${needed}`]
}
