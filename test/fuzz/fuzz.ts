/**
 * Fuzzing: many inputs, each spoilt in a way that follows from a seed and its number. Each must end in a tagged error that is told in
 * one line, or in the right result; never in a defect, a dump of a library, a wrong value, or nothing for ten seconds.
 *
 *     LNM_FUZZ_COUNT=5000 LNM_FUZZ_SEED=7 npx vitest run test/fuzz     more inputs, others
 *     LNM_FUZZ_ONLY=123 LNM_FUZZ_SEED=7 npx vitest run test/fuzz       one of them again
 *
 * 5,000 inputs a fuzzer take about ten minutes in all on two cores, most of them for manifests.
 */
import { assert } from "@effect/vitest"
import { Cause, Effect, Exit, type Scope } from "effect"
import { makeWarnings, Warnings } from "../../src/runtime/Warnings.ts"
import { noise } from "../support/tinyConnectome.ts"

const seed = Number(process.env.LNM_FUZZ_SEED ?? 1)
const only = process.env.LNM_FUZZ_ONLY === undefined ? undefined : Number(process.env.LNM_FUZZ_ONLY)

/** Seconds after which an input counts as hanging. */
const longestSeconds = 10

/** Milliseconds that a fuzzer has: many times what it takes on a machine that does nothing else. */
export const patience = Math.max(180_000, 200 * Number(process.env.LNM_FUZZ_COUNT ?? 0))

/** Kinds of faults after which a fuzzer stops. */
const mostFaults = 25

/** Choices that follow from a seed. */
export class Random {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = noise(seed)
  }

  /** From 0 to just below 1. */
  share(): number {
    return (this.#next() + 1) / 2
  }

  /** From 0 to `count` - 1. */
  below(count: number): number {
    return Math.min(count - 1, Math.floor(this.share() * count))
  }

  chance(share: number): boolean {
    return this.share() < share
  }

  pick<A>(from: ReadonlyArray<A>): A {
    return from[this.below(from.length)]!
  }
}

export interface Fuzzer<Input> {
  /** How many inputs are tried where nothing else is asked for. */
  readonly quick: number
  readonly make: (random: Random) => Input
  /** What is wrong with how the input ended; undefined: nothing. */
  readonly judge: (input: Input) => Promise<string | undefined>
  /** The input in a line, for a person who wants to see it again. */
  readonly describe: (input: Input) => string
}

/** Faults that differ by numbers and names only are one kind. */
const kindOf = (found: string): string => found.replaceAll(/"[^"]*"|\/\S+|\d+/g, "…").slice(0, 60)

/** Tries inputs one after the other; fails with those that ended badly, the first of each kind. */
export const fuzz = async <Input>({ quick, make, judge, describe }: Fuzzer<Input>): Promise<void> => {
  const count = Number(process.env.LNM_FUZZ_COUNT ?? quick)
  const faults = new Map<string, Array<string>>()
  for (let number = only ?? 0; number < (only === undefined ? count : only + 1); number++) {
    const input = make(new Random(seed * 1_000_003 + number))
    const startedAt = performance.now()
    const { fault, printed } = await silently(() => judge(input))
    const seconds = (performance.now() - startedAt) / 1000
    const found =
      fault ??
      (printed === "" ? undefined : `it printed: ${printed.slice(0, 200)}`) ??
      (seconds > longestSeconds ? `it took ${seconds.toFixed(0)} s` : undefined)
    if (found === undefined) continue
    const told = `LNM_FUZZ_SEED=${seed} LNM_FUZZ_ONLY=${number}: ${found}\n    of ${describe(input)}`
    const alike = faults.get(kindOf(found))
    if (alike === undefined) faults.set(kindOf(found), [told])
    else alike.push(told)
    if (faults.size >= mostFaults) break
  }
  if (faults.size > 0) {
    const told = [...faults.values()].map(([first, ...others]) => `${first}\n    and ${others.length} alike`)
    assert.fail(`${faults.size} kind(s) of faults:\n${told.join("\n")}`)
  }
}

/** How an effect must end: with a value that is not wrong, or with an error that a person can read. */
export const endsWell = async <A, E>(
  effect: Effect.Effect<A, E, Scope.Scope>,
  wrongIn: (value: A) => string | undefined
): Promise<string | undefined> => {
  const quiet = makeWarnings(() => Effect.void)
  const exit = await Effect.runPromiseExit(Effect.scoped(Effect.provideService(effect, Warnings, quiet)))
  if (Exit.isSuccess(exit)) return wrongIn(exit.value)
  const error: unknown = Cause.squash(exit.cause)
  const isTagged = error instanceof Error && "_tag" in error && !Cause.hasDies(exit.cause)
  return isTagged
    ? messageFault(error.message)
    : `a defect: ${error instanceof Error ? error.stack?.slice(0, 600) : error}`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacters = /[\u0000-\u0009\u000b-\u001f\u007f]/

/** What is wrong about a message; several problems of a config may have a line each. */
export const messageFault = (message: string): string | undefined => {
  const lines = message.split("\n")
  const isList = /^(error: )?\d+ problems in the config$/.test(lines[0]!) && lines.length < 30
  if (lines.length > 1 && !isList)
    return `a message that is no single line, but ${lines.length} of them, in all: ${message.slice(0, 300)}`
  if (message.length > 12_000) return `a message of ${message.length} characters: ${message.slice(0, 100)}`
  if (controlCharacters.test(message)) {
    return `a message with control characters: ${JSON.stringify(message.slice(0, 300))}`
  }
  return /fault of lnm|\[object|^\s*at |#\d{3}:/.test(message)
    ? `a message that is not for people: ${message.slice(0, 300)}`
    : undefined
}

const silently = async (run: () => Promise<string | undefined>) => {
  const before = globalThis.console
  let printed = ""
  const print = (...parts: ReadonlyArray<unknown>) => {
    printed += `${parts.map(String).join(" ")}\n`
  }
  globalThis.console = { ...before, log: print, info: print, warn: print, error: print, debug: print }
  try {
    return {
      fault: await run().catch((cause: unknown) => `the check itself failed: ${(cause as Error).stack?.slice(0, 600)}`),
      printed
    }
  } finally {
    globalThis.console = before
  }
}
