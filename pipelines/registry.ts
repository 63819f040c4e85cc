/**
 * The pipelines that configs can name: the one place where a pipeline is made known. The first is meant where a config names none. A program
 * that has pipelines of its own provides `Pipelines` with these too.
 */
import { Context, Effect } from "effect"
import type { Assignment } from "../src/config/assignments.ts"
import { loadConfigAs, loadConfigAsAny } from "../src/config/loadConfig.ts"
import { functionalNetworkMappingEntry } from "./functional-network-mapping/entry.ts"
import { groupNetworkMappingEntry } from "./group-network-mapping/entry.ts"
import type { AnyPipelineEntry } from "./PipelineEntry.ts"
import { prepareConnectomeEntry } from "./prepare-connectome/entry.ts"

/** The pipelines that configs can name, the default first. */
export const registry: ReadonlyArray<AnyPipelineEntry> = [
  functionalNetworkMappingEntry,
  prepareConnectomeEntry,
  groupNetworkMappingEntry
]

/** The pipelines of the running program: the registry, where it provides no others. */
export const Pipelines = Context.Reference<ReadonlyArray<AnyPipelineEntry>>(
  "lesion-network-mapping/pipelines/Pipelines",
  { defaultValue: () => registry }
)

/** The config of whatever pipeline the file names; `assignments` are as given to `--set`. */
export const loadAnyConfig = (file: string, assignments: ReadonlyArray<Assignment> = []) =>
  Effect.flatMap(Pipelines, (pipelines) => loadConfigAsAny(pipelines, file, assignments))

/** The config of `functional-network-mapping`; `assignments` are as given to `--set`. */
export const loadConfig = (file: string, assignments: ReadonlyArray<Assignment> = []) =>
  loadConfigAs(functionalNetworkMappingEntry, file, assignments)
