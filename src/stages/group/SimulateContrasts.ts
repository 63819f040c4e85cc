/** The rate of false positives of each contrast, on its own maps and covariates, as `simulation.tsv`. */
import { Effect } from "effect"
import { OutputFolder } from "../../output/OutputFolder.ts"
import { formatTable } from "../../output/table.ts"
import { Progress } from "../../runtime/Progress.ts"
import { warn } from "../../runtime/Warnings.ts"
import { studiesAtOnce, studyPermutations, tileVoxels } from "./contrastSizes.ts"
import type { GroupPool } from "./GroupWork.ts"
import type { GroupDesign } from "./groupDesign.ts"
import { falsePositiveLevel, simulateNull } from "./Simulation.ts"

export interface PlannedContrast {
  readonly config: { readonly name: string; readonly ranks: boolean; readonly seed: number }
  readonly design: GroupDesign
}

/** @param studies of each contrast; 0: nothing is simulated or written */
export const simulateContrasts = Effect.fn("simulateContrasts")(function* (
  pool: GroupPool,
  contrasts: ReadonlyArray<PlannedContrast>,
  { studies, voxels }: { readonly studies: number; readonly voxels: number }
) {
  if (studies === 0) return
  const progress = yield* Progress
  const batches = contrasts.reduce((sum, { design }) => sum + Math.ceil(studies / studiesAtOnce(design.kept.length)), 0)
  const tiles = Math.ceil(voxels / tileVoxels)
  yield* progress.phase({ name: "random labels", counts: "steps", steps: { of: batches * tiles, name: "tiles" } })
  const rows = yield* Effect.forEach(
    contrasts,
    Effect.fnUntraced(function* ({ config: { name, ranks, seed }, design }) {
      const found = yield* simulateNull(pool, { design, ranks, seed, voxels }, studies, progress.stepsDone(1))
      const [low, high] = found.interval
      if (low > falsePositiveLevel) {
        yield* warn({
          file: "simulation.tsv",
          found: `Contrast ${name}: of ${found.studies} studies with random labels ${found.falsePositives} find something (99.9 % interval ${low.toPrecision(2)} to ${high.toPrecision(2)}; ${falsePositiveLevel} is expected)`,
          taken: "Its corrected p are too small: patients may not be exchangeable as the design says, or too few"
        })
      }
      return [name, found.studies, studyPermutations, found.falsePositives, found.rate, low, high]
    })
  )
  const output = yield* OutputFolder
  const header = ["contrast", "studies", "permutations", "false_positives", "rate", "low", "high"]
  yield* output.write("simulation.tsv", formatTable(header, rows))
})
