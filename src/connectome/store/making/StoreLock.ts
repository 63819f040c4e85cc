/** Keeps two preparations off one store. */
import { Effect, Schema } from "effect"
import { lockPath } from "../../../files/lockPath.ts"
import { storeNotWritten } from "./writeStoreFile.ts"

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

/** Locks a store until the Scope closes. Makes the folder it is to lie in. Fails with `StoreBusy` where another has it. */
export const lockStore = (store: string) =>
  Effect.mapError(lockPath(store, "is preparing"), (error) =>
    error._tag === "PathLocked"
      ? new StoreBusy({ path: store, host: error.host, pid: error.pid })
      : storeNotWritten(error)
  )
