/**
 * A kind of files that a connectome can be in, as the table of sources has it: how such a connectome is recognised, opened, turned into
 * a store, and described. Each source is a folder beside this file and a row in `sources.ts`; nothing else knows them apart.
 */
import { type Effect, Schema, type Scope } from "effect"
import type { ImageTooLarge } from "../imaging/loadingMemory.ts"
import type { InvalidNifti } from "../imaging/nifti/InvalidNifti.ts"
import type { Connectome, ConnectomeUnreadable, InvalidConnectome } from "./Connectome.ts"
import type { NamedSubject, RawConnectome, RawLocation, RawRun } from "./RawConnectome.ts"
import type { ChoiceFailure, SubjectChoice } from "./subjectChoice.ts"

/** Several scans of one person are joined to one subject, are one subject over whose runs r is averaged, or are one each. */
export type RunsOption = "concatenate" | "average" | "separate"

/** Where a config says that a connectome is. */
export interface ConnectomeLocation {
  readonly path: string
  readonly space?: string
  readonly pattern?: string
  /** NIfTI and NumPy only: the 3D brain mask. */
  readonly mask?: string
  /** Where runs are files: how several scans of one person are treated. Default: concatenate. */
  readonly runs?: RunsOption
  /** Which subjects are taken. Default: all. */
  readonly choose?: SubjectChoice["choose"]
}

/** What is told of a path, by name, in the order in which it is printed. */
export type Facts = Readonly<Record<string, unknown>>

type Invalid = InvalidConnectome | InvalidNifti | ImageTooLarge

export interface Source {
  /** Whether a config that names this location means this source. Of several that say so the first in the table is taken. */
  readonly isNamedBy: (location: ConnectomeLocation) => Effect.Effect<boolean, InvalidConnectome>
  /** Opens a connectome of the chosen subjects: nothing is computed, and no time series is read. */
  readonly open: (location: ConnectomeLocation) => Effect.Effect<Connectome, Invalid | ChoiceFailure, Scope.Scope>
  /** Not there where no store can be made from it. */
  readonly raw?: RawSource
  /** What lies at an existing path that no config explains; undefined where that is nothing of this source. */
  readonly inspect: (
    path: string
  ) => Effect.Effect<Facts | undefined, Invalid | ChoiceFailure | ConnectomeUnreadable | FolderUnreadable, Scope.Scope>
  /** Reads all of it and holds it against its checksums; gives what is to be added to the facts. Not there where it has none. */
  readonly check?: (path: string) => Effect.Effect<Facts, Invalid | SourceDamaged>
}

/** The scans that a store is made from. */
export interface RawSource {
  /** Looks at every header. */
  readonly open: (location: RawLocation, runs: RunsOption) => Effect.Effect<RawConnectome, Invalid>
  /**
   * Reads one run, in any thread.
   *
   * Shapes: `into` (time points, voxels).
   */
  readonly read: (
    run: RawRun,
    mask: Pick<RawConnectome, "grid" | "gridIndex">,
    into: Float32Array
  ) => Effect.Effect<void, Invalid | ConnectomeUnreadable>
  /** Not there where the scans themselves say which subjects there are. */
  readonly listed?: ListedSubjects
}

/** A folder in which files of their own list the subjects, so that these are known before their runs are there. */
export interface ListedSubjects {
  /** Names of these files, which lie in the folder itself. */
  readonly files: ReadonlyArray<string>
  /** Reads them, and no run. */
  readonly open: (path: string, runs: RunsOption) => Effect.Effect<ListedFolder, Invalid>
}

/** What the lists of a folder say. */
export interface ListedFolder extends Pick<RawConnectome, "path" | "space" | "grid" | "gridIndex"> {
  readonly subjects: ReadonlyArray<NamedSubject>
  /** Looks at the runs of one subject, which must be there by then. */
  readonly lookAt: (subject: NamedSubject) => Effect.Effect<RawConnectome, Invalid>
}

/** A folder cannot be searched. */
export class FolderUnreadable extends Schema.TaggedError<FolderUnreadable>()("FolderUnreadable", {
  path: Schema.String,
  problem: Schema.String
}) {}

/** Files of a source are missing or not what was written. */
export class SourceDamaged extends Schema.TaggedError<SourceDamaged>()("SourceDamaged", {
  path: Schema.String,
  /** For a person: which files, and what to do. */
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.path}: ${this.problem}`
  }
}
