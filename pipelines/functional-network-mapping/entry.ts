/** `functional-network-mapping` as the registry has it. */
import { Predicate } from "effect"
import type { PipelineEntry } from "../PipelineEntry.ts"
import { Config, isBuiltin } from "./Config.ts"

const resolveSubjects = (
  subjects: NonNullable<Config["connectome"]["subjects"]>,
  resolve: (location: string) => string
): typeof subjects => {
  if (Predicate.isString(subjects)) return resolve(subjects)
  if (!("where" in subjects) || subjects.participants === undefined) return subjects
  return { ...subjects, participants: resolve(subjects.participants) }
}

const resolvePaths = (config: Config, resolvePath: (location: string) => string): Config => {
  const resolve = (location: string) => (isBuiltin(location) ? location : resolvePath(location))
  const { connectome, lesions, seeds, templates, parcellations, report, output } = config
  return {
    ...config,
    connectome: {
      ...connectome,
      path: resolve(connectome.path),
      ...(connectome.mask === undefined ? {} : { mask: resolve(connectome.mask) }),
      ...(connectome.subjects === undefined ? {} : { subjects: resolveSubjects(connectome.subjects, resolve) })
    },
    lesions: {
      ...lesions,
      ...(lesions.path === undefined
        ? {}
        : { path: Predicate.isString(lesions.path) ? resolve(lesions.path) : lesions.path.map(resolve) })
    },
    seeds: { ...seeds, ...resolved(seeds, resolve) },
    ...(templates === undefined ? {} : { templates: resolve(templates) }),
    parcellations: parcellations.map((parcellation) => ({
      ...parcellation,
      path: resolve(parcellation.path),
      ...(parcellation.labels === undefined ? {} : { labels: resolve(parcellation.labels) })
    })),
    report: Predicate.isBoolean(report) ? report : { background: resolve(report.background) },
    output: { ...output, path: resolve(output.path) }
  }
}

/** The paths of seeds. */
const resolved = (seeds: Config["seeds"], resolve: (location: string) => string) =>
  Object.fromEntries(
    (["spheres", "points", "atlas", "names"] as const).flatMap((key) =>
      seeds[key] === undefined ? [] : [[key, resolve(seeds[key])]]
    )
  )

/** Where the maps go, how the work is cut up, what is kept of it meanwhile, and how the maps are shown. */
const freeKeys = [
  "output.path",
  "lesions.batch_size",
  "checkpoint",
  "report",
  "output.pictures",
  "compute.workers",
  "compute.memory",
  "compute.vectors",
  "compute.subjects_per_chunk"
]

export const functionalNetworkMappingEntry: PipelineEntry<Config> = {
  name: "functional-network-mapping",
  schema: Config,
  resolvePaths,
  freeKeys,
  load: () => import("./commands.ts")
}
