/** `lnm schema`: the JSON Schema of the configs of all pipelines. */
import { Console, Effect } from "effect"
import { anyConfigJsonSchema } from "../config/configSchema.ts"

export const schema = Effect.suspend(() => Console.log(JSON.stringify(anyConfigJsonSchema(), null, 2)))
