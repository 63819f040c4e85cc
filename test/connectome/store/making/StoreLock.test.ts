/** One preparation of a store at a time, and none that is kept away by one that has ended. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { lockStore } from "../../../../src/connectome/store/making/StoreLock.ts"
import { repository } from "../../../support/runLnm.ts"
import { scratchFolder } from "../../../support/scratchFolder.ts"

const scratch = scratchFolder()
const host = encodeURIComponent(hostname())

const locksOf = (store: string) =>
  readdirSync(scratch).filter((name) => join(scratch, name).startsWith(`${store}.lock.`))

const lockOf = (store: string, ...parts: ReadonlyArray<string | number>): string => {
  const file = `${store}.lock.${parts.join(".")}`
  writeFileSync(file, "")
  return file
}

/** The tests' own clock stands still. */
const realMilliseconds = (milliseconds: number) => Effect.promise(() => sleep(milliseconds))

/** Whether a lock could be had, for a moment. */
const isFree = (store: string) => Effect.map(Effect.exit(Effect.scoped(lockStore(store))), Exit.isSuccess)

describe("the lock of a store", () => {
  it.effect("is had by one at a time, who is named to others, and gone on success, failure and interruption", () =>
    Effect.gen(function* () {
      const store = join(scratch, "one.zarr")
      const refused = yield* Effect.scoped(
        Effect.gen(function* () {
          yield* lockStore(store)
          return yield* Effect.flip(Effect.scoped(lockStore(store)))
        })
      )
      assert.strictEqual(refused._tag, "StoreBusy")
      assert.include(refused.message, `output.path: ${store}: process ${process.pid} on ${hostname()} is preparing`)
      assert.deepStrictEqual(locksOf(store), [])
      yield* Effect.exit(Effect.scoped(Effect.andThen(lockStore(store), Effect.fail("no"))))
      assert.deepStrictEqual(locksOf(store), [])
      const fiber = yield* Effect.forkChild(Effect.scoped(Effect.andThen(lockStore(store), Effect.never)))
      while (locksOf(store).length === 0) yield* realMilliseconds(5)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(locksOf(store), [])
      assert.isTrue(yield* isFree(store))
    })
  )

  it.effect("is never had by two of many that come at once", () =>
    Effect.gen(function* () {
      const store = join(scratch, "many.zarr")
      let [holding, most, had] = [0, 0, 0]
      const hold = Effect.scoped(
        Effect.gen(function* () {
          yield* lockStore(store)
          most = Math.max(most, ++holding)
          had++
          yield* realMilliseconds(2)
          holding--
        })
      )
      const attempt = Effect.catchTag(hold, "StoreBusy", () => Effect.void)
      yield* Effect.forEach(Array.from({ length: 40 }), () => Effect.repeat(attempt, { times: 4 }), {
        concurrency: "unbounded"
      })
      assert.isAtMost(most, 1)
      yield* hold
      assert.isAbove(had, 0)
      assert.deepStrictEqual(locksOf(store), [])
    })
  )

  it.effect("does not keep the store of another name, one that begins alike among them", () =>
    Effect.gen(function* () {
      yield* lockStore(join(scratch, "a.zarr"))
      assert.isTrue(yield* isFree(join(scratch, "a.zarr.zarr")))
      assert.isTrue(yield* isFree(join(scratch, "b.zarr")))
    }).pipe(Effect.scoped)
  )

  it.effect("is held by a process that runs and not by one that was killed", () =>
    Effect.gen(function* () {
      const store = join(scratch, "killed.zarr")
      const script = `import { Effect } from "effect"
        import { lockStore } from ${JSON.stringify(join(repository, "src/connectome/store/making/StoreLock.ts"))}
        await Effect.runPromise(Effect.scoped(Effect.andThen(lockStore(${JSON.stringify(store)}), Effect.sync(() => {
          console.log("locked")
        }).pipe(Effect.andThen(Effect.never)))))`
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        cwd: repository,
        stdio: ["ignore", "pipe", "inherit"]
      })
      yield* Effect.promise(() => once(child.stdout, "data"))
      const refused = yield* Effect.flip(Effect.scoped(lockStore(store)))
      assert.include(refused.message, `process ${child.pid} on`)
      child.kill("SIGKILL")
      yield* Effect.promise(() => once(child, "close"))
      assert.lengthOf(locksOf(store), 1)
      assert.isTrue(yield* isFree(store))
      assert.deepStrictEqual(locksOf(store), [])
    })
  )

  // Where the system does not tell when a process was started, one that has got the number of another passes for it.
  it.effect.skipIf(process.platform !== "linux")("is not held by a process that has the number of one before", () =>
    Effect.gen(function* () {
      const store = join(scratch, "number.zarr")
      lockOf(store, host, process.pid, 1, 1)
      assert.isTrue(yield* isFree(store))
    })
  )

  it.effect("is renewed while it is held", () =>
    Effect.gen(function* () {
      const store = join(scratch, "renewed.zarr")
      yield* lockStore(store)
      const file = join(scratch, locksOf(store)[0]!)
      utimesSync(file, 1000, 1000)
      yield* TestClock.adjust("15 seconds")
      while (statSync(file).mtimeMs < 2_000_000) yield* realMilliseconds(5)
      // And again.
      utimesSync(file, 1000, 1000)
      yield* TestClock.adjust("15 seconds")
      while (statSync(file).mtimeMs < 2_000_000) yield* realMilliseconds(5)
    }).pipe(Effect.scoped)
  )

  it.effect("of another host is held as long as it is renewed", () =>
    Effect.gen(function* () {
      const store = join(scratch, "host.zarr")
      const file = lockOf(store, "node-7.cluster", 12, 345, 1)
      const refused = yield* Effect.flip(Effect.scoped(lockStore(store)))
      assert.include(refused.message, "process 12 on node-7.cluster")
      const old = Date.now() / 1000 - 120
      utimesSync(file, old, old)
      assert.isTrue(yield* isFree(store))
      assert.deepStrictEqual(locksOf(store), [])
    })
  )
})
