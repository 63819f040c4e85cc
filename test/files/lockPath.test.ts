/** One writer of a path at a time, and none that is kept away by one that has ended. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { existsSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { holderOf, lockPath } from "../../src/files/lockPath.ts"
import { processHost } from "../../src/files/processHost.ts"
import { repository } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const scratch = scratchFolder()
const host = encodeURIComponent(processHost())

const locksOf = (target: string) =>
  readdirSync(scratch).filter((name) => join(scratch, name).startsWith(`${target}.lock.`))

const lockOf = (target: string, ...parts: ReadonlyArray<string | number>): string => {
  const file = `${target}.lock.${parts.join(".")}`
  writeFileSync(file, "It is locked.\n")
  return file
}

/** The tests' own clock stands still. */
const realMilliseconds = (milliseconds: number) => Effect.promise(() => sleep(milliseconds))

const lock = (target: string) => lockPath(target, "is writing")

/** Whether a lock could be had, for a moment. */
const isFree = (target: string) => Effect.map(Effect.exit(Effect.scoped(lock(target))), Exit.isSuccess)

/** A process that locks a path and keeps the lock, until the Scope closes; `inside` is a program that it is started by. */
const lockInProcess = (target: string, ...inside: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.promise(() => startLocking(target, inside)),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** Resolves when the process has the lock. */
const startLocking = async (target: string, inside: ReadonlyArray<string>): Promise<ChildProcess> => {
  const script = `import { Effect } from "effect"
    import { lockPath } from ${JSON.stringify(join(repository, "src/files/lockPath.ts"))}
    await Effect.runPromise(Effect.scoped(Effect.andThen(lockPath(${JSON.stringify(target)}, "is writing"), Effect.sync(() => {
      console.log("locked")
    }).pipe(Effect.andThen(Effect.never)))))`
  const [program, ...args] = [...inside, process.execPath, "--input-type=module", "-e", script]
  const child = spawn(program!, args, { cwd: repository, stdio: ["ignore", "pipe", "inherit"] })
  await once(child.stdout, "data")
  return child
}

/** Starts a program with processes numbered anew, as in a container that has the host's name. */
const asInContainer = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"]
const hasContainers = spawnSync(asInContainer[0]!, [...asInContainer.slice(1), "true"]).status === 0

describe("the lock of a path", () => {
  it.effect("is had by one at a time, who is named to others, and gone on success, failure and interruption", () =>
    Effect.gen(function* () {
      const target = join(scratch, "one.out")
      const refused = yield* Effect.scoped(
        Effect.gen(function* () {
          yield* lock(target)
          return yield* Effect.flip(Effect.scoped(lock(target)))
        })
      )
      assert.strictEqual(refused._tag, "PathLocked")
      assert.include(refused.message, `${target}: process ${process.pid} on ${processHost()} is writing there`)
      assert.deepStrictEqual(locksOf(target), [])
      yield* Effect.exit(Effect.scoped(Effect.andThen(lock(target), Effect.fail("no"))))
      assert.deepStrictEqual(locksOf(target), [])
      const fiber = yield* Effect.forkChild(Effect.scoped(Effect.andThen(lock(target), Effect.never)))
      while (locksOf(target).length === 0) yield* realMilliseconds(5)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(locksOf(target), [])
      assert.isTrue(yield* isFree(target))
    })
  )

  it.effect("is never had by two of many that come at once", () =>
    Effect.gen(function* () {
      const target = join(scratch, "many.out")
      let [holding, most, had] = [0, 0, 0]
      const hold = Effect.scoped(
        Effect.gen(function* () {
          yield* lock(target)
          most = Math.max(most, ++holding)
          had++
          yield* realMilliseconds(2)
          holding--
        })
      )
      const attempt = Effect.catchTag(hold, "PathLocked", () => Effect.void)
      yield* Effect.forEach(Array.from({ length: 40 }), () => Effect.repeat(attempt, { times: 4 }), {
        concurrency: "unbounded"
      })
      assert.isAtMost(most, 1)
      yield* hold
      assert.isAbove(had, 0)
      assert.deepStrictEqual(locksOf(target), [])
    })
  )

  it.effect("is had by exactly one of many that come at once and stay", () =>
    Effect.gen(function* () {
      for (const round of [1, 2, 3, 4, 5]) {
        const target = join(scratch, `round-${round}.out`)
        yield* Effect.scoped(
          Effect.gen(function* () {
            const exits = yield* Effect.forEach(Array.from({ length: 8 }), () => Effect.exit(lock(target)), {
              concurrency: "unbounded"
            })
            assert.lengthOf(exits.filter(Exit.isSuccess), 1)
          })
        )
        assert.deepStrictEqual(locksOf(target), [])
      }
    })
  )

  it.effect("does not bring back a folder that was removed while it is held", () =>
    Effect.gen(function* () {
      const folder = join(scratch, "removed")
      yield* lock(join(folder, "one.out"))
      rmSync(folder, { recursive: true })
      yield* TestClock.adjust("15 seconds")
      yield* realMilliseconds(20)
      assert.isFalse(existsSync(folder))
    }).pipe(Effect.scoped)
  )

  it.effect("can be looked at without asking for it", () =>
    Effect.gen(function* () {
      const target = join(scratch, "looked.out")
      assert.isUndefined(yield* holderOf(target))
      assert.isUndefined(yield* holderOf(join(scratch, "none/at-all")))
      yield* lock(target)
      assert.deepInclude(yield* holderOf(target), { host: processHost(), pid: process.pid })
      assert.lengthOf(locksOf(target), 1)
    }).pipe(Effect.scoped)
  )

  it.effect("does not keep the path of another name, one that begins alike among them", () =>
    Effect.gen(function* () {
      yield* lock(join(scratch, "a.out"))
      assert.isTrue(yield* isFree(join(scratch, "a.out.out")))
      assert.isTrue(yield* isFree(join(scratch, "b.out")))
    }).pipe(Effect.scoped)
  )

  it.effect("is held by a process that runs and not by one that was killed", () =>
    Effect.gen(function* () {
      const target = join(scratch, "killed.out")
      const child = yield* lockInProcess(target)
      const refused = yield* Effect.flip(Effect.scoped(lock(target)))
      assert.include(refused.message, `process ${child.pid} on`)
      child.kill("SIGKILL")
      yield* Effect.promise(() => once(child, "close"))
      assert.lengthOf(locksOf(target), 1)
      assert.isTrue(yield* isFree(target))
      assert.deepStrictEqual(locksOf(target), [])
    }).pipe(Effect.scoped)
  )

  // Where the system does not tell when a process was started, one that has got the number of another passes for it.
  it.effect.skipIf(process.platform !== "linux")("is not held by a process that has the number of one before", () =>
    Effect.gen(function* () {
      const target = join(scratch, "number.out")
      lockOf(target, host, process.pid, 1, 1)
      assert.isTrue(yield* isFree(target))
    })
  )

  it.effect("is renewed while it is held", () =>
    Effect.gen(function* () {
      const target = join(scratch, "renewed.out")
      yield* lock(target)
      const file = join(scratch, locksOf(target)[0]!)
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
      const target = join(scratch, "host.out")
      const file = lockOf(target, "node-7.cluster", 12, 345, 1)
      const refused = yield* Effect.flip(Effect.scoped(lock(target)))
      assert.include(refused.message, "process 12 on node-7.cluster")
      const old = Date.now() / 1000 - 120
      utimesSync(file, old, old)
      assert.isTrue(yield* isFree(target))
      assert.deepStrictEqual(locksOf(target), [])
    })
  )

  it.effect.skipIf(!hasContainers)("of a container with the host's name is held as long as it is renewed", () =>
    Effect.gen(function* () {
      const target = join(scratch, "container.out")
      const child = yield* lockInProcess(target, ...asInContainer)
      const refused = yield* Effect.flip(Effect.scoped(lock(target)))
      assert.match(refused.message, /process 1 on .+ \(container \d+\) is writing there/)
      child.kill("SIGKILL")
      yield* Effect.promise(() => once(child, "close"))
      const [left] = locksOf(target)
      const old = Date.now() / 1000 - 120
      utimesSync(join(scratch, left!), old, old)
      assert.isTrue(yield* isFree(target))
    }).pipe(Effect.scoped)
  )

  it.effect("is not taken away from another whose lock cannot be looked at", () =>
    Effect.gen(function* () {
      const target = join(scratch, "circle.out")
      const name = "circle.out.lock.elsewhere.1.2.3"
      symlinkSync(name, join(scratch, name))
      const error = yield* Effect.flip(Effect.scoped(lock(target)))
      assert.strictEqual(error._tag, "FileNotWritten")
      assert.deepStrictEqual(locksOf(target), [name])
    })
  )
})
