// What to say where the command's own Node is missing, cannot be run, or has not come to its end.
import { spawnSync } from "node:child_process"
import { isOwnNodeInstalled } from "./ownNode.js"

const remedy =
  "Run lnm with a Node 24 or newer that runs on this machine (https://nodejs.org/en/download): /path/to/node bin/lnm.js."

/** @param {number} oldestNode */
export const explainMissingNode = (oldestNode) => {
  const found = `error: lnm needs Node ${oldestNode} or newer, and this is Node ${process.versions.node} (${process.execPath}).`
  return isOwnNodeInstalled()
    ? `${found} The install script of the package \`node\`, which fetches one, did not run: install scripts are switched off here. ` +
        "Run it in the folder of the repository: `npm rebuild node --ignore-scripts=false`; or install a newer Node."
    : `${found} Install a newer Node; in a clone of the repository, \`npm ci\` does.`
}

/**
 * @param {string} node
 * @param {NodeJS.ErrnoException} cause
 */
export const explainFailedStart = (node, { code, message }) => {
  const reason =
    code === "EACCES" || code === "EPERM"
      ? `may not be run (${code}: the file is not executable, or its disk is mounted noexec)`
      : code === "ENOENT"
        ? "cannot be run: the system has no loader for it (it is made for Linux with glibc)"
        : code === "EAGAIN" || code === "ENOMEM"
          ? `could not be started: no memory, or too many processes (${code}; ulimit -u)`
          : `could not be started: ${message}`
  return `error: ${node} ${reason}. ${remedy}`
}

/**
 * @param {{ node: string, hasStarted: boolean, code: number | null, signal: NodeJS.Signals | null }} end
 * @returns {string | undefined} Undefined where the command has said itself what there was to say.
 */
export const explainUnfinished = ({ node, hasStarted, code, signal }) => {
  if (signal !== null) return explainSignal(signal, hasStarted)
  return hasStarted || code === 0 ? undefined : explainLoader(node)
}

/**
 * @param {NodeJS.Signals} signal
 * @param {boolean} hasStarted
 */
const explainSignal = (signal, hasStarted) => {
  switch (signal) {
    case "SIGINT":
    case "SIGTERM":
    case "SIGHUP":
      return hasStarted ? "interrupted" : "interrupted: nothing was done"
    case "SIGKILL":
      return (
        "error: lnm was ended by SIGKILL. The likely cause is that the machine, or the job's memory limit, ran out of memory: " +
        "lower compute.memory (--memory), or ask for a job with more memory. No map is left half-written; run again."
      )
    case "SIGXCPU":
      return "error: lnm was ended by SIGXCPU: the limit on the time of computing is used up (ulimit -t). Ask for more, and run again."
    default:
      return (
        `error: lnm was ended by ${signal}: Node itself failed. Where it says that it is out of memory, the limits of this shell or job ` +
        "are the likely cause (ulimit -v, h_vmem): raise them, or lower compute.workers. No map is left half-written; run again."
      )
  }
}

/**
 * What is wrong with a Node that ended before the command began. The loader has told in its own words what it lacks; this is what
 * that means. Undefined where Node does run.
 *
 * @param {string} node
 */
const explainLoader = (node) => {
  const { status, stderr } = spawnSync(node, ["--version"], { encoding: "utf8" })
  if (status === 0) return undefined
  const missing = /error while loading shared libraries: (\S+):/.exec(stderr ?? "")?.[1]
  if (/GLIBC/.test(stderr ?? "")) return explainOldLibrary(node)
  return missing === undefined
    ? `error: ${node} does not run: it is made for another kind of machine, or damaged. Run \`npm ci\` on this machine. ${remedy}`
    : `error: ${node} does not run: this system lacks the library ${missing}. Install it. ${remedy}`
}

/** @param {string} node */
const explainOldLibrary = (node) => {
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport())
  const has = header.glibcVersionRuntime === undefined ? "" : ` (this system has ${header.glibcVersionRuntime})`
  return (
    `error: ${node} does not run on this system: Node 24 needs glibc 2.28 or newer${has}, as Debian 10, Ubuntu 20.04, RHEL 8 and later have. ` +
    "Use a newer machine of the cluster, or a container (Apptainer, Docker) with Node 24."
  )
}
