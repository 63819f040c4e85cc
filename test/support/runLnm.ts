/** Runs the `lnm` command as a person does: as a process of its own, judged by its exit code and what it prints. */
import { type ChildProcess, spawn } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable } from "node:stream"

export const repository = join(import.meta.dirname, "../..")

export const launcher = join(repository, "bin/lnm.js")

export interface Ended {
  /** Null where a signal ended the process. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface SpawnOptions {
  readonly cwd?: string
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Of Node itself, before the launcher. */
  readonly nodeOptions?: ReadonlyArray<string>
}

/** A cache apart from the user's. */
export const testCache = join(tmpdir(), "lnm-test-cache")

/** Without what a test runner sets (colours, its own Node options), and with a cache apart from the user's. */
const environment = (): NodeJS.ProcessEnv => {
  const { FORCE_COLOR: _, NODE_OPTIONS: __, ...others } = process.env
  return { ...others, NO_COLOR: "1", XDG_CACHE_HOME: testCache }
}

const collect = (stream: Readable): (() => string) => {
  const pieces: Array<Buffer> = []
  stream.on("data", (piece: Buffer) => pieces.push(piece))
  return () => Buffer.concat(pieces).toString()
}

/** Starts a program, and collects what it prints. */
export const startProgram = (
  command: string,
  args: ReadonlyArray<string>,
  { cwd, env }: Pick<SpawnOptions, "cwd" | "env"> = {}
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } => {
  const child = spawn(command, args, { cwd, env: { ...environment(), ...env }, stdio: ["ignore", "pipe", "pipe"] })
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  const code = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve))
  const ended = code.then((code): Ended => ({ code, stdout: stdout(), stderr: stderr() }))
  return { child, ended }
}

export const startLnm = (args: ReadonlyArray<string>, { cwd, nodeOptions = [] }: SpawnOptions = {}) =>
  startProgram(process.execPath, [...nodeOptions, launcher, ...args], cwd === undefined ? {} : { cwd })

/** Runs the command to its end, whatever that is. */
export const lnm = (args: ReadonlyArray<string>, options: SpawnOptions = {}): Promise<Ended> =>
  startLnm(args, options).ended

/** Runs the command, and rejects where it does not succeed. */
export const lnmSucceeds = async (args: ReadonlyArray<string>, options: SpawnOptions = {}): Promise<Ended> => {
  const ended = await lnm(args, options)
  if (ended.code !== 0) throw new Error(`lnm ${args.join(" ")} ended with ${ended.code}:\n${ended.stderr}`)
  return ended
}
