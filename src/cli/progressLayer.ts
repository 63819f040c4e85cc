/** How progress is shown: `--progress`, and whether standard error is a terminal. */
import { Effect, Stdio } from "effect"
import { Progress } from "../runtime/Progress.ts"
import { writeProgress } from "./standardStreams.ts"

export type ProgressKind = "auto" | "plain" | "json" | "off"

export const progressLayer = Effect.fnUntraced(function* (kind: ProgressKind) {
  if (kind === "off") return Progress.layerOff
  if (kind === "json") return Progress.layerJson(writeProgress)
  const stdio = yield* Stdio.Stdio
  return kind === "auto" && (yield* stdio.stderrIsTerminal)
    ? Progress.layerBar(writeProgress)
    : Progress.layerPlain(writeProgress)
})
