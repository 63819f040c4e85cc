/** Tries again what may go well the next time: after a wait that doubles, or that the server asks for. */
import { Console, Effect } from "effect"
import { printableExcerpt } from "../runtime/printable.ts"
import { formatSeconds } from "../runtime/progressText.ts"
import { ServerSilent, TryAgain } from "./FetchFailure.ts"

export interface Retries {
  /** Attempts in a row without a new byte before it is given up. */
  readonly attempts: number
  /** The first wait; each next one is twice as long, up to `mostMillis`. */
  readonly firstMillis: number
  readonly mostMillis: number
}

/** For a file: about two minutes without a byte, beside what the server asks to wait. */
export const patience: Retries = { attempts: 8, firstMillis: 1000, mostMillis: 60_000 }

/** For a list, which somebody waits for. */
export const impatience: Retries = { attempts: 4, firstMillis: 1000, mostMillis: 60_000 }

/** Waits that are told. */
const toldFromMillis = 4000

/** The longest wait that a server may ask for. */
const longestWaitMillis = 15 * 60_000

/** Statuses of a server that is busy or being restarted. */
const passing: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

/** The failure that a status is, where it may be another one later. */
export const passingFailure = (status: number, retryAfter: string | undefined): TryAgain | undefined => {
  if (!passing.has(status)) return undefined
  const afterMillis = waitOf(retryAfter)
  return new TryAgain({
    problem: `the server is busy (${status})`,
    ...(afterMillis === undefined ? {} : { afterMillis })
  })
}

/** `Retry-After`: seconds, or a date. */
const waitOf = (retryAfter: string | undefined): number | undefined => {
  if (retryAfter === undefined) return undefined
  const millis = /^\d+$/.test(retryAfter) ? 1000 * Number(retryAfter) : Date.parse(retryAfter) - Date.now()
  return Number.isFinite(millis) ? Math.max(0, millis) : undefined
}

/**
 * Runs an attempt until it does not fail with `TryAgain`.
 *
 * @param hasProgressed whether something has come since it was asked last: then the attempts are counted anew
 *
 * Errors: `ServerSilent` after so many attempts in a row, or where the server asks to wait for too long.
 */
export const retrying = Effect.fnUntraced(function* <A, E, R>(
  attempt: Effect.Effect<A, E | TryAgain, R>,
  address: string,
  { attempts, firstMillis, mostMillis }: Retries = patience,
  hasProgressed: () => boolean = () => false
) {
  for (let failed = 1; ; failed++) {
    const result = yield* Effect.result(attempt)
    if (result._tag === "Success") return result.success
    const failure = result.failure
    if (!(failure instanceof TryAgain)) return yield* Effect.fail(failure as Exclude<E, TryAgain>)
    if (hasProgressed()) failed = 1
    const { problem, afterMillis } = failure
    const wait = afterMillis ?? Math.min(mostMillis, firstMillis * 2 ** (failed - 1))
    if (failed >= attempts || wait > longestWaitMillis) {
      return yield* new ServerSilent({ address, problem, attempts: failed })
    }
    if (wait >= toldFromMillis) {
      yield* Console.error(`${address}: ${printableExcerpt(problem)}; asked again in ${formatSeconds(wait / 1000)}`)
    }
    yield* Effect.sleep(wait)
  }
})
