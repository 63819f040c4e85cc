/**
 * Hashes of a connectome store: of the checksums that it has, in moments; or of all of its chunk files, which takes as long as to read them.
 */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import type { ChosenSubjects, StoredTimeSeries } from "../connectome/Connectome.ts"
import { hashFile } from "../files/hashFile.ts"
import { canonicalJson } from "./canonicalJson.ts"
import type { StoreRecord, WholeRecord } from "./InputRecord.ts"
import { InputUnreadable } from "./Manifest.ts"

/** A connectome that is a store. */
export interface StoreOfSubjects {
  /** Its folder. */
  readonly path: string
  readonly chosen?: ChosenSubjects
  readonly stored: StoredTimeSeries
}

const totalOf = ({ stored }: StoreOfSubjects) => {
  let [files, bytes] = [0, 0]
  for (let subject = 0; subject < stored.ids.length; subject++) {
    for (const file of stored.filesOf(subject)) {
      files++
      bytes += file.bytes
    }
  }
  return { files, bytes }
}

/** Which subjects a record is of, where not of all. */
const subjectsIn = ({ stored, chosen }: StoreOfSubjects) => (chosen === undefined ? {} : { subjects: stored.ids })

/** Hashes the precision, and size and checksum of each chunk file; reads none of them. */
export const hashStore = Effect.fn("hashStore")(function* (store: StoreOfSubjects) {
  const { path, stored } = store
  const hash = createHash("sha256").update(stored.extent.precision)
  for (let subject = 0; subject < stored.ids.length; subject++) {
    hash.update(canonicalJson(stored.filesOf(subject).map(({ bytes, checksum }) => [bytes, checksum])))
    yield* Effect.yieldNow
  }
  const { files, bytes } = totalOf(store)
  const record: StoreRecord = { path, bytes, method: "store", hash: hash.digest("hex"), files, ...subjectsIn(store) }
  return record
})

/** SHA-256 of all chunk files, subject after subject, in the order in which the store lists them. Errors: `InputUnreadable`. */
export const hashWholeStore = Effect.fn("hashWholeStore")(function* (store: StoreOfSubjects) {
  const hash = createHash("sha256")
  for (let subject = 0; subject < store.stored.ids.length; subject++) {
    for (const { path: file } of store.stored.filesOf(subject)) {
      yield* Effect.tryPromise({
        try: (signal) => hashFile(hash, file, signal),
        catch: (cause) => new InputUnreadable({ file, cause })
      })
    }
  }
  const { files, bytes } = totalOf(store)
  const { path } = store
  const record: WholeRecord = {
    ...{ path, bytes, method: "sha256", sha256: hash.digest("hex"), files },
    ...subjectsIn(store)
  }
  return record
})
