/**
 * A run from inside another Effect program, with Layers of its own: progress goes to the program's log, files go to where the
 * program keeps them, and each lesion's row to a service of the program. The same `planStudy` and `run` as the command's.
 *
 *     node examples/insideAnotherProgram.ts demo-output/demo-data/connectome demo-output/demo-data/lesions
 */
import { Console, Context, Effect, Layer, Schema } from "effect"
import { Checksums, Config, type LesionSummary, OutputFolder, Progress, planStudy, run } from "../src/index.ts"

/** The program's own service: what the clinic keeps of each patient. */
class Findings extends Context.Service<
  Findings,
  { readonly add: (row: LesionSummary) => Effect.Effect<void>; readonly report: Effect.Effect<void> }
>()("clinic/Findings") {
  static readonly layer = Layer.sync(Findings, () => {
    const strongest = new Map<string, number>()
    return Findings.of({
      add: (row) => Effect.sync(() => void strongest.set(row.lesion, row.t_max)),
      report: Effect.suspend(() =>
        Effect.forEach([...strongest], ([lesion, t]) => Console.log(`${lesion}: t up to ${t.toFixed(1)}`), {
          discard: true
        })
      )
    })
  })
}

/** Says only when a lesion is done. */
const progress = Layer.succeed(
  Progress,
  Progress.of({
    begin: ({ subjects, lesions }) => Console.log(`${lesions} lesions, ${subjects} subjects`),
    phase: () => Effect.void,
    subjectsTakenOver: () => Effect.void,
    subjectDone: Effect.void,
    worked: () => Effect.void,
    lesionDone: Console.log("a lesion is done"),
    stepsTakenOver: () => Effect.void,
    stepsDone: () => Effect.void,
    end: Effect.void
  })
)

/** Files by name, instead of a folder: to be handed on to wherever the program stores them. */
const files = new Map<string, Uint8Array>()

const mapLesions = Effect.fn("mapLesions")(function* (connectome: string, lesions: string) {
  const config = yield* Schema.decodeUnknownEffect(Config)({
    pipeline: "functional-network-mapping",
    connectome: { path: connectome },
    lesions: { path: lesions },
    statistics: { maps: ["r", "t"] },
    output: { path: "." }
  })
  const planned = yield* planStudy(config)
  const { rows } = yield* run(planned, { config, inputs: [] })
  const findings = yield* Findings
  yield* Effect.forEach(rows, findings.add, { discard: true })
  yield* findings.report
})

const program = Effect.gen(function* () {
  const [, , connectome = "demo-output/demo-data/connectome", lesions = "demo-output/demo-data/lesions"] = process.argv
  yield* mapLesions(connectome, lesions)
  yield* Console.log(`${files.size} files, ${[...files.keys()].filter((name) => name.endsWith(".nii.gz")).length} maps`)
})

await Effect.runPromise(
  program.pipe(
    Effect.provide([Findings.layer, progress, OutputFolder.layerMemory(files), Checksums.layer()]),
    Effect.scoped
  )
)
