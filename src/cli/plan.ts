/** `lnm plan`: checks everything that can be checked without computing, and says what the run will take. */
import { Console, Effect } from "effect"
import { printable } from "../runtime/printable.ts"
import { Warnings } from "../runtime/Warnings.ts"
import { type ConfigOptions, planRun } from "./openConfig.ts"

export const plan = Effect.fnUntraced(function* (options: ConfigOptions & { readonly json: boolean }) {
  const { text, json } = yield* planRun(options, { fresh: false, describeOnly: true })
  const warnings = yield* (yield* Warnings).all
  const lines = [
    ...text,
    ...warnings.map(({ file, found, taken }) => printable(`warning     ${file}: ${found}. ${taken}.`))
  ]
  yield* Console.log(options.json ? JSON.stringify({ ...json, warnings }, null, 2) : lines.join("\n"))
}, Effect.scoped)
