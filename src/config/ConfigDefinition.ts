/** What the config loader must know of a pipeline: the name that a config's key `pipeline` has, its Schema, and its paths. */
import type { Schema } from "effect"

export interface ConfigDefinition<Config> {
  readonly name: string
  readonly schema: Schema.Codec<Config, unknown>
  /** The config with every path as `resolve` makes it. */
  readonly resolvePaths: (config: Config, resolve: (location: string) => string) => Config
}

/** A definition of any config. */
// biome-ignore lint/suspicious/noExplicitAny: a config is decoded and resolved by one and the same definition
export type AnyConfigDefinition = ConfigDefinition<any>
