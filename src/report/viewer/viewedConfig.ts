/** What the viewer takes from the config in a manifest, whichever version of the package wrote it: keys that are not there are left out. */
import { Option, Schema } from "effect"

const ViewedConfig = Schema.Struct({
  method: Schema.optionalKey(Schema.String),
  lesions: Schema.optionalKey(
    Schema.Struct({
      weights: Schema.optionalKey(Schema.Literals(["binary", "values"])),
      threshold: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
      values: Schema.optionalKey(Schema.NullOr(Schema.Union([Schema.Finite, Schema.Array(Schema.Finite)])))
    })
  ),
  statistics: Schema.optionalKey(
    Schema.Struct({
      t_threshold: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
      fdr_alpha: Schema.optionalKey(Schema.Finite)
    })
  ),
  parcellations: Schema.optionalKey(
    Schema.Array(Schema.Struct({ name: Schema.String, path: Schema.String, labels: Schema.optionalKey(Schema.String) }))
  ),
  report: Schema.optionalKey(
    Schema.Union([Schema.Boolean, Schema.Struct({ background: Schema.optionalKey(Schema.String) })])
  ),
  output: Schema.optionalKey(Schema.Struct({ grid: Schema.optionalKey(Schema.String) }))
})

export type ViewedConfig = typeof ViewedConfig.Type

const decode = Schema.decodeUnknownOption(ViewedConfig)

export const viewedConfig = (config: unknown): ViewedConfig => Option.getOrElse(decode(config), () => ({}))
