/** How progress is shown: `--progress`, and whether standard error is a terminal. */
import { Effect, Stdio } from "effect"
import { Progress } from "../runtime/Progress.ts"

export type ProgressKind = "auto" | "plain" | "json" | "off"

export const progressLayer = Effect.fnUntraced(function* (kind: ProgressKind) {
  const write = (text: string): void => void process.stderr.write(text)
  if (kind === "off") return Progress.layerOff
  if (kind === "json") return Progress.layerJson(write)
  const stdio = yield* Stdio.Stdio
  return kind === "auto" && (yield* stdio.stderrIsTerminal) ? Progress.layerBar(write) : Progress.layerPlain(write)
})
