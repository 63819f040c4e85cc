/** What a person reads at the end of a run: what it has made, its warnings, and what to do next. */
import type { MadeResults, RunEnd } from "../../pipelines/PipelineEntry.ts"
import { printable } from "../runtime/printable.ts"
import { nextCommands } from "./nextCommands.ts"
import type { Style } from "./style.ts"

/** Warnings that are told again; more are counted. */
const mostTold = 3

/** @param more lines that come after those of the pipeline */
export const endOfRun = ({ text, made }: RunEnd, style: Style, more: ReadonlyArray<string> = []): string =>
  [text, ...more, ...(made === undefined ? [] : [...warningsOf(made, style), ...nextOf(made, style)])].join("\n")

const warningsOf = ({ warnings, warningsIn }: MadeResults, style: Style): ReadonlyArray<string> => {
  if (warnings.length === 0) return []
  const count = warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`
  const told = warnings.slice(0, mostTold).map(({ file, found }) => `  ${printable(`${file}: ${found}`)}`)
  const rest = warnings.length - told.length
  return [
    "",
    `${style.warning(count)}, in full in ${printable(warningsIn)}:`,
    ...told,
    ...(rest > 0 ? [`  and ${rest} more there`] : [])
  ]
}

const nextOf = (made: MadeResults, style: Style): ReadonlyArray<string> => {
  const commands = nextCommands(made)
  return commands.length === 0
    ? []
    : ["", "next:", ...commands.flatMap(({ command, does }) => [`  ${style.strong(command)}`, `      ${does}`])]
}
