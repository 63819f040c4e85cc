/** The one way in which writing a store fails: the system does not take a file. */
import { Schema } from "effect"

/** A file of a store could not be written. What was written of other subjects stays, to go on from. */
export class StoreNotWritten extends Schema.TaggedError<StoreNotWritten>()("StoreNotWritten", {
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return (
      `${this.file} could not be written: ${this.problem}. ` +
      "The subjects that are finished are kept: run again when mended, and it goes on after them."
    )
  }
}
