/** Whether a proxy is asked for that this Node does not heed. */
import type { Warning } from "../runtime/Warnings.ts"

/** The first Node whose own client heeds proxies of the environment. */
const oldest = [24, 5] as const

const variables = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]

export const proxyWarnings = (version: string, environment: NodeJS.ProcessEnv): ReadonlyArray<Warning> => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  const isOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1])
  const variable = variables.find((name) => environment[name])
  if (!isOld || variable === undefined) return []
  const found = `it is set, and Node ${version} heeds no proxies`
  return [{ file: variable, found, taken: "The server is asked directly; Node 24.5 or later goes through the proxy" }]
}
