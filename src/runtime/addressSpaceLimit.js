/**
 * The limit on the address space of a process (`ulimit -v`; batch systems set it as h_vmem or pvmem). Reserved addresses count, also
 * those that never become memory, and V8 reserves much: where it gets none, it ends the process with a native stack trace.
 *
 * Plain JavaScript, since the launcher needs it before any source is translated.
 */
import { readFileSync } from "node:fs"

/** More than any run reserves: 1,024 threads with guarded memories take 10 TiB. A limit from here on is none. */
const moreThanAnyRun = 2 ** 44

/**
 * @param {string} limits The content of /proc/self/limits.
 * @returns {number} The soft limit in bytes; Infinity where there is none.
 */
export const addressSpaceLimitOf = (limits) => {
  const bytes = /^Max address space\s+(\d+)/m.exec(limits)?.[1]
  return bytes === undefined || Number(bytes) >= moreThanAnyRun ? Number.POSITIVE_INFINITY : Number(bytes)
}

/** The limit of this process; Infinity where there is none, or the system does not say. */
export const addressSpaceLimit = () => {
  try {
    return addressSpaceLimitOf(readFileSync("/proc/self/limits", "utf8"))
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
