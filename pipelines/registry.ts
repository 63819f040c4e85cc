/** The pipelines that configs can name: the one place where a pipeline is made known. The first is meant where a config names none. */
import { loadConfigAs, loadConfigAsAny } from "../src/config/loadConfig.ts"
import { functionalNetworkMappingEntry } from "./functional-network-mapping/entry.ts"
import type { AnyPipelineEntry } from "./PipelineEntry.ts"
import { prepareConnectomeEntry } from "./prepare-connectome/entry.ts"

/** The pipelines that configs can name, the default first. */
export const registry: ReadonlyArray<AnyPipelineEntry> = [functionalNetworkMappingEntry, prepareConnectomeEntry]

/** The config of whatever pipeline the file names; `assignments` are as given to `--set`. */
export const loadAnyConfig = (file: string, assignments: ReadonlyArray<string> = []) =>
  loadConfigAsAny(registry, file, assignments)

/** The config of `functional-network-mapping`; `assignments` are as given to `--set`. */
export const loadConfig = (file: string, assignments: ReadonlyArray<string> = []) =>
  loadConfigAs(functionalNetworkMappingEntry, file, assignments)
