/** How a preparation fails where its source cannot become a connectome. */
import { Schema } from "effect"
import type { BadScan } from "../../src/connectome/RawConnectome.ts"
import { fewestSubjects } from "../../src/kernels/numericPolicy.ts"

/** Some subjects cannot be used. */
export class BadScans extends Schema.TaggedError<BadScans>()("BadScans", {
  bad: Schema.Array(Schema.Struct({ subject: Schema.String, file: Schema.String, problem: Schema.String })),
  /** Number of subjects that are stored already; the next attempt keeps them. */
  stored: Schema.Int
}) {
  override get message(): string {
    const kept = this.stored > 0 ? `The other ${this.stored} are stored and will not be read again. ` : ""
    return (
      `${this.bad.length} subject(s) or file(s) cannot be used:\n  ${this.bad.map(describeBad).join("\n  ")}\n` +
      `${kept}Mend or remove them, or set \`on_bad_subject: skip\`, and run again.`
    )
  }
}

export const describeBad = ({ subject, file, problem }: BadScan): string => `${subject}: ${file}: ${problem}`

/** Config and source name no template space, or two different ones. */
export class StoreSpaceUnclear extends Schema.TaggedError<StoreSpaceUnclear>()("StoreSpaceUnclear", {
  path: Schema.String,
  configured: Schema.UndefinedOr(Schema.String),
  stored: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return this.configured === undefined
      ? `space: ${this.path} does not say its template space, and the config does not either. Add the BIDS label, e.g. \`space: MNI152NLin6Asym\`.`
      : `space: the config says ${this.configured}, but ${this.path} says ${this.stored}. Remove \`space\` from the config, or correct it.`
  }
}

/** Too few subjects are left for a connectome. */
export class TooFewSubjects extends Schema.TaggedError<TooFewSubjects>()("TooFewSubjects", {
  path: Schema.String,
  subjects: Schema.Int,
  bad: Schema.Int
}) {
  override get message(): string {
    return (
      `${this.path}: ${this.subjects} subject(s) can be used and ${this.bad} cannot. ` +
      `A statistic over subjects needs at least ${fewestSubjects}.`
    )
  }
}
