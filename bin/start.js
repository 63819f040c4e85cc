// Starts the command in this process: what holds from its first moment on, before the sources are loaded.
import { existsSync } from "node:fs"
import module from "node:module"
import { constants } from "node:os"
import v8 from "node:v8"
import { endWithLauncher } from "./launcherChannel.js"

const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])

/**
 * Most pages of a WebAssembly memory, of 64 KiB each, while the sources are loaded: Node's translator of TypeScript sets no bound, and
 * would reserve 4 GiB for good. It takes a tenth of these 256 MiB. Then V8's own default again.
 */
const translatorPages = 4096
const allPages = 2 ** 32 - 1

/** @param {URL} sources The folder of the sources, or of the compiled ones. */
export const start = async (sources) => {
  const { isUnderNohup } = await import(new URL("runtime/nohup.js", sources).href)
  hangsOn = isUnderNohup()
  for (const signal of signals) process.on(signal, interruptedEarly)
  endWithLauncher()
  // Loaded modules are long-lived. Without this flag, loading them grows V8's young generation to 32 MB for the whole run.
  v8.setFlagsFromString("--semi-space-growth-factor=1")
  await keepCompiledCode(sources)
  const { addressSpaceLimit } = await import(new URL("runtime/addressSpaceLimit.js", sources).href)
  const isLimited = Number.isFinite(addressSpaceLimit())
  if (isLimited) v8.setFlagsFromString(`--wasm-max-mem-pages=${translatorPages}`)
  const main = ["cli/main.ts", "cli/main.js"].map((name) => new URL(name, sources)).find((file) => existsSync(file))
  const { runMain } = await import(/** @type {URL} */ (main).href)
  if (isLimited) v8.setFlagsFromString(`--wasm-max-mem-pages=${allPages}`)
  runMain(process.argv.slice(2))
  for (const signal of signals) process.off(signal, interruptedEarly)
}

/** Whether a hang-up does nothing. */
let hangsOn = false

/** @param {NodeJS.Signals} signal A signal that comes while the command is still being loaded. */
const interruptedEarly = (signal) => {
  if (signal === "SIGHUP" && hangsOn) return
  console.error("interrupted: nothing was done")
  process.exit(128 + constants.signals[signal])
}

/**
 * Keeps compiled code in a folder of the user's own. Node's default lies in the shared temporary folder, where another user could
 * put code into it, and Node tries forever to make it where that folder cannot be made. NODE_COMPILE_CACHE is the user's own wish.
 *
 * @param {URL} sources
 */
const keepCompiledCode = async (sources) => {
  if (process.env.NODE_COMPILE_CACHE) return
  const { userCacheFolder } = await import(new URL("runtime/cacheFolder.js", sources).href)
  const folder = userCacheFolder("node-compile-cache")
  if (folder === undefined) return
  const { directory } = module.enableCompileCache(folder)
  // Worker threads know of it only by their environment. In a checkout they start in half the time with it.
  if (directory !== undefined) process.env.NODE_COMPILE_CACHE = folder
}
