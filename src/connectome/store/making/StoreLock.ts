/** Keeps two preparations off one store. */
import { readdir } from "node:fs/promises"
import path from "node:path"
import { Effect, Schema } from "effect"
import { heldBeside, lockPath, type PathLocked } from "../../../files/lockPath.ts"
import type { FileNotWritten } from "../../../files/writeWhole.ts"
import { onFile, storeNotWritten } from "./writeStoreFile.ts"

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

/** The path that the lock of a part of a preparation is of. */
const partOf = (store: string, part: number): string => `${store}.part-${part}`

/** Locks a part of a store's preparation until the Scope closes. Fails with `StoreBusy` where it, or the whole store, is at work. */
export const lockPart = Effect.fnUntraced(function* (store: string, part: number) {
  const lock = yield* Effect.mapError(lockPath(partOf(store, part), "is preparing"), (error) => busy(store, error))
  const whole = yield* Effect.mapError(heldBeside(store, lock), storeNotWritten)
  if (whole !== undefined) return yield* new StoreBusy({ path: store, host: whole.host, pid: whole.pid })
})

/** Fails where a part of the store's preparation is at work, on any machine. The lock of the store is had. */
export const refuseParts = Effect.fnUntraced(function* (store: string) {
  const own = yield* Effect.mapError(lockPath(`${store}.merge`, "looks at the parts of"), (error) => busy(store, error))
  const names = yield* onFile(store, () => readdir(path.dirname(store)))
  const parts = new Set(names.flatMap((name) => partLocked(store, name)))
  for (const part of parts) {
    const held = yield* Effect.mapError(heldBeside(partOf(store, part), own), storeNotWritten)
    if (held !== undefined) return yield* new StoreBusy({ path: store, host: held.host, pid: held.pid })
  }
}, Effect.scoped)

/** The part whose lock a file is; none where it is no lock of a part. */
const partLocked = (store: string, name: string): ReadonlyArray<number> => {
  const start = `${path.basename(store)}.part-`
  const [, part] = (name.startsWith(start) && /^(\d+)\.lock\./.exec(name.slice(start.length))) || []
  return part === undefined ? [] : [Number(part)]
}

const busy = (store: string, error: PathLocked | FileNotWritten) =>
  error._tag === "PathLocked"
    ? new StoreBusy({ path: store, host: error.host, pid: error.pid })
    : storeNotWritten(error)

/** Locks a store until the Scope closes. Makes the folder it is to lie in. Fails with `StoreBusy` where another has it. */
export const lockStore = (store: string) =>
  Effect.mapError(lockPath(store, "is preparing"), (error) => busy(store, error))
