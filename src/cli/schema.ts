/** `lnm schema`: the config's JSON Schema. */
import { Console, Effect } from "effect"
import { configJsonSchema } from "../runtime/configSchema.ts"

export const schema = Effect.suspend(() => Console.log(JSON.stringify(configJsonSchema(), null, 2)))
