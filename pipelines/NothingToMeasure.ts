/** What `--calibrate` is refused with by a pipeline that estimates no time. */
import { Schema } from "effect"

/** `--calibrate` was given to a pipeline whose time is not estimated. */
export class NothingToMeasure extends Schema.TaggedError<NothingToMeasure>()("NothingToMeasure", {
  pipeline: Schema.String
}) {
  override get message(): string {
    return `--calibrate: the time of ${this.pipeline} is not estimated. Leave it out.`
  }
}
