/** A stage before reduce gave a z that is NaN, or so large that sums over all subjects of the study could overflow. */
import { Schema } from "effect"

/** A z is NaN, or beyond ±`largestZ`, up to which sums over all subjects are exact. */
export class UnboundedZ extends Schema.TaggedError<UnboundedZ>()("UnboundedZ", {
  file: Schema.String,
  subject: Schema.String,
  largestZ: Schema.Number
}) {
  override get message(): string {
    return (
      `${this.file}: subject ${this.subject}: a z is NaN or beyond ±${this.largestZ.toFixed(1)}, and could not be summed ` +
      "exactly. Have the stages between fisherZ and reduce keep z within that."
    )
  }
}
