/** A plan for machines: what `lnm plan --json` prints of `functional-network-mapping`. `lnm schema --plan` prints its JSON Schema. */
import { Schema } from "effect"
import { countRuns } from "../../src/connectome/Connectome.ts"
import { Manifest } from "../../src/output/Manifest.ts"
import type { PlanFacts } from "./planFacts.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Amount = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
const described = (description: string) => Count.annotate({ description })

const Time = Schema.Struct({
  seconds: Amount.annotate({ description: "The whole run" }),
  passes_seconds: Amount.annotate({ description: "Reading the connectome and correlating, over all passes" }),
  maps_seconds: Amount.annotate({ description: "Making and writing the maps" }),
  other_seconds: Amount.annotate({ description: "Before the first pass and after the last map" }),
  from: Schema.Literals(["earlier run", "calibration"]).annotate({ description: "What it is estimated from" }),
  at: Schema.String.annotate({ description: "When that was, ISO 8601" }),
  measured: Schema.Struct({
    time_points: Amount,
    voxels: Amount,
    lesions_per_pass: Amount,
    workers: Amount
  }).annotate({ description: "The shape that it was measured on" })
})

export const PlanReport = Schema.Struct({
  subjects: described("Subjects of the connectome that are mapped on"),
  subjects_of_connectome: described("Subjects that they are chosen from by connectome.subjects; without it, the same"),
  scans: described("Scans of these subjects"),
  subjects_per_chunk: described("Subjects that are read and correlated together"),
  time_points: described("Time points of the longest subject"),
  voxels: described("Voxels inside the brain mask"),
  lesions: described("Lesions that the run maps"),
  finished_lesions: described("Lesions that have their maps already"),
  other_lesions: described("Lesions of other runs of the study, whose maps stay"),
  left_out_lesions: Schema.Array(Schema.Struct({ file: Schema.String, reason: Schema.String })).annotate({
    description: "Lesions that cannot be used, with lesions.on_bad: skip"
  }),
  seeds: described("Lesions of the config that are seeds without a mask file"),
  flipped_lesions: described("Lesions that are mirrored to the left hemisphere, with lesions.flip"),
  lesions_per_pass: described("Lesions of the largest pass"),
  passes: described("Times that the connectome is read, with PINI twice as often"),
  bytes_to_read: Amount.annotate({ description: "Bytes of the connectome that all passes together read" }),
  backend: Manifest.fields.backend.annotate({ description: "What computes the stages, as the manifest has it" }),
  peak_memory_bytes: Amount.annotate({ description: "Memory that the run will hold at its peak" }),
  memory_limit_bytes: Amount.annotate({ description: "Memory that it may use" }),
  checkpoints: Schema.NullOr(Schema.Struct({ every_seconds: Amount, disk_bytes: Amount })).annotate({
    description: "About how far apart they are, and what they take on the disk at most; null: there are none"
  }),
  footprint: Schema.Record(Schema.String, Amount).annotate({
    description: "Bytes that the process itself and each step hold; their sum is the peak"
  }),
  time: Schema.NullOr(Time).annotate({
    description:
      "How long the run will take; null where nothing is computed, or no earlier run on this machine was like it"
  }),
  output: Schema.Struct({
    folder: Schema.String,
    files: described("Files that will be written"),
    images: described("Of these the compressed images"),
    bytes: Amount.annotate({ description: "Up to about so much they take; estimated" })
  }),
  disk: Schema.Struct({
    free_bytes: Schema.NullOr(Amount).annotate({ description: "Null where the system does not say it" }),
    needed_bytes: Amount.annotate({ description: "Maps and checkpoints; estimated" })
  }).annotate({ description: "The disk of the output folder" })
})

/** What the command prints: the plan and its warnings. */
export const PrintedPlan = Schema.Struct({
  ...PlanReport.fields,
  warnings: Schema.Array(Schema.Struct({ file: Schema.String, found: Schema.String, taken: Schema.String })).annotate({
    description: "What may not be what was meant: where, what was found, and what was taken"
  })
})

export const planReport = (facts: PlanFacts): typeof PlanReport.Type => {
  const { planned, output, files, checkpoints, freeBytes, neededBytes } = facts
  const { study, plan, backend, folder } = planned
  const { shape, lesions, passes, footprint, peakBytes, memoryLimitBytes, bytesToRead } = plan
  return {
    subjects: shape.subjects,
    subjects_of_connectome: study.connectome.chosen?.from ?? shape.subjects,
    scans: countRuns(study.connectome.subjects),
    subjects_per_chunk: shape.subjectsPerChunk,
    time_points: shape.timePoints,
    voxels: shape.voxels,
    lesions,
    finished_lesions: folder?.taken.finished.length ?? 0,
    other_lesions: folder?.taken.kept.length ?? 0,
    left_out_lesions: (study.leftOut ?? []).map(({ file, reason }) => ({ file, reason })),
    seeds: study.lesions.filter(({ seed }) => seed !== undefined).length,
    flipped_lesions: study.lesions.filter(({ flipped }) => flipped).length,
    lesions_per_pass: shape.lesions,
    passes,
    bytes_to_read: bytesToRead,
    backend,
    peak_memory_bytes: peakBytes,
    memory_limit_bytes: Math.floor(memoryLimitBytes),
    checkpoints:
      checkpoints === undefined ? null : { every_seconds: checkpoints.everySeconds, disk_bytes: checkpoints.diskBytes },
    footprint: Object.fromEntries(footprint.map(({ stage, bytes }) => [stage, bytes])),
    time: timeOf(facts),
    output: { folder: output, ...files },
    disk: { free_bytes: freeBytes ?? null, needed_bytes: neededBytes }
  }
}

const timeOf = ({ time }: PlanFacts): (typeof PlanReport.Type)["time"] => {
  if (time === undefined) return null
  const { estimate, from, at, measured } = time
  return {
    seconds: estimate.seconds,
    passes_seconds: estimate.passesSeconds,
    maps_seconds: estimate.mapsSeconds,
    other_seconds: estimate.otherSeconds,
    from,
    at,
    measured: {
      time_points: measured.timePoints,
      voxels: measured.voxels,
      lesions_per_pass: measured.lesions,
      workers: measured.workers
    }
  }
}
