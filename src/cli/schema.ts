/** `lnm schema`: the JSON Schema of the configs of all pipelines, or of the lines of `--progress json`. */
import { Console, Effect } from "effect"
import { Pipelines } from "../../pipelines/registry.ts"
import { anyConfigJsonSchema, closedJsonSchema, type JsonSchemaNode } from "../config/configSchema.ts"
import { Event } from "../runtime/progressEvents.ts"

export const schema = Effect.fnUntraced(function* ({ ofProgress }: { readonly ofProgress: boolean }) {
  yield* Console.log(JSON.stringify(ofProgress ? progressJsonSchema() : anyConfigJsonSchema(yield* Pipelines), null, 2))
})

/** Also at `docs/progress.schema.json`. */
export const progressJsonSchema = (): JsonSchemaNode => closedJsonSchema(Event, "A line of lnm run --progress json")
