/**
 * A pipeline of one's own, `effect-size`, made known beside those of the package: how large the effect in each lesion's network is, a
 * row of a table a lesion, with the statistic of `effectSize.ts`. It has a config with keys of its own:
 *
 *     pipeline: effect-size
 *     connectome: { path: demo-output/demo-data/connectome }
 *     lesions: { path: demo-output/demo-data/lesions }
 *     large: 0.8
 *     output: { path: effect-sizes }
 *
 *     node examples/ownPipeline.ts CONFIG.yaml
 */
import { Console, Effect, Schema, Stream } from "effect"
import {
  Backend,
  ChunkPool,
  correlate,
  fisherZ,
  ingest,
  loadAnyConfig,
  loadLesions,
  OutputFolder,
  openConnectome,
  Pipeline,
  type PipelineEntry,
  Pipelines,
  type PlanOf,
  Progress,
  reduce,
  registry,
  seed,
  statistics,
  subjectRanges,
  UnknownSpace
} from "../src/index.ts"
import { effectSize } from "./effectSize.ts"

const Place = Schema.Struct({ path: Schema.NonEmptyString })

const EffectSizeConfig = Schema.Struct({
  pipeline: Schema.Literal("effect-size"),
  connectome: Place,
  lesions: Place,
  large: Schema.Finite.annotate({ description: "|d| from which a voxel counts as of large effect" }),
  output: Place
})

type EffectSizeConfig = typeof EffectSizeConfig.Type

/** Opens and checks all inputs; what is computed is for `run`. */
const plan = Effect.fn("planEffectSizes")(function* ({ config }: PlanOf<EffectSizeConfig>) {
  const { path } = config.connectome
  const connectome = yield* openConnectome({ path })
  const { space, subjects, voxels } = connectome
  if (space === undefined) return yield* new UnknownSpace({ path })
  const target = { ...connectome, space }
  const { lesions } = yield* loadLesions(config.lesions, target, { method: "effectsize", folder: config.output.path })

  const pipeline = Pipeline.make("effect-size", ingest(connectome)).pipe(
    Pipeline.through(seed(lesions)),
    Pipeline.through(correlate),
    Pipeline.through(fisherZ),
    Pipeline.through(reduce({ lesions: lesions.length, voxels, subjects: subjects.length, invalid: "zero" })),
    Pipeline.through(statistics({ fdrAlpha: 0.05, tThreshold: null })),
    Pipeline.through(effectSize)
  )
  const longest = Math.max(...subjects.map(({ timePoints }) => timePoints))
  const run = Effect.gen(function* () {
    const rows = yield* Pipeline.stream(pipeline, Stream.fromIterable(subjectRanges(subjects.length, 1))).pipe(
      Stream.map(({ lesion, d }) => {
        const largest = d.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
        const large = d.reduce((count, value) => (Math.abs(value) >= config.large ? count + 1 : count), 0)
        return [lesions[lesion]!.name, largest.toFixed(3), large].join("\t")
      }),
      Stream.runCollect
    )
    const output = yield* OutputFolder
    yield* output.write("effect-sizes.tsv", `${["lesion\td_max\tlarge_voxels", ...rows].join("\n")}\n`)
    const text = `effect sizes of ${rows.length} lesions over ${subjects.length} subjects: ${config.output.path}`
    return { text, json: { lesions: rows.length, subjects: subjects.length, output: config.output.path } }
  }).pipe(
    Effect.provide([ChunkPool.layerOf(2, longest * voxels), Backend.layerPlain, OutputFolder.layer(config.output.path)])
  )
  return {
    text: [`${lesions.length} lesions × ${subjects.length} subjects × ${voxels} voxels`],
    json: { lesions: lesions.length, subjects: subjects.length, voxels },
    run,
    nothingDone: () => false
  }
})

export const effectSizeEntry: PipelineEntry<EffectSizeConfig> = {
  name: "effect-size",
  schema: EffectSizeConfig,
  resolvePaths: ({ connectome, lesions, output, ...config }, resolve) => ({
    ...config,
    connectome: { path: resolve(connectome.path) },
    lesions: { path: resolve(lesions.path) },
    output: { path: resolve(output.path) }
  }),
  load: async () => ({ plan })
}

/** Runs whatever pipeline the config names, that one or one of the package's. */
const runAny = Effect.fn("runAny")(function* (configFile: string) {
  const { file, config, definition } = yield* loadAnyConfig(configFile)
  const commands = yield* Effect.promise(definition.load)
  const planned = yield* commands.plan({ file, config, fresh: false, describeOnly: false })
  yield* Effect.forEach(planned.text, (line) => Console.log(line))
  yield* Console.log((yield* planned.run).text)
})

if (import.meta.main) {
  const program = runAny(process.argv[2] ?? "effect-size.yaml").pipe(
    Effect.provideService(Pipelines, [...registry, effectSizeEntry]),
    Effect.provide(Progress.layerOff)
  )
  await Effect.runPromise(Effect.scoped(program))
}
