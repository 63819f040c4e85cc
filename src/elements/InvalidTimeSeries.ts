import { Schema } from "effect"

/** A voxel or a seed without variance, or with a NaN or infinity, where the config has `invalid: error`. */
export class InvalidTimeSeries extends Schema.TaggedError<InvalidTimeSeries>()("InvalidTimeSeries", {
  file: Schema.String,
  subject: Schema.String,
  invalidVoxels: Schema.Int,
  invalidSeeds: Schema.Int
}) {
  override get message(): string {
    return (
      `${this.file}: subject ${this.subject}: ${this.invalidVoxels} voxels and ${this.invalidSeeds} seeds have no ` +
      "variance or hold a NaN or infinity. Remove the subject or mend its data, or set `invalid: zero`."
    )
  }
}
