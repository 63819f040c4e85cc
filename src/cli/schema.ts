/** `lnm schema`: the JSON Schema of the configs of all pipelines. */
import { Console, Effect } from "effect"
import { registry } from "../../pipelines/registry.ts"
import { anyConfigJsonSchema } from "../config/configSchema.ts"

export const schema = Effect.suspend(() => Console.log(JSON.stringify(anyConfigJsonSchema(registry), null, 2)))
