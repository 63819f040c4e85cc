/**
 * What the tars of a data set hold, as far as a store is made of it in another way: scans that say by their names whose they are, or a whole
 * connectome in which files of its own list the subjects. A new kind is a file beside these two.
 */
import { type Effect, Schema } from "effect"
import type { RawConnectome } from "../../src/connectome/RawConnectome.ts"
import type { TarsDone } from "../../src/connectome/store/making/tarsDone.ts"
import { reasonOf } from "../../src/files/reasonOf.ts"
import type { TarSubject, TarSubjects } from "./tarSubjects.ts"

/** A tar that lies on the disk. */
export interface Tar {
  /** Tells it from the others. */
  readonly name: string
  readonly file: string
  /** What is to be done once all of it is in the store. */
  readonly done: Effect.Effect<void, Error>
}

/** Which voxels a connectome has, and on which grid. */
export type Voxels = Pick<RawConnectome, "grid" | "gridIndex">

export interface TarContent {
  /** Lists a tar from its beginning to its end. */
  readonly subjectsOf: (tar: Tar) => Effect.Effect<TarSubjects, Error>
  /** Looks at the scans of a subject that was unpacked into a folder. */
  readonly open: (subject: TarSubject, folder: string) => Effect.Effect<RawConnectome, Error>
  /** What must be known of it when its tars are gone. */
  readonly listed: Effect.Effect<TarsDone["listed"]>
  /** Those of the store, from what is known of its scans. */
  readonly voxelsOf: (done: TarsDone) => Effect.Effect<Voxels, Error>
  /** Whether an unpacked subject has the voxels of the store. */
  readonly fits: (store: Voxels, raw: RawConnectome) => boolean
}

/** A tar, or what is in it, cannot be used. */
export class TarUnusable extends Schema.TaggedError<TarUnusable>()("TarUnusable", {
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. Remove it and get it again; what is in the store already stays.`
  }
}

export const unusable = (tar: Tar, cause: unknown): TarUnusable =>
  new TarUnusable({ file: tar.file, problem: `it cannot be unpacked (${reasonOf(cause, "reading")})` })
