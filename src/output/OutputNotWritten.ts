/** A file of an output folder could not be written during the run. */
import { Schema } from "effect"
import { reasonOf } from "../files/reasonOf.ts"

export class OutputNotWritten extends Schema.TaggedError<OutputNotWritten>()("OutputNotWritten", {
  file: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `${this.file} could not be written: ${this.reason}. Nothing is left half-written; run again when mended.`
  }

  get reason(): string {
    return reasonOf(this.cause)
  }
}
