/** Opens an address in the person's browser, where there is one to be opened: a failure is none of the command's. */
import { spawn } from "node:child_process"
import { Effect } from "effect"

/** The program that opens addresses; undefined where no window can be opened. */
export const openerOf = (platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string | undefined => {
  if (platform === "darwin") return "open"
  return environment.DISPLAY || environment.WAYLAND_DISPLAY ? "xdg-open" : undefined
}

/** Whether a program was asked to open it. */
export const openAddress = (address: string): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const opener = openerOf(process.platform, process.env)
    if (opener === undefined) return resume(Effect.succeed(false))
    const child = spawn(opener, [address], { stdio: "ignore", detached: true })
    child.once("error", () => resume(Effect.succeed(false)))
    child.once("spawn", () => resume(Effect.succeed(true)))
    child.unref()
  })
