/**
 * Connectivity of a config's lesions with an own stage between fisherZ and reduce, or without: prints as JSON how long it took from the
 * first subject to the sums, statistics of all lesions included; nothing is written.
 *
 *     node bench/ownStageTimes.ts CONFIG.yaml fused|module
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer, Stream } from "effect"
import { openStudy } from "../pipelines/functional-network-mapping/commands.ts"
import { loadConfig } from "../pipelines/registry.ts"
import { subjectRanges } from "../src/elements/Chunk.ts"
import { describeBackend } from "../src/engine/chooseBackend.ts"
import * as Pipeline from "../src/runtime/Pipeline.ts"
import { Progress } from "../src/runtime/Progress.ts"
import { correlate } from "../src/stages/Correlate.ts"
import { fisherZ } from "../src/stages/FisherZ.ts"
import { ingest } from "../src/stages/Ingest.ts"
import { mapTiles } from "../src/stages/MapTiles.ts"
import { reduce } from "../src/stages/Reduce.ts"
import { seed } from "../src/stages/Seed.ts"
import { statistics } from "../src/stages/Statistics.ts"

export interface OwnStageTimes {
  readonly steps: ReadonlyArray<string>
  readonly seconds: number
  /** Seconds that workers were busy computing, all workers together. */
  readonly computeSeconds: number
}

const winsorise = mapTiles({
  name: "winsorise",
  module: new URL("../examples/winsorise.ts", import.meta.url),
  export: "winsorise",
  parameters: { limit: 0.55 }
})

let computeSeconds = 0

const recordingProgress = Layer.succeed(
  Progress,
  Progress.of({
    begin: () => Effect.void,
    phase: () => Effect.void,
    subjectsTakenOver: () => Effect.void,
    subjectDone: Effect.void,
    worked: (done) =>
      Effect.sync(() => {
        computeSeconds += done.computeSeconds ?? 0
      }),
    lesionDone: Effect.void,
    stepsTakenOver: () => Effect.void,
    stepsDone: () => Effect.void,
    end: Effect.void
  })
)

const program = Effect.gen(function* () {
  const [, , config, variant] = process.argv
  const { study, plan, chosen } = (yield* openStudy((yield* loadConfig(config!)).config)).planned
  const { connectome, lesions } = study
  const [subjects, voxels] = [connectome.subjects.length, connectome.voxels]
  const upToZ = Pipeline.make("own stage", ingest(connectome)).pipe(
    Pipeline.through(seed(lesions)),
    Pipeline.through(correlate),
    Pipeline.through(fisherZ)
  )
  const pipeline = (variant === "module" ? upToZ.pipe(Pipeline.through(winsorise)) : upToZ).pipe(
    Pipeline.through(reduce({ lesions: lesions.length, voxels, subjects, invalid: "zero" })),
    Pipeline.through(statistics({ fdrAlpha: 0.05, tThreshold: null }))
  )
  const ranges = Stream.fromIterable(subjectRanges(subjects, plan.shape.subjectsPerChunk))
  const seconds = yield* Effect.gen(function* () {
    const startedAt = performance.now()
    yield* Stream.runDrain(Pipeline.stream(pipeline, ranges))
    return (performance.now() - startedAt) / 1000
  }).pipe(Effect.provide(chosen.layer(plan.shape)))
  const steps = describeBackend(chosen, pipeline.stages).steps.map(({ name }) => name)
  const times: OwnStageTimes = { steps, seconds, computeSeconds }
  process.stdout.write(JSON.stringify(times))
}).pipe(Effect.scoped, Effect.provide([NodeServices.layer, recordingProgress]))

await Effect.runPromise(program)
