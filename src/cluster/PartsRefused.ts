/** Why a part is not computed, or parts are not merged: all before anything is. */
import { Schema } from "effect"

/** What lies in the folder is of another run. */
export class OtherParts extends Schema.TaggedError<OtherParts>()("OtherParts", {
  file: Schema.String,
  differences: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const shown = this.differences.slice(0, 8).join("; ")
    return (
      `${this.file} is not of this run: ${shown}. Undo the change, or remove the folder that it lies in and compute all parts ` +
      "again."
    )
  }
}

/** There is no such part, or the run cannot be cut into so many. */
export class NoSuchPart extends Schema.TaggedError<NoSuchPart>()("NoSuchPart", {
  asked: Schema.String,
  problem: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `--part ${this.asked}: ${this.problem}. ${this.remedy}.`
  }
}

/** Another process computes the part, or merges the parts. */
export class PartBusy extends Schema.TaggedError<PartBusy>()("PartBusy", {
  what: Schema.String,
  host: Schema.String,
  pid: Schema.Int
}) {
  override get message(): string {
    return `${this.what} by process ${this.pid} on ${this.host}. Wait until it has ended, or end it.`
  }
}

/** Parts are missing, or cannot be added. */
export class PartsNotWhole extends Schema.TaggedError<PartsNotWhole>()("PartsNotWhole", {
  folder: Schema.String,
  problems: Schema.Array(Schema.String),
  remedy: Schema.String
}) {
  override get message(): string {
    const rest = this.problems.length - 12
    const named = this.problems.slice(0, 12).join("; ") + (rest > 0 ? `; and ${rest} more` : "")
    return `${this.folder}: the parts cannot be merged: ${named}. ${this.remedy}.`
  }
}

/** A run that was cut into parts is asked for whole. */
export class PartsThere extends Schema.TaggedError<PartsThere>()("PartsThere", {
  folder: Schema.String,
  parts: Schema.Int
}) {
  override get message(): string {
    return (
      `output.path: ${this.folder} holds ${this.parts} parts of a run. Go on with them (--part K/${this.parts}, then lnm merge), or give ` +
      "--fresh, which removes them and begins anew."
    )
  }
}
