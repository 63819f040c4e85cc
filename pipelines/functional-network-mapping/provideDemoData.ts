/**
 * Lets a config name the demo's data: where `connectome.path` and `lesions.path` are `builtin:demo`, the data is made in
 * a folder `demo-data` beside the output folder, and the config is given its paths. `builtin:cohort` are the lesions of its cohort.
 */
import { stat } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { demoDataIn, filesOf } from "../../src/demo/DemoData.ts"
import { writeDemoData } from "../../src/demo/writeDemoData.ts"
import { isThere } from "../../src/files/unlessMissing.ts"
import { builtinCohort, builtinDemo, type Config } from "./Config.ts"

/** @param keeps whether data that is there is taken as it is: parts of one run must not make it anew under each other */
export const provideDemoData = Effect.fn("provideDemoData")(function* (config: Config, keeps: boolean) {
  const { connectome, lesions, output } = config
  const lesionPaths = [lesions.path ?? []].flat()
  const cohort = lesionPaths.includes(builtinCohort)
  const folder = path.join(path.dirname(output.path), "demo-data")
  const there = demoDataIn(folder)
  const wanted = filesOf(there).filter((file) => cohort || !file.startsWith(there.cohort))
  const found = keeps ? yield* Effect.forEach(wanted, (file) => Effect.promise(() => isThere(stat(file)))) : [false]
  const isMade = found.every((isFound) => isFound)
  const data = isMade ? there : yield* writeDemoData(folder, { cohort })
  const lesionsAt = new Map([
    [builtinDemo, data.lesions],
    [builtinCohort, data.cohort]
  ])
  const provided: Config = {
    ...config,
    connectome: connectome.path === builtinDemo ? { ...connectome, path: data.connectome } : connectome,
    lesions:
      lesions.path === undefined
        ? lesions
        : { ...lesions, path: lesionPaths.map((location) => lesionsAt.get(location) ?? location) }
  }
  return provided
})
