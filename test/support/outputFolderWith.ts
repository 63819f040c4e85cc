/** An output folder in memory some of whose methods a test gives, for failures and counts. */
import { Effect, Layer } from "effect"
import { OutputFolder } from "../../src/output/OutputFolder.ts"

export const outputFolderWith = (changed: Partial<OutputFolder["Service"]>): Layer.Layer<OutputFolder> =>
  Layer.effect(
    OutputFolder,
    Effect.map(OutputFolder, (memory) => OutputFolder.of({ ...memory, ...changed }))
  ).pipe(Layer.provide(OutputFolder.layerMemory(new Map())))
