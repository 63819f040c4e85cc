/** `lnm schema`: the JSON Schema of the configs of all pipelines. */
import { Console, Effect } from "effect"
import { Pipelines } from "../../pipelines/registry.ts"
import { anyConfigJsonSchema } from "../config/configSchema.ts"

export const schema = Effect.flatMap(Pipelines, (pipelines) =>
  Console.log(JSON.stringify(anyConfigJsonSchema(pipelines), null, 2))
)
