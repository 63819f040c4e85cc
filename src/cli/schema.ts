/** `lnm schema`: the JSON Schema of the configs of all pipelines, of the lines of `--progress json`, or of `plan --json`. */
import { Console, Effect } from "effect"
import { Pipelines } from "../../pipelines/registry.ts"
import { anyConfigJsonSchema, closedJsonSchema, type JsonSchemaNode } from "../config/configSchema.ts"
import { Event } from "../runtime/progressEvents.ts"

export const schema = Effect.fnUntraced(function* ({
  ofProgress,
  ofPlan
}: {
  readonly ofProgress: boolean
  readonly ofPlan: boolean
}) {
  const wanted = ofProgress
    ? progressJsonSchema()
    : ofPlan
      ? yield* planJsonSchema
      : anyConfigJsonSchema(yield* Pipelines)
  yield* Console.log(JSON.stringify(wanted, null, 2))
})

/** Also at `docs/progress.schema.json`. */
export const progressJsonSchema = (): JsonSchemaNode => closedJsonSchema(Event, "A line of lnm run --progress json")

/** Also at `docs/plan.schema.json`. */
const planJsonSchema = Effect.map(
  Effect.promise(() => import("../../pipelines/functional-network-mapping/planReport.ts")),
  ({ PrintedPlan }) => closedJsonSchema(PrintedPlan, "What lnm plan --json prints of functional-network-mapping")
)
