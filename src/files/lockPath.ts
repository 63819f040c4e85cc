/**
 * The one lock: keeps two writers off a file or folder. Each puts a file beside it that says in its name who it is, and then
 * looks for those of others: of two that come at the same time at least one sees the other and gives way.
 *
 *     NAME.lock.HOST.PID.STARTED.N
 *
 * A file whose process has ended, however that was, locks nothing and is removed by the next who looks. On the own host
 * processes are told apart by their number and start; those of another host (a shared disk) renew their file while they
 * work.
 */
import { readFileSync } from "node:fs"
import { readdir, rm, stat, writeFile } from "node:fs/promises"
import { hostname } from "node:os"
import path from "node:path"
import { Effect, Schedule, Schema } from "effect"
import { makeFolder } from "./makeFolder.ts"
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

interface Lock {
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
 * Errors: `PathLocked` where another has it; `FileNotWritten` where the system does not take the lock's file.
 */
export const lockPath = Effect.fn("lockPath")(function* (target: string, doing: string) {
  const own = ownLock(target)
  // Whole even where it is interrupted: what is written after the file has been removed would stay.
  const write = Effect.uninterruptible(
    onFile(own.file, async () => {
      await makeFolder(path.dirname(target))
      await writeFile(own.file, `Process ${own.pid} on ${own.host} ${doing} ${path.basename(target)}.\n`)
    })
  )
  const remove = (file: string) => onFile(file, () => rm(file, { force: true }))
  yield* Effect.acquireRelease(write, () => Effect.ignore(remove(own.file)))
  yield* Effect.ignore(write).pipe(
    Effect.delay(`${renewedEachSeconds} seconds`),
    Effect.repeat(Schedule.forever),
    Effect.forkScoped
  )
  for (const lock of yield* onFile(target, () => locksOf(target))) {
    if (lock.file === own.file) continue
    const { host, pid } = lock
    if (yield* onFile(lock.file, () => isHeld(lock, own))) return yield* new PathLocked({ path: target, host, pid })
    yield* remove(lock.file)
  }
})

const onFile = <A>(file: string, step: () => Promise<A>): Effect.Effect<A, FileNotWritten> =>
  Effect.tryPromise({ try: step, catch: (cause) => new FileNotWritten({ file, cause }) })

const ownLock = (target: string): Lock => {
  const [host, pid] = [hostname(), process.pid]
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

const isHeld = async (lock: Lock, own: Lock): Promise<boolean> => {
  if (lock.host === own.host) return runs(lock)
  // Both times are those of the disk that the files are on.
  const [theirs, ours] = await Promise.all([lock, own].map(({ file }) => stat(file).catch(() => undefined)))
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
