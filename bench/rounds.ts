/**
 * Processes that measure a round each time they are asked, so that what is compared takes turns within milliseconds: load from
 * elsewhere and a changing clock hit all alike.
 *
 * Such a process answers each line on its standard input with a line of JSON, its readings by name.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { CommandFailed } from "./measure.ts"

export type Readings = Readonly<Record<string, number>>

export interface RoundsProcess extends AsyncDisposable {
  readonly round: () => Promise<Readings>
}

export const startRounds = (command: ReadonlyArray<string>): RoundsProcess => {
  const child = spawn(command[0]!, command.slice(1), { stdio: ["pipe", "pipe", "inherit"] })
  const closed = once(child, "close").catch((error: unknown) => error)
  // A process that has ended is told by its missing answer.
  child.stdin.on("error", () => {})
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    round: async () => {
      child.stdin.write("\n")
      const answer = await answers.next()
      if (answer.done === true) throw new CommandFailed(`${command.join(" ")}\nended before its round`)
      return JSON.parse(answer.value) as Readings
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await closed
    }
  }
}

/** What a rounds process runs: calls `measure` for each line. */
export const answerRounds = async (measure: () => Readings): Promise<void> => {
  for await (const _ of createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify(measure())}\n`)
}

/** Rounds before those that count, in which V8 swaps its optimised code in. */
const warmUpRounds = 10
const warmUpPauseMs = 50

/**
 * Asks the groups in turn, the processes of a group at once. Gives the readings of each group, process and round.
 *
 * @param groups processes that measure the same
 */
export const interleaveRounds = async (
  groups: ReadonlyArray<ReadonlyArray<RoundsProcess>>,
  rounds: number
): Promise<ReadonlyArray<ReadonlyArray<ReadonlyArray<Readings>>>> => {
  const readings = groups.map((group) => group.map((): Array<Readings> => []))
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const [g, group] of groups.entries()) {
      const found = await Promise.all(group.map((process) => process.round()))
      if (round >= 0) for (const [p, reading] of found.entries()) readings[g]![p]!.push(reading)
    }
    if (round < 0) await new Promise((resolve) => setTimeout(resolve, warmUpPauseMs))
  }
  return readings
}
