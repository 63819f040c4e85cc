/** Principal seeds with the components of correlations that lie in the engine's memory fitted side by side on its workers. */
import { Effect } from "effect"
import type { LesionVoxelCorrelations } from "../elements/LesionVoxelCorrelations.ts"
import type { PrincipalSeedsOptions, RefinedSeeds } from "../elements/RefinedSeeds.ts"
import { firstComponent, type MatrixView } from "../kernels/firstComponent.ts"
import type { Stage } from "../runtime/Stage.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import { principalSeedsWith, type SubjectsMissing } from "../stages/PrincipalSeeds.ts"
import { Engine } from "./Engine.ts"

export const enginePrincipalSeeds = (
  options: PrincipalSeedsOptions
): Stage<LesionVoxelCorrelations, RefinedSeeds, SubjectsMissing | WorkerFailed, Engine> =>
  principalSeedsWith(options, fit)

const fit = Effect.fnUntraced(function* (values: Int32Array, matrix: Omit<MatrixView, "values">) {
  const { memory, run } = yield* Engine
  if (values.buffer !== memory.buffer) return firstComponent({ values, ...matrix })
  const done = yield* run({ kind: "component", values: values.byteOffset, length: values.length, matrix })
  return done.loadings!
})
