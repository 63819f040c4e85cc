/**
 * How a command ends badly: one message for a person, and an exit code for a script.
 *
 *     2  config, usage or input is wrong; nothing was computed
 *     1  failed while running
 *     4  not as locked
 */
import { Effect, Runtime } from "effect"

export const exitCodes = { runFailed: 1, inputWrong: 2, notAsLocked: 4, interrupted: 130 } as const

export class CommandFailed extends Error {
  readonly _tag = "CommandFailed"
  override readonly [Runtime.errorExitCode]: number

  constructor(cause: Error, exitCode: number) {
    super(cause.message, { cause })
    this[Runtime.errorExitCode] = exitCode
  }
}

/** For what happens before anything is computed: failures mean that config, usage or input is wrong. */
export const checking = Effect.mapError((error: Error) => new CommandFailed(error, exitCodes.inputWrong))

/** For what happens from then on. */
export const running = Effect.mapError((error: Error) => new CommandFailed(error, exitCodes.runFailed))
