// Runs the command in a Node of its own, as if it ran here: same streams, signals go on to it, its exit code is this process's.
import { spawn } from "node:child_process"
import { constants } from "node:os"
import { fileURLToPath } from "node:url"
import { explainFailedStart, explainMissingNode, explainUnfinished } from "./childProblems.js"
import { launcherVariable } from "./launcherChannel.js"
import { findOwnNode } from "./ownNode.js"

const launcher = fileURLToPath(new URL("lnm.js", import.meta.url))

/** Exit code for what is found before anything is computed. */
const inputWrong = 2

/**
 * @param {{ node: string | undefined, options: ReadonlyArray<string>, env: NodeJS.ProcessEnv, oldestNode: number }} request `node`
 *   undefined: the one that is installed with the package's tools; `env` is added to the environment.
 */
export const runInChild = ({ node = findOwnNode(), options, env, oldestNode }) => {
  if (node === undefined) return fail(explainMissingNode(oldestNode), inputWrong)
  const child = startNode(node, [...options, launcher, ...process.argv.slice(2)], env)
  if (child === undefined) return
  let hasStarted = false
  child.on("message", () => {
    hasStarted = true
  })
  // A terminal sends its Ctrl-C to both; the child takes a signal that comes twice as one.
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
    process.on(signal, () => child.kill(signal))
  child.on("error", (cause) => fail(explainFailedStart(node, cause), inputWrong))
  child.on("exit", (code, signal) => {
    const problem = explainUnfinished({ node, hasStarted, code, signal })
    if (signal !== null) return fail(problem, 128 + constants.signals[signal])
    return problem === undefined ? process.exit(code ?? 1) : fail(problem, inputWrong)
  })
}

/**
 * @param {string} node
 * @param {ReadonlyArray<string>} args
 * @param {NodeJS.ProcessEnv} env
 */
const startNode = (node, args, env) => {
  try {
    return spawn(node, args, {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
      env: { ...process.env, ...env, [launcherVariable]: "1" }
    })
  } catch (cause) {
    // Some of the system's errors are thrown, others come as an event.
    fail(explainFailedStart(node, /** @type {NodeJS.ErrnoException} */ (cause)), inputWrong)
  }
}

/**
 * @param {string | undefined} message
 * @param {number} code
 */
const fail = (message, code) => {
  if (message !== undefined) console.error(message)
  process.exit(code)
}
