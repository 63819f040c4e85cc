/** A subject that turns out to be of no use once its scan is read. */
import { Schema } from "effect"

export class BadSubject extends Schema.TaggedError<BadSubject>()("BadSubject", {
  subject: Schema.String,
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}: subject ${this.subject}: ${this.problem}`
  }
}
