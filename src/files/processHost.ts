/**
 * Where a process number means one process: this host, or on Linux a container on it, in which processes are numbered anew. Containers may have
 * the host's own name (`docker run --network host`), and the first process of each has the number 1.
 */
import { readlinkSync } from "node:fs"
import { hostname } from "node:os"

/** What Linux calls the numbering of the host's own processes (PROC_PID_INIT_INO in its sources). */
const numberingOfHost = "4026531836"

/** The name of the host, and behind it that of the container where there is one. */
export const processHost = (): string => {
  const numbering = ownNumbering()
  return numbering === undefined || numbering === numberingOfHost
    ? hostname()
    : `${hostname()} (container ${numbering})`
}

/** Undefined where the system has no /proc, or no namespaces. */
const ownNumbering = (): string | undefined => {
  try {
    return /^pid:\[(\d+)\]$/.exec(readlinkSync("/proc/self/ns/pid"))?.[1]
  } catch {
    return undefined
  }
}
