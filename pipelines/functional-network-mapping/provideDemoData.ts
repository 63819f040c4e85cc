/**
 * Lets a config name the demo's data: where `connectome.path` and `lesions.path` are `builtin:demo`, the data is made in
 * a folder `demo-data` beside the output folder, and the config is given its paths. `builtin:cohort` are the lesions of its cohort.
 */
import path from "node:path"
import { Effect } from "effect"
import { writeDemoData } from "../../src/demo/writeDemoData.ts"
import { builtinCohort, builtinDemo, type Config } from "./Config.ts"

export const provideDemoData = Effect.fn("provideDemoData")(function* (config: Config) {
  const { connectome, lesions, output } = config
  const lesionPaths = [lesions.path].flat()
  const data = yield* writeDemoData(path.join(path.dirname(output.path), "demo-data"), {
    cohort: lesionPaths.includes(builtinCohort)
  })
  const lesionsAt = new Map([
    [builtinDemo, data.lesions],
    [builtinCohort, data.cohort]
  ])
  const provided: Config = {
    ...config,
    connectome: connectome.path === builtinDemo ? { ...connectome, path: data.connectome } : connectome,
    lesions: { ...lesions, path: lesionPaths.map((location) => lesionsAt.get(location) ?? location) }
  }
  return provided
})
