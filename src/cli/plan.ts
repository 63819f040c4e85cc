/** `lnm plan`: checks everything that can be checked without computing, and says what the run will take. */
import { Console, Effect } from "effect"
import { printable } from "../runtime/printable.ts"
import { type Warning, Warnings } from "../runtime/Warnings.ts"
import { type ConfigOptions, planRun } from "./openConfig.ts"
import { styleOn } from "./style.ts"

export interface PlanOptions extends ConfigOptions {
  readonly json: boolean
  /** Whether about two seconds are spent on measuring how long the run will take. */
  readonly calibrate: boolean
}

export const plan = Effect.fnUntraced(function* (options: PlanOptions) {
  const { text, json } = yield* planRun(options, { fresh: false, describeOnly: true, calibrates: options.calibrate })
  const warnings = yield* (yield* Warnings).all
  const { warning } = styleOn(process.stdout)
  const toldAbove = process.stdout.isTTY && process.stderr.isTTY
  const warningLine = ({ file, found, taken }: Warning) =>
    `${warning("warning")}     ${printable(`${file}: ${found}. ${taken}.`)}`
  const lines = [
    ...text,
    ...(toldAbove && warnings.length > 0
      ? [`${warning("warnings")}    ${warnings.length}, told above`]
      : warnings.map(warningLine))
  ]
  yield* Console.log(options.json ? JSON.stringify({ ...json, warnings }, null, 2) : lines.join("\n"))
}, Effect.scoped)
