/**
 * Lets a config name the demo's data: where `connectome.path` and `lesions.path` are `builtin:demo`, the data is made in
 * a folder `demo-data` beside the output folder, and the config is given its paths.
 */
import { stat } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { demoDataIn } from "../../src/demo/DemoData.ts"
import { writeDemoData } from "../../src/demo/writeDemoData.ts"
import { isThere } from "../../src/files/unlessMissing.ts"
import { builtinDemo, type Config } from "./Config.ts"

/** @param keeps whether data that is there is taken as it is: parts of one run must not make it anew under each other */
export const provideDemoData = Effect.fn("provideDemoData")(function* (config: Config, keeps: boolean) {
  const { connectome, lesions, output } = config
  const lesionPaths = [lesions.path].flat()
  const folder = path.join(path.dirname(output.path), "demo-data")
  // What is written last.
  const { networksTable } = demoDataIn(folder)
  const isMade = keeps && (yield* Effect.promise(() => isThere(stat(networksTable))))
  const data = isMade ? demoDataIn(folder) : yield* writeDemoData(folder)
  const provided: Config = {
    ...config,
    connectome: connectome.path === builtinDemo ? { ...connectome, path: data.connectome } : connectome,
    lesions: { ...lesions, path: lesionPaths.map((location) => (location === builtinDemo ? data.lesions : location)) }
  }
  return provided
})
