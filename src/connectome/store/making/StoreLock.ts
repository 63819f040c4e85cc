/**
 * Keeps two preparations off one store. Each puts a file beside the store that says in its name who it is, and then looks
 * for those of others: of two that come at the same time at least one sees the other and gives way.
 *
 *     NAME.zarr.lock.HOST.PID.STARTED.N
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
import { makeFolder } from "../../../files/makeFolder.ts"
import { onFile } from "./writeStoreFile.ts"

/** Another preparation of the same store is at work. */
export class StoreBusy extends Schema.TaggedError<StoreBusy>()("StoreBusy", {
  path: Schema.String,
  host: Schema.String,
  pid: Schema.Int
}) {
  override get message(): string {
    return (
      `output.path: ${this.path}: process ${this.pid} on ${this.host} is preparing this store. Wait until it has ended, or end ` +
      "it and run again, which goes on from there; another store needs another output.path."
    )
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

/** Locks of this process so far; several stores, or one store several times, may be prepared in it. */
let count = 0

/** Locks a store until the Scope closes. Makes the folder it is to lie in. Fails with `StoreBusy` where another has it. */
export const lockStore = Effect.fn("lockStore")(function* (store: string) {
  const own = ownLock(store)
  // Whole even where it is interrupted: what is written after the file has been removed would stay.
  const write = Effect.uninterruptible(
    onFile(own.file, async () => {
      await makeFolder(path.dirname(store))
      await writeFile(own.file, `Process ${own.pid} on ${own.host} is preparing ${path.basename(store)}.\n`)
    })
  )
  const remove = (file: string) => onFile(file, () => rm(file, { force: true }))
  yield* Effect.acquireRelease(write, () => Effect.ignore(remove(own.file)))
  yield* Effect.ignore(write).pipe(
    Effect.delay(`${renewedEachSeconds} seconds`),
    Effect.repeat(Schedule.forever),
    Effect.forkScoped
  )
  for (const lock of yield* onFile(store, () => locksOf(store))) {
    if (lock.file === own.file) continue
    const { host, pid } = lock
    if (yield* onFile(lock.file, () => isHeld(lock, own))) return yield* new StoreBusy({ path: store, host, pid })
    yield* remove(lock.file)
  }
})

const ownLock = (store: string): Lock => {
  const [host, pid] = [hostname(), process.pid]
  const started = startOf(pid) ?? ""
  const file = `${store}.lock.${encodeURIComponent(host)}.${pid}.${started}.${++count}`
  return { file, host, pid, started }
}

const locksOf = async (store: string): Promise<ReadonlyArray<Lock>> => {
  const [folder, prefix] = [path.dirname(store), `${path.basename(store)}.lock.`]
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
