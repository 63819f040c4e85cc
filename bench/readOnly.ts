/**
 * Merely reads the connectome of a config, with the plan, slots and workers of `lnm run`, and lets the chunks go at once: the ingest
 * stage, or of a store reading its chunks and holding them against their checksums. The yardstick for how much else a run of one
 * lesion costs.
 *
 *     node bench/readOnly.ts CONFIG.yaml
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Stream } from "effect"
import { openStudy } from "../pipelines/functional-network-mapping/commands.ts"
import { loadConfig } from "../pipelines/registry.ts"
import type { Connectome } from "../src/connectome/Connectome.ts"
import { type SubjectRange, subjectRanges } from "../src/elements/Chunk.ts"
import { Engine } from "../src/engine/Engine.ts"
import { engineLayer } from "../src/engine/engineLayer.ts"
import { ingestStored } from "../src/engine/IngestStored.ts"
import * as Pipeline from "../src/runtime/Pipeline.ts"
import { Progress } from "../src/runtime/Progress.ts"
import { ingest } from "../src/stages/Ingest.ts"

const chunksOf = (connectome: Connectome, ranges: Stream.Stream<SubjectRange>) => {
  const { stored, bytesToRead: bytes } = connectome
  if (stored === undefined) return Pipeline.stream(Pipeline.make("read-only", ingest(connectome)), ranges)
  return Stream.unwrap(
    Effect.map(Engine, (engine) => ingestStored(ranges, { connectome, engine, stored, filesOf: stored.filesOf, bytes }))
  )
}

const program = Effect.gen(function* () {
  const { planned } = yield* openStudy((yield* loadConfig(process.argv[2]!)).config)
  const { study, plan, chosen } = planned
  const engine = engineLayer({ shape: plan.shape, workers: chosen.backend.workers, arithmetic: "fast" })
  const ranges = Stream.fromIterable(subjectRanges(plan.shape.subjects, plan.shape.subjectsPerChunk))
  yield* chunksOf(study.connectome, ranges).pipe(
    Stream.runForEach((chunk) => chunk.release),
    Effect.provide([engine, Progress.layerOff])
  )
}).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

await Effect.runPromise(program)
