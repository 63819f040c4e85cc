/**
 * Runs a config as `lnm run` does, and prints as JSON where the time went: what came before the first subject, the time
 * until the last subject and what workers did in it, and the time for statistics, maps, summary and manifest.
 *
 *     node bench/stageTimes.ts CONFIG.yaml
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer } from "effect"
import { openStudy } from "../pipelines/functional-network-mapping/commands.ts"
import { run } from "../pipelines/functional-network-mapping/runStudy.ts"
import { loadConfig } from "../pipelines/registry.ts"
import { Checksums } from "../src/output/Checksums.ts"
import { OutputFolder } from "../src/output/OutputFolder.ts"
import { Progress } from "../src/runtime/Progress.ts"

export interface StageTimes {
  readonly workers: number
  readonly backend: string
  readonly arithmetic: string
  readonly passes: number
  /** Loading code, opening the connectome, loading lesions, the plan. */
  readonly beforeSeconds: number
  /** Reading and computing, side by side. */
  readonly connectivitySeconds: number
  /** Seconds that workers were busy, all workers together. */
  readonly readBusySeconds: number
  readonly computeBusySeconds: number
  readonly readBytes: number
  readonly operations: number
  /** Statistics and writing maps, side by side with the last of the checksums of the input. */
  readonly mapsSeconds: number
  /** What remains of the checksums, summary and manifest. */
  readonly afterSeconds: number
}

const seconds = (): number => performance.now() / 1000

const marks = { began: 0, lastSubject: 0, lastLesion: 0 }
const work = { readBytes: 0, readSeconds: 0, operations: 0, computeSeconds: 0 }

const recordingProgress = Layer.succeed(
  Progress,
  Progress.of({
    begin: () =>
      Effect.sync(() => {
        marks.began = seconds()
      }),
    phase: () => Effect.void,
    subjectsTakenOver: () => Effect.void,
    subjectDone: Effect.sync(() => {
      marks.lastSubject = seconds()
    }),
    worked: (done) =>
      Effect.sync(() => {
        for (const key of Object.keys(work) as Array<keyof typeof work>) work[key] += done[key] ?? 0
      }),
    stepsTakenOver: () => Effect.void,
    stepsDone: () => Effect.void,
    lesionDone: Effect.sync(() => {
      marks.lastLesion = seconds()
    }),
    end: Effect.void
  })
)

const program = Effect.gen(function* () {
  const config = process.argv[2]!
  const loaded = yield* loadConfig(config)
  const study = yield* openStudy(loaded.config)
  const { manifest } = yield* run(study.planned, { config: study.config, inputs: [loaded.file] }).pipe(
    Effect.provide([recordingProgress, OutputFolder.layer(study.config.output.path), Checksums.layer()])
  )
  const times: StageTimes = {
    workers: manifest.backend.workers,
    backend: manifest.backend.name,
    arithmetic: manifest.backend.arithmetic,
    passes: manifest.plan.passes,
    // performance.now() counts from the start of the process.
    beforeSeconds: marks.began,
    connectivitySeconds: marks.lastSubject - marks.began,
    readBusySeconds: work.readSeconds,
    computeBusySeconds: work.computeSeconds,
    readBytes: work.readBytes,
    operations: work.operations,
    mapsSeconds: marks.lastLesion - marks.lastSubject,
    afterSeconds: seconds() - marks.lastLesion
  }
  process.stdout.write(JSON.stringify(times))
}).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

await Effect.runPromise(program)
