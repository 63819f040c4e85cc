/** Makes the demo's data where a config names it, and gives the config with their paths. What that takes is loaded only then. */
import { Effect } from "effect"
import { type Config, isBuiltin } from "./Config.ts"

export const withDemoData = Effect.fnUntraced(function* (config: Config, keeps = false) {
  const usesDemo = [config.connectome.path, config.lesions.path ?? []].flat().some(isBuiltin)
  if (!usesDemo) return config
  const { provideDemoData } = yield* Effect.promise(() => import("./provideDemoData.ts"))
  return yield* provideDemoData(config, keeps)
})
