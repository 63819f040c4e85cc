/**
 * The one lock: keeps two writers off a file or folder. Each puts a file beside it that says in its name who it is, and then
 * looks for those of others. Who came later always sees who came earlier; of several that come at the same time the first by name gets it.
 *
 *     NAME.lock.HOST.PID.STARTED.N
 *
 * A file whose process has ended, however that was, locks nothing and is removed by the next who looks. On the own host
 * processes are told apart by their number and start; those of another host (a shared disk) or container renew their file
 * while they work.
 */
import { readFileSync } from "node:fs"
import { open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Effect, Schedule, Schema } from "effect"
import { makeFolder } from "./makeFolder.ts"
import { processHost } from "./processHost.ts"
import { isThere, unlessMissing } from "./unlessMissing.ts"
import { FileNotWritten } from "./writeWhole.ts"

/** Another writer is at work. Who locks says in words of its own what to do. */
export class PathLocked extends Schema.TaggedError<PathLocked>()("PathLocked", {
  path: Schema.String,
  host: Schema.String,
  pid: Schema.Int
}) {
  override get message(): string {
    return `${this.path}: process ${this.pid} on ${this.host} is writing there`
  }
}

/** Time between two renewals of a lock, and the age from which one of another host counts as left behind. */
const renewedEachSeconds = 15
const leftBehindAfterSeconds = 90

/** How often another who asks at the same time is looked at, and for how long. */
const lookedAtEachMilliseconds = 20
const mostLooks = 250

/** How the text of a lock begins that is not had yet. */
const asking = "Asked for. "

export interface Lock {
  readonly file: string
  readonly host: string
  readonly pid: number
  /** Of the process, in the system's own unit; empty where it does not tell. */
  readonly started: string
}

/** Locks of this process so far; several paths, or one path several times, may be locked in it. */
let count = 0

/**
 * Locks a path, which need not be there, until the Scope closes. Makes the folder it is to lie in.
 *
 * @param doing what the lock's file says of its process to a person who finds it, such as "is preparing"
 *
 * Gives the lock, from which the locks of other paths on the same disk can be seen (`heldBeside`).
 *
 * Errors: `PathLocked` where another has it; `FileNotWritten` where the system does not take the lock's file.
 */
export const lockPath = Effect.fn("lockPath")(function* (target: string, doing: string) {
  const own = ownLock(target)
  const text = `Process ${own.pid} on ${own.host} ${doing} ${path.basename(target)}.\n`
  // Whole even where it is interrupted: what is written after the file has been removed would stay.
  const put = Effect.uninterruptible(onFile(own.file, () => putLock(own.file, asking + text)))
  yield* Effect.acquireRelease(put, () => Effect.ignore(remove(own.file)))
  // Who gives way does so at once, not when the Scope closes: others may wait for it.
  yield* Effect.onError(giveWayToOthers(target, own), () => Effect.ignore(remove(own.file)))
  const renew = Effect.uninterruptible(onFile(own.file, () => writeOver(own.file, text)))
  yield* renew
  yield* Effect.ignore(renew).pipe(
    Effect.delay(`${renewedEachSeconds} seconds`),
    Effect.repeat(Schedule.forever),
    Effect.forkScoped
  )
  return own
})

/** Removes what those have left who have ended. Fails with `PathLocked` where another has the lock, or goes first. */
const giveWayToOthers = Effect.fnUntraced(function* (target: string, own: Lock) {
  for (const lock of yield* onFile(target, () => locksOf(target))) {
    if (lock.file === own.file) continue
    const { host, pid } = lock
    if (yield* onFile(lock.file, () => keepsOff(lock, own))) return yield* new PathLocked({ path: target, host, pid })
    yield* remove(lock.file)
  }
})

/** Who of this host has a path's lock; undefined where nobody has, or it cannot be told. Writes nothing. */
export const holderOf = (target: string): Effect.Effect<Pick<Lock, "host" | "pid"> | undefined> =>
  Effect.tryPromise(async () => {
    for (const lock of await locksOf(target)) {
      if (lock.host === processHost() && runs(lock) && !(await asksFor(lock))) return lock
    }
    return undefined
  }).pipe(Effect.orElseSucceed(() => undefined))

/** Who seem to have a path's lock, on any host, by the clock of this one: for telling, not for deciding. Writes nothing. */
export const lockHolders = (target: string): Effect.Effect<ReadonlyArray<Pick<Lock, "host" | "pid">>> =>
  Effect.tryPromise(async () => {
    const found: Array<Lock> = []
    for (const lock of await locksOf(target)) {
      const isOwn = lock.host === processHost()
      const seen = isOwn ? undefined : await stat(lock.file).catch(unlessMissing)
      const isRenewed = seen !== undefined && seen.mtimeMs > Date.now() - 1000 * leftBehindAfterSeconds
      if (isOwn ? runs(lock) : isRenewed) found.push(lock)
    }
    return found
  }).pipe(Effect.orElseSucceed(() => []))

/** Who else has a path's lock or asks for it, on this host or another, as seen from a lock that one has; undefined where nobody. */
export const heldBeside = Effect.fn("heldBeside")(function* (target: string, own: Lock) {
  const locks = yield* onFile(target, async () => (await locksOf(target).catch(unlessMissing)) ?? [])
  for (const lock of locks) {
    if (lock.file !== own.file && (yield* onFile(lock.file, () => isHeld(lock, own)))) return lock
  }
  return undefined
})

const onFile = <A>(file: string, step: () => Promise<A>): Effect.Effect<A, FileNotWritten> =>
  Effect.tryPromise({ try: step, catch: (cause) => new FileNotWritten({ file, cause }) })

const remove = (file: string) => onFile(file, () => rm(file, { force: true }))

/** Attempts to put a lock into a folder that others may remove when they find it empty. */
const mostAttempts = 5

const putLock = async (file: string, text: string, attempt = 1): Promise<void> => {
  await makeFolder(path.dirname(file))
  try {
    await writeFile(file, text, { flag: "wx" })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT" || attempt === mostAttempts) throw cause
    await putLock(file, text, attempt + 1)
  }
}

/** Never makes the file: the folder may have been removed, and is not to come back. */
const writeOver = async (file: string, text: string): Promise<void> => {
  await using handle = await open(file, "r+")
  await handle.write(text, 0)
  await handle.truncate(Buffer.byteLength(text))
}

const ownLock = (target: string): Lock => {
  const [host, pid] = [processHost(), process.pid]
  const started = startOf(pid) ?? ""
  const file = `${target}.lock.${encodeURIComponent(host)}.${pid}.${started}.${++count}`
  return { file, host, pid, started }
}

const locksOf = async (target: string): Promise<ReadonlyArray<Lock>> => {
  const [folder, prefix] = [path.dirname(target), `${path.basename(target)}.lock.`]
  const names = await readdir(folder)
  return names.flatMap((name) => {
    const [, host, pid, started] = (name.startsWith(prefix) && named.exec(name.slice(prefix.length))) || []
    if (host === undefined || started === undefined) return []
    return [{ file: path.join(folder, name), host: decodeURIComponent(host), pid: Number(pid), started }]
  })
}

/** Host, process, its start, and the number of the lock. */
const named = /^(.+)\.(\d+)\.(\d*)\.\d+$/

/** Whether another has the lock, or asks for it and goes first. One that asks and goes after this one is waited for. */
const keepsOff = async (other: Lock, own: Lock): Promise<boolean> => {
  for (let look = 0; look < mostLooks; look++) {
    if (!(await isHeld(other, own))) return false
    const asks = await asksFor(other)
    if (asks === false || (asks && other.file < own.file)) return true
    await sleep(lookedAtEachMilliseconds)
  }
  return true
}

/** Whether a lock is only asked for; undefined where its file has just been made, or is gone. */
const asksFor = async ({ file }: Lock): Promise<boolean | undefined> => {
  const text = await readFile(file, "utf8").catch(() => "")
  return text === "" ? undefined : text.startsWith(asking)
}

/** Rejects where the system does not let the lock be seen: then it is not known to have been left. */
const isHeld = async (lock: Lock, own: Lock): Promise<boolean> => {
  if (lock.host === own.host) return runs(lock) && (await isThere(stat(lock.file)))
  // Both times are those of the disk that the files are on.
  const [theirs, ours] = await Promise.all([lock, own].map(({ file }) => stat(file).catch(unlessMissing)))
  if (theirs === undefined || ours === undefined) return false
  return theirs.mtimeMs > ours.mtimeMs - 1000 * leftBehindAfterSeconds
}

const runs = ({ pid, started }: Lock): boolean => {
  if (started !== "") return startOf(pid) === started
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    // It is there, and another user's.
    return (cause as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** When a process was started, in clock ticks since the system was (proc(5)); undefined where it has ended, or there is no /proc. */
const startOf = (pid: number): string | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8")
    // The name in parentheses may have anything in it. After it come the state, and 19 fields later the start.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
    const hasEnded = fields[0] === "Z" || fields[0] === "X"
    return hasEnded ? undefined : fields[19]
  } catch {
    return undefined
  }
}
