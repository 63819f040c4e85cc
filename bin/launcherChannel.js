// The channel between the launcher and the Node that it has started: the child says that it runs, and hears when the launcher is gone.

/** Set for a child that is to end with its launcher. A program that starts `lnm` over a channel of its own does not mean that. */
export const launcherVariable = "LNM_STARTED_BY_LAUNCHER"

/** In the child: tells the launcher that Node runs, and ends like after SIGTERM when the launcher has ended in whatever way. */
export const endWithLauncher = () => {
  if (process.env[launcherVariable] === undefined || process.channel == null) return
  delete process.env[launcherVariable]
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"))
  process.send?.("started", undefined, undefined, () => {})
  // It keeps no finished command from ending.
  process.channel.unref()
}
