/** What can be wrong with a function of the user's over the z of a tile. */
import { Schema } from "effect"
import type { TileFunctionSource } from "./TileFunction.ts"

const fields = {
  stage: Schema.String,
  module: Schema.String,
  export: Schema.String,
  problem: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}

/** The module cannot be loaded, has no such function, or the parameters cannot be sent to a worker. Nothing was computed. */
export class TileFunctionMissing extends Schema.TaggedError<TileFunctionMissing>()("TileFunctionMissing", fields) {
  override get message(): string {
    return `${describe(this)} cannot be used: ${this.problem}. Correct \`module\`, \`export\` or \`parameters\` of the stage.`
  }
}

/** The function threw, or is asynchronous. */
export class TileFunctionFailed extends Schema.TaggedError<TileFunctionFailed>()("TileFunctionFailed", fields) {
  override get message(): string {
    return (
      `${describe(this)} failed: ${this.problem}. It is given the z of a tile, and numbers that only fill it up, and ` +
      "must change them in place."
    )
  }
}

const describe = ({ stage, module, export: name }: { stage: string; module: string; export: string }): string =>
  `stage ${stage}: the function ${name} of ${module}`

/** The fields of such an error. */
export const unusable = ({ name, module, export: exported }: TileFunctionSource, cause: unknown) => ({
  stage: name,
  module,
  export: exported,
  problem: cause instanceof Error ? cause.message : String(cause),
  cause
})
