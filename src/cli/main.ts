/** The process of the `lnm` command: its standard streams, signals and exit code. */
import { constants } from "node:os"
import { Cause, Console, Effect, Exit, Runtime } from "effect"
import { runLnm, teardown } from "./lnm.ts"
import { consoleBesideProgress, watchStandardStreams } from "./standardStreams.ts"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/**
 * Runs the command with these arguments, and ends the process where it was interrupted or failed: with 128 and the signal's number,
 * or the code that the failure has. The signal handlers are there when this returns.
 */
export const runMain = (args: ReadonlyArray<string>): void => {
  watchStandardStreams()
  runInterruptibly(Effect.provideService(runLnm(args), Console.Console, consoleBesideProgress), {
    disableErrorReporting: true,
    teardown
  })
}

const runInterruptibly = Runtime.makeRunMain(({ fiber, teardown }) => {
  let received: (typeof signals)[number] | undefined
  // A signal that comes again while the run is cleaning up, as a launcher and a terminal may send both, is the same one.
  const interrupt = (signal: (typeof signals)[number]) => {
    received ??= signal
    fiber.interruptUnsafe(fiber.id)
  }
  for (const signal of signals) process.on(signal, interrupt)
  fiber.addObserver((exit) => {
    if (Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)) {
      consoleBesideProgress.error("interrupted: no file is left half-written")
      process.exit(128 + constants.signals[received ?? "SIGINT"])
    }
    teardown(exit, (code) => {
      if (received !== undefined || code !== 0) process.exit(code)
    })
    for (const signal of signals) process.off(signal, interrupt)
  })
})
