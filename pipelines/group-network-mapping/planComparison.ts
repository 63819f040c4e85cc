/** The other group analysis of `compare`: what it was made with, and whether it can be compared. */
import path from "node:path"
import { Effect, Schema } from "effect"
import { sameGrid } from "../../src/imaging/Grid.ts"
import { readManifest } from "../../src/output/Manifest.ts"
import { warn } from "../../src/runtime/Warnings.ts"
import { pairsOf } from "../../src/stages/group/CompareGroups.ts"
import { InvalidCohort } from "../../src/stages/group/InvalidCohort.ts"
import type { Cohort } from "../../src/stages/group/readCohort.ts"
import { GroupConfig } from "./Config.ts"

const refuse = (folder: string, problem: string, remedy: string) =>
  new InvalidCohort({ file: `compare: ${folder}`, problem, remedy })

/** The config that a group's output folder was made with, its paths absolute. */
export const readComparedConfig = Effect.fn("readComparedConfig")(function* (folder: string, output: string) {
  if (path.resolve(folder) === path.resolve(output)) {
    const problem = "it is the output folder of this analysis itself"
    return yield* refuse(folder, problem, "Give that of another, or another output.path")
  }
  const { config } = yield* readManifest(folder)
  return yield* Schema.decodeUnknownEffect(GroupConfig)(config).pipe(
    Effect.mapError(() =>
      refuse(folder, "its manifest is not of group-network-mapping", "Give the output folder of such an analysis")
    )
  )
})

interface Compared<Contrast> {
  readonly cohort: Cohort
  readonly contrasts: ReadonlyArray<Contrast>
}

/** Checks that grid and space are the same, and that contrasts have names in common. */
export const checkComparison = Effect.fn("checkComparison")(function* <
  Contrast extends { readonly config: { readonly name: string } }
>(folder: string, own: Compared<Contrast>, other: Compared<Contrast>) {
  if (own.cohort.space !== other.cohort.space) {
    const problem = `its maps are in ${other.cohort.space}, and those of this analysis in ${own.cohort.space}`
    return yield* refuse(folder, problem, "Bring all maps into one space")
  }
  if (!sameGrid(own.cohort.grid, other.cohort.grid)) {
    const [there, here] = [other.cohort.grid, own.cohort.grid].map(({ shape }) => shape.join(" × "))
    const problem = `its maps lie on another grid (${there}) than those of this analysis (${here})`
    return yield* refuse(folder, problem, "Resample all maps to one grid")
  }
  const names = pairsOf(own.contrasts, other.contrasts).map(([{ config }]) => config.name)
  const [here, there] = [own, other].map(({ contrasts }) => contrasts.map(({ config }) => config.name))
  if (names.length === 0) {
    const problem = `it has no contrast of the same name (there: ${there!.join(", ")}; here: ${here!.join(", ")})`
    return yield* refuse(folder, problem, "Give the contrasts that are to be compared the same name")
  }
  const alone = here!.filter((name) => !names.includes(name))
  if (alone.length === 0) return
  yield* warn({
    file: folder,
    found: `it has no contrast ${alone.join(", ")}`,
    taken: `Only contrasts of the same name are compared: ${names.join(", ")}`
  })
})
