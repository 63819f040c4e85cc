/** The maps or the table of the patients cannot be used. Found before anything is computed. */
import { Schema } from "effect"

export class InvalidCohort extends Schema.TaggedError<InvalidCohort>()("InvalidCohort", {
  file: Schema.String,
  problem: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. ${this.remedy}.`
  }
}
