/** What the report says of how maps were made: from the config as resolved, and from what the manifest knows of the study. */
import path from "node:path"
import { Option, Schema } from "effect"
import { isPlace } from "../../src/lesions/seeds/Seed.ts"
import type { Manifest } from "../../src/output/Manifest.ts"
import type { RunFacts } from "../../src/report/RunFacts.ts"
import { builtinDemo, type Config } from "./Config.ts"

/** What of the study's description the report tells: keys that an earlier version has not kept are not known. */
const Decides = Schema.Struct({
  voxels: Schema.optionalKey(Schema.Number),
  /** Numbers of time points, each with how often it follows itself. */
  timePoints: Schema.optionalKey(Schema.Array(Schema.Tuple([Schema.Number, Schema.Number]))),
  grid: Schema.optionalKey(Schema.Struct({ affine: Schema.Array(Schema.Number) }))
})

const decodeDecides = Schema.decodeUnknownOption(Decides)

/** @param config the one that the manifest has */
export const runFacts = (config: Config, manifest: Manifest): RunFacts => {
  const { software, platform, backend, left_out, lesions } = manifest
  const { weights, threshold, values, flip } = config.lesions
  const { maps, fdr_alpha, t_threshold, matrix } = config.statistics
  return {
    software: { name: software.name, version: software.version, numerics: software.numerics },
    node: platform.node,
    system: `${platform.os} ${platform.architecture}`,
    arithmetic: backend.arithmetic,
    connectome: connectomeFacts(config, manifest),
    lesions: lesions.length,
    lesionsOfOtherRuns: manifest.lesions_of_other_runs,
    leftOut: left_out.lesions.length,
    lesionMasks: {
      weights,
      threshold,
      values: values === null ? null : [values].flat(),
      flipped: flip === null ? undefined : lesions.filter(({ flipped }) => flipped === true).length,
      warped: warpedOf(lesions)
    },
    seeds: seedsOf(lesions),
    pini: config.method === "pini" ? { percentile: config.pini_percentile, scope: config.pini_scope } : undefined,
    partial: config.seeds.partial && lesions.length > 1,
    invalid: config.invalid,
    maps,
    fdrAlpha: fdr_alpha,
    tThreshold: t_threshold,
    matrix,
    parcellations: config.parcellations.map(({ name }) => name),
    grid: config.output.grid
  }
}

const seedsOf = (lesions: Manifest["lesions"]): RunFacts["seeds"] => {
  const seeds = lesions.flatMap(({ seed }) => seed ?? [])
  if (seeds.length === 0) return undefined
  const radii = seeds.flatMap((seed) => (seed.kind === "sphere" ? [seed.radiusMm] : []))
  const brought = lesions.flatMap(({ warpedFrom, seed }) => (isPlace(seed) ? (warpedFrom ?? []) : []))
  const ofAtlases = lesions.filter(({ seed }) => seed?.kind === "parcel")
  return {
    spheres: radii.length,
    radiiMm: radii.length === 0 ? undefined : [Math.min(...radii), Math.max(...radii)],
    points: seeds.filter(({ kind }) => kind === "point").length,
    parcels: ofAtlases.length,
    atlases: [...new Set(ofAtlases.map(({ file }) => path.basename(file.path)))],
    brought: brought.length === 0 ? undefined : { from: brought[0]!, seeds: brought.length }
  }
}

const warpedOf = (lesions: Manifest["lesions"]): RunFacts["lesionMasks"]["warped"] => {
  const brought = lesions.flatMap(({ warpedFrom, seed }) => (isPlace(seed) ? [] : (warpedFrom ?? [])))
  return brought.length === 0 ? undefined : { from: brought[0]!, lesions: brought.length }
}

const connectomeFacts = (
  { connectome }: Config,
  { plan, study, chosen_subjects }: Manifest
): RunFacts["connectome"] => {
  const known = Option.getOrElse(decodeDecides(study?.study.decides), () => Decides.make({}))
  const space = study?.options["connectome.space"]
  const counts = known.timePoints?.map(([points]) => points) ?? []
  return {
    name: path.basename(connectome.path),
    isDemo: connectome.path === builtinDemo,
    subjects: plan.subjects,
    chosenFrom: chosen_subjects?.from,
    voxels: known.voxels,
    timePoints: counts.length === 0 ? undefined : [Math.min(...counts), Math.max(...counts)],
    voxelMm: known.grid === undefined ? undefined : voxelMmOf(known.grid.affine),
    space: typeof space === "string" ? space : undefined,
    averagesRuns: connectome.runs === "average"
  }
}

/** The lengths of the first three columns of a 4 × 4 affine, whose rows lie one after the other. */
const voxelMmOf = (affine: ReadonlyArray<number>): readonly [number, number, number] => {
  const edge = (axis: number) => Math.hypot(affine[axis]!, affine[4 + axis]!, affine[8 + axis]!)
  return [edge(0), edge(1), edge(2)]
}
