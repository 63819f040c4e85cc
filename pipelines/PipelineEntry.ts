/**
 * How a pipeline is made known to the command: its name, its config, and how a run of it is planned. What a plan needs is loaded only
 * when one is made, since imported code is never unloaded.
 */
import type { Effect, Scope } from "effect"
import type { ConfigDefinition } from "../src/config/ConfigDefinition.ts"
import type { InputCheck } from "../src/output/Checksums.ts"
import type { FileRecord } from "../src/output/FileRecord.ts"
import type { InputUnreadable, Manifest } from "../src/output/Manifest.ts"
import type { Progress } from "../src/runtime/Progress.ts"
import type { Warning } from "../src/runtime/Warnings.ts"

/** A pipeline that configs can name. */
export interface PipelineEntry<Config> extends ConfigDefinition<Config> {
  /**
   * Keys of the config, by path, that change no value of the results: where these go, and how the machine is used. A lock file leaves
   * them out. Left out: its runs cannot be held to a lock.
   */
  readonly freeKeys?: ReadonlyArray<string>
  /** Loads what planning and running take. */
  readonly load: () => Promise<PipelineCommands<Config>>
}

/** What `lnm plan` and `lnm run` do with a pipeline's config. */
export interface PipelineCommands<Config> {
  /** Opens and checks all inputs and plans a run; computes and writes nothing. */
  readonly plan: (request: PlanOf<Config>) => Effect.Effect<PlannedRun, Error, Scope.Scope>
  /** Plans one part of a run. Left out: runs of the pipeline cannot be cut into parts. */
  readonly part?: (request: PartOf<Config>) => Effect.Effect<PlannedRun, Error, Scope.Scope>
  /** Plans the making of results from parts that have been computed. */
  readonly merge?: (request: MergeOf<Config>) => Effect.Effect<PlannedRun, Error, Scope.Scope>
  /** Plans all parts of a run, for jobs of a scheduler. */
  readonly jobs?: (request: JobsOf<Config>) => Effect.Effect<Omit<PlannedJobs, "settings">, Error, Scope.Scope>
  /** Makes the report of an output folder anew. Left out: the pipeline has none. */
  readonly report?: (request: ReportOf<Config>) => Effect.Effect<void, Error, Scope.Scope>
}

export interface PlanOf<Config> {
  /** Absolute path of the YAML file. */
  readonly file: string
  readonly config: Config
  /** Begin anew, whatever an earlier run has left. */
  readonly fresh: boolean
  /** Whether the run is only described, as by `lnm plan`: then it is no error that its output is there already. */
  readonly describeOnly: boolean
  /** Whether the speed of the run is measured for the plan, on its own inputs. Default: it is not. */
  readonly calibrates?: boolean
  /** How much of a connectome is hashed for the manifest. Default: samples. */
  readonly checkInputs?: InputCheck
  /** Whether only what a lock file holds a run to is made: maps and tables, and no report of them. Default: all that the config asks for. */
  readonly mapsOnly?: boolean
}

/** A part of a run: the first is 1. */
export interface PartOf<Config> extends MergeOf<Config> {
  readonly part: { readonly number: number; readonly of: number }
  /** Whether it is computed again where it is done. */
  readonly fresh: boolean
}

export interface MergeOf<Config> {
  /** Absolute path of the YAML file. */
  readonly file: string
  readonly config: Config
}

/** A run in so many parts. */
export interface JobsOf<Config> extends MergeOf<Config> {
  readonly parts: number
}

/** What a scheduler needs to know of a run in parts. */
export interface PlannedJobs {
  /** Absolute path of the output folder. */
  readonly output: string
  readonly parts: number
  /** Parts that are not done, of this round. */
  readonly missing: ReadonlyArray<number>
  /** How often parts and a merge follow each other yet. */
  readonly rounds: number
  readonly workers: number
  /** Bytes that a job may use. */
  readonly memoryBytes: number
  /** What there is to say, a line each. */
  readonly text: ReadonlyArray<string>
  /** Puts the cut into the folder. */
  readonly place: Effect.Effect<void, Error>
  /** What the command line sets in the config. */
  readonly settings: ReadonlyArray<string>
}

/** What `lnm report` does with an output folder. */
export interface ReportOf<Config> {
  readonly folder: string
  /** As its manifest has it. */
  readonly config: Config
  /** The image that slices lie over, instead of what the config has. */
  readonly background: string | undefined
}

/** A run whose inputs have been checked. */
export interface PlannedRun {
  /** The plan in words, a line each. */
  readonly text: ReadonlyArray<string>
  readonly json: object
  /** Computes and writes the results. */
  readonly run: Effect.Effect<RunEnd, Error, Progress | Scope.Scope>
  /** Whether an error of `run` came before anything was computed or written: the exit code is then that of wrong input. */
  readonly nothingDone: (error: Error) => boolean
  /** What a lock file holds the run to; left out: it cannot be held to one. */
  readonly lockable?: LockableRun
}

/** What there is to say at the end of a run. */
export interface RunEnd {
  readonly text: string
  /** The same for machines. */
  readonly json: object
  /** What the run has left, with which a person would go on; left out: nothing is said of that. */
  readonly made?: MadeResults
}

/** Results of a run, for what the command says at its end. */
export interface MadeResults {
  /** An output folder of maps, or a store. */
  readonly kind: "maps" | "store"
  readonly folder: string
  readonly warnings: ReadonlyArray<Warning>
  /** The file in which all warnings are. */
  readonly warningsIn: string
}

/** A run whose inputs and outputs can be compared with those of a lock file. */
export interface LockableRun {
  /** As its manifest has it. */
  readonly config: unknown
  readonly arithmetic: Manifest["backend"]["arithmetic"]
  /** The output folder; after the run it has a manifest. */
  readonly output: string
  /** Size and hash of the content of every input but the config's file. */
  readonly inputs: Effect.Effect<ReadonlyArray<FileRecord>, InputUnreadable>
}

/** An entry of any pipeline. */
// biome-ignore lint/suspicious/noExplicitAny: a config is decoded and planned by one and the same entry
export type AnyPipelineEntry = PipelineEntry<any>
