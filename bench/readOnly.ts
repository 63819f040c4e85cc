/**
 * Merely reads the connectome of a config: the ingest stage of `lnm run` with the same plan, slots and workers, whose
 * chunks are let go at once. The yardstick for how much else a run of one lesion costs.
 *
 *     node bench/readOnly.ts CONFIG.yaml
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Stream } from "effect"
import { openStudy } from "../pipelines/functional-network-mapping/commands.ts"
import { loadConfig } from "../pipelines/registry.ts"
import { subjectRanges } from "../src/elements/Chunk.ts"
import * as Pipeline from "../src/runtime/Pipeline.ts"
import { Progress } from "../src/runtime/Progress.ts"
import { ingest } from "../src/stages/Ingest.ts"

const program = Effect.gen(function* () {
  const { planned } = yield* openStudy((yield* loadConfig(process.argv[2]!)).config)
  const { study, plan, chosen } = planned
  const ranges = subjectRanges(plan.shape.subjects, plan.shape.subjectsPerChunk)
  const pipeline = Pipeline.make("read-only", ingest(study.connectome))
  yield* Pipeline.stream(pipeline, Stream.fromIterable(ranges)).pipe(
    Stream.runForEach((chunk) => chunk.release),
    Effect.provide([chosen.layer(plan.shape), Progress.layerOff])
  )
}).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

await Effect.runPromise(program)
