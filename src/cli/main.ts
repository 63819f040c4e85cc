/** The process of the `lnm` command: its standard streams, signals and exit code. */
import { constants } from "node:os"
import { Cause, Console, Effect, Exit, Runtime } from "effect"
import { Interruption, makeInterruption, type RequestableInterruption } from "../runtime/Interruption.ts"
import { isUnderNohup } from "../runtime/nohup.js"
import { runLnm, teardown } from "./lnm.ts"
import { consoleBesideProgress, watchStandardStreams } from "./standardStreams.ts"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/**
 * Runs the command with these arguments, and ends the process where it was interrupted or failed: with 128 and the signal's number,
 * or the code that the failure has. The signal handlers are there when this returns.
 */
export const runMain = (args: ReadonlyArray<string>): void => {
  watchStandardStreams()
  const interruption = makeInterruption()
  const command = runLnm(args).pipe(
    Effect.provideService(Console.Console, consoleBesideProgress),
    Effect.provideService(Interruption, interruption)
  )
  runInterruptibly(interruption)(command, { disableErrorReporting: true, teardown })
}

/** A launcher and a terminal may both send a signal: what comes so soon after the first is the same one. */
const sameSignalMillis = 500

/**
 * The first signal asks work that can be gone on with to end at a good place, and interrupts all other work; the second ends the process at
 * once. Under nohup a hang-up does nothing.
 */
const runInterruptibly = (interruption: RequestableInterruption) =>
  Runtime.makeRunMain(({ fiber, teardown }) => {
    let received: { readonly signal: (typeof signals)[number]; readonly at: number } | undefined
    const exitCode = () => 128 + constants.signals[received?.signal ?? "SIGINT"]
    const hangsOn = isUnderNohup()
    const interrupt = (signal: (typeof signals)[number]) => {
      if (signal === "SIGHUP" && hangsOn) return
      if (received !== undefined) {
        if (performance.now() - received.at > sameSignalMillis) process.exit(exitCode())
        return
      }
      received = { signal, at: performance.now() }
      if (interruption.request()) {
        consoleBesideProgress.error(
          "stopping: what has been computed is kept; once more ends at once, and keeps the last checkpoint"
        )
      } else fiber.interruptUnsafe(fiber.id)
    }
    for (const signal of signals) process.on(signal, interrupt)
    fiber.addObserver((exit) => {
      if (Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)) {
        consoleBesideProgress.error("interrupted: no file is left half-written")
        process.exit(exitCode())
      }
      teardown(exit, (code) => {
        if (code !== 0) process.exit(received === undefined ? code : exitCode())
        if (received !== undefined) process.exit(code)
      })
      for (const signal of signals) process.off(signal, interrupt)
    })
  })
