/**
 * Runs the `lnm` command inside of the test's process, for tests of what commands say: one start of Node less for each. What a
 * process of its own decides (signals, memory, what native code prints) is tested with `runLnm.ts`.
 */
import { Console as StreamConsole } from "node:console"
import { Writable } from "node:stream"
import { Console, Effect } from "effect"
import type { AnyPipelineEntry } from "../../pipelines/PipelineEntry.ts"
import { Pipelines, registry } from "../../pipelines/registry.ts"
import { runLnm, teardown } from "../../src/cli/lnm.ts"
import { type Ended, type SpawnOptions, testCache } from "./runLnm.ts"

export interface HereOptions extends Pick<SpawnOptions, "cwd"> {
  /** Pipelines that the command knows. Default: the registry. */
  readonly pipelines?: ReadonlyArray<AnyPipelineEntry>
}

/** Runs the command to its end, whatever that is, with `cwd` as the working folder. One at a time, also where several are called. */
export const lnmHere = (
  args: ReadonlyArray<string>,
  { cwd, pipelines = registry }: HereOptions = {}
): Promise<Ended> => {
  const ended = earlier.then(() => runIn(cwd ?? process.cwd(), args, pipelines))
  earlier = ended.catch(() => undefined)
  return ended
}

/** Runs the command, and rejects where it does not succeed. */
export const lnmHereSucceeds = async (args: ReadonlyArray<string>, options: HereOptions = {}): Promise<Ended> => {
  const ended = await lnmHere(args, options)
  if (ended.code !== 0) throw new Error(`lnm ${args.join(" ")} ended with ${ended.code}:\n${ended.stderr}`)
  return ended
}

// Set by a test runner in a terminal; what is collected here is no terminal.
delete process.env.FORCE_COLOR
process.env.XDG_CACHE_HOME = testCache

let earlier: Promise<unknown> = Promise.resolve()

const runIn = async (
  folder: string,
  args: ReadonlyArray<string>,
  pipelines: ReadonlyArray<AnyPipelineEntry>
): Promise<Ended> => {
  const before = { folder: process.cwd(), console: globalThis.console }
  const [stdout, stderr] = [collect(), collect()]
  const console = new StreamConsole({ stdout: stdout.sink, stderr: stderr.sink })
  process.chdir(folder)
  // The readers' libraries print by the global one.
  globalThis.console = console
  const command = runLnm(args).pipe(
    Effect.provideService(Pipelines, pipelines),
    Effect.provideService(Console.Console, console)
  )
  const exit = await Effect.runPromiseExit(command)
  globalThis.console = before.console
  process.chdir(before.folder)
  let code: number | null = null
  teardown(exit, (told) => {
    code = told
  })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

const collect = () => {
  const pieces: Array<string> = []
  const sink = new Writable({
    write: (piece, _, done) => {
      pieces.push(String(piece))
      done()
    }
  })
  return { sink, text: () => pieces.join("") }
}
