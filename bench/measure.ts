/**
 * Runs commands as whole processes. `measure` also tells what they took; both throw where a command fails, with what it
 * said, so that no benchmark goes on from a broken run.
 */
import { spawn } from "node:child_process"
import { readFile } from "node:fs/promises"
import path from "node:path"

/** Debian's Python, which has numpy, scipy, h5py and nibabel as packages. */
export const python = process.env.LNM_BENCH_PYTHON ?? "/usr/bin/python3"

export interface Measured {
  readonly wallSeconds: number
  readonly userSeconds: number
  readonly systemSeconds: number
  /** Peak resident memory. */
  readonly peakBytes: number
  /** Read from the disk, since it was not in the page cache. */
  readonly diskBytes: number
}

export const coreSeconds = ({ userSeconds, systemSeconds }: Measured): number => userSeconds + systemSeconds

export class CommandFailed extends Error {}

/** Runs a command to its end; what it wrote to standard output. */
export const capture = (command: ReadonlyArray<string>, env: NodeJS.ProcessEnv = process.env): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command[0]!, command.slice(1), { env, stdio: ["ignore", "pipe", "pipe"] })
    let [stdout, stderr] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text
    })
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text
    })
    child.on("error", reject)
    child.on("close", (code, signal) => {
      if (code === 0) resolve(stdout)
      else reject(new CommandFailed(`${command.join(" ")}\nfailed with ${code ?? signal}:\n${stdout}${stderr}`))
    })
  })

/** @param folder for the measurement's own file */
export const measure = async (
  folder: string,
  command: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv = process.env
): Promise<Measured> => {
  const result = path.join(folder, "measured.json")
  await capture([python, "-B", path.join(import.meta.dirname, "measure.py"), result, ...command], env)
  return JSON.parse(await readFile(result, "utf8")) as Measured
}
