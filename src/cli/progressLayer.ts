/** How progress is shown: `--progress`, and whether standard error is a terminal that can draw over a row. */
import { Effect, Stdio } from "effect"
import { Progress } from "../runtime/Progress.ts"
import { liveViewOn } from "./liveView.ts"
import { drawBeside, writeProgress } from "./standardStreams.ts"
import { styleOn } from "./style.ts"

export type ProgressKind = "auto" | "plain" | "json" | "off"

export const progressLayer = Effect.fnUntraced(function* (kind: ProgressKind) {
  if (kind === "off") return Progress.layerOff
  if (kind === "json") return Progress.layerJson(writeProgress)
  const stdio = yield* Stdio.Stdio
  if (kind === "plain" || process.env.TERM === "dumb" || !(yield* stdio.stderrIsTerminal)) {
    return Progress.layerPlain(writeProgress)
  }
  const view = yield* liveViewOn(process.stderr, styleOn(process.stderr).dim)
  drawBeside(view)
  return Progress.layerLive(view)
})
