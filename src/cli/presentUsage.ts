/**
 * How wrong usage is told: as every other failure, by one message on standard error that says what is wrong and where
 * to read on. Help that was asked for goes to standard output, as is usual.
 */
import { Console } from "effect"
import { CliOutput } from "effect/cli"
import { printable } from "../runtime/printable.ts"
import { styleOn } from "./style.ts"

export const presentUsage = CliOutput.layerPresenter({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error(
          `${styleOn(process.stderr).failure("error:")} ${event.errors.map(({ message }) => printable(onOneLine(message))).join(" ")} ` +
            `Run \`${event.commandPath.join(" ")} --help\` to see how it is used.`
        )
      : CliOutput.defaultPresenter.present(event)
})

/** Puts a usage error and its suggestions into one sentence. */
const onOneLine = (message: string): string => {
  const [problem = "", suggestions] = message.split(/\s*Did you mean this\?\s*/)
  return suggestions === undefined
    ? `${problem}.`
    : `${problem}; did you mean ${suggestions.trim().split(/\s+/).join(" or ")}?`
}
