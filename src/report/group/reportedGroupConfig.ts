/** What the report takes from the config in a group's manifest, whichever version of the package wrote it: keys that are not there are left out. */
import { Option, Schema } from "effect"

const ReportedGroupConfig = Schema.Struct({
  contrasts: Schema.optionalKey(Schema.Array(Schema.Struct({ name: Schema.String }))),
  overlap: Schema.optionalKey(
    Schema.NullOr(
      Schema.Struct({
        t: Schema.optionalKey(Schema.Finite),
        share: Schema.optionalKey(Schema.Finite)
      })
    )
  ),
  predict: Schema.optionalKey(
    Schema.NullOr(
      Schema.Struct({
        of: Schema.optionalKey(Schema.String),
        covariates: Schema.optionalKey(Schema.Array(Schema.String)),
        folds: Schema.optionalKey(Schema.Unknown),
        permutations: Schema.optionalKey(Schema.Finite),
        blocks: Schema.optionalKey(Schema.NullOr(Schema.String))
      })
    )
  )
})

export type ReportedGroupConfig = typeof ReportedGroupConfig.Type

const decode = Schema.decodeUnknownOption(ReportedGroupConfig)

export const reportedGroupConfig = (config: unknown): ReportedGroupConfig =>
  Option.getOrElse(decode(config), () => ({}))
