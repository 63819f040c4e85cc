/**
 * Whether the command was started with nohup, which has it go on when the terminal closes. Node takes back what nohup has set before any of
 * our code runs; what is left of it is standard input, in whose place nohup has put /dev/null, open for writing only.
 *
 * Plain JavaScript, since the launcher needs it before any source is translated.
 */
import { readFileSync, readlinkSync } from "node:fs"

/** The lowest bits of a file's flags that say what it is open for, and their value for writing only (open(2)). */
const accessMode = 0o3
const writeOnly = 0o1

/**
 * @param {string} target What standard input leads to.
 * @param {string} info The content of /proc/self/fdinfo/0.
 */
export const isInputOfNohup = (target, info) => {
  const flags = /^flags:\s*([0-7]+)$/m.exec(info)?.[1]
  return target === "/dev/null" && flags !== undefined && (Number.parseInt(flags, 8) & accessMode) === writeOnly
}

/** The same of this process; false where the system does not say. */
export const isUnderNohup = () => {
  try {
    return isInputOfNohup(readlinkSync("/proc/self/fd/0"), readFileSync("/proc/self/fdinfo/0", "utf8"))
  } catch {
    return false
  }
}
