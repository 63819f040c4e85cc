/** Errors about the maps that an output folder holds already, found before anything is computed. Each names maps, and says what to do. */
import { Schema } from "effect"
import { reasonOf } from "../files/reasonOf.ts"

/** Maps, and reasons, that a message names; more are counted. */
const mostNamed = 8

const listOf = (all: ReadonlyArray<string>, separator = ", "): string => {
  const rest = all.length - mostNamed
  return `${all.slice(0, mostNamed).join(separator)}${rest > 0 ? `${separator}and ${rest} more` : ""}`
}

/** The folder holds maps of another study. */
export class OtherStudy extends Schema.TaggedError<OtherStudy>()("OtherStudy", {
  folder: Schema.String,
  /** What the names of the maps begin with. */
  maps: Schema.Array(Schema.String),
  /** In what this study differs from that of the maps. */
  differences: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return (
      `output.path: ${this.folder} holds maps of another study: ${listOf(this.maps.map((maps) => `${maps}…`))}. ` +
      `Here ${listOf(this.differences, "; ")}. Give another output.path, or --fresh, which removes those maps first.`
    )
  }
}

/** The folder holds maps that this study would no longer make, or not in this way. */
export class MapsOutdated extends Schema.TaggedError<MapsOutdated>()("MapsOutdated", {
  folder: Schema.String,
  problems: Schema.Array(Schema.Struct({ maps: Schema.String, problem: Schema.String }))
}) {
  override get message(): string {
    const lines = this.problems.map(({ maps, problem }) => `${maps}…: ${problem}`)
    return (
      `output.path: ${this.folder} holds maps that do not agree with this run:\n  ${listOf(lines, "\n  ")}\n` +
      "Undo the change; or remove all files of the maps that are no longer wanted, and run again; or give --fresh, which removes all maps " +
      "first, or another output.path."
    )
  }
}

/** The folder holds maps of which nothing says of which study they are. */
export class MapsUnknown extends Schema.TaggedError<MapsUnknown>()("MapsUnknown", {
  folder: Schema.String,
  files: Schema.Array(Schema.String),
  /** Whether a manifest lists them, so that `--fresh` removes them. */
  listed: Schema.Boolean
}) {
  override get message(): string {
    const remedy = this.listed
      ? "Give another output.path, or --fresh, which removes them first."
      : "Move them away, or give another output.path."
    return (
      `output.path: ${this.folder} holds maps that this run would not write over, of a run that has not left of which study they are: ` +
      `${listOf(this.files)}. ${remedy}`
    )
  }
}

/** What earlier runs have left in the folder cannot be read, so it is not known which maps are there. */
export class OutputUnreadable extends Schema.TaggedError<OutputUnreadable>()("OutputUnreadable", {
  folder: Schema.String,
  file: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return (
      `output.path: ${this.folder}: ${this.file}, which an earlier run has left there, cannot be looked at: ` +
      `${reasonOf(this.cause, "reading")}. Mend that and run again, or give another output.path.`
    )
  }
}

/** Another run writes to the folder. */
export class OutputBusy extends Schema.TaggedError<OutputBusy>()("OutputBusy", {
  folder: Schema.String,
  /** The process and its host; left out where that run has ended meanwhile. */
  holder: Schema.optionalKey(Schema.Struct({ host: Schema.String, pid: Schema.Int }))
}) {
  override get message(): string {
    const { folder, holder } = this
    return holder === undefined
      ? `output.path: ${folder}: another run has written there while this one was being prepared. Run again, which takes over what it has left.`
      : `output.path: ${folder}: process ${holder.pid} on ${holder.host} is writing maps there. Wait until it has ended, and run again, ` +
          "which takes over its maps; or give another output.path."
  }
}
