import { Schema } from "effect"

/** A table or an atlas of seeds cannot be used: all that is wrong with it. */
export class InvalidSeeds extends Schema.TaggedError<InvalidSeeds>()("InvalidSeeds", {
  file: Schema.String,
  problems: Schema.Array(Schema.String),
  remedy: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    const [first, ...others] = this.problems
    const found = others.length === 0 ? `${this.file}: ${first}` : `${this.file}:\n  ${this.problems.join("\n  ")}`
    return `${found}${others.length === 0 ? ". " : "\n"}${this.remedy}.`
  }
}
