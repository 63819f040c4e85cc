/** Hashes inputs again as a manifest says that they were hashed, or whole: whether they are still what a run was made of. */
import { Effect } from "effect"
import { openStoreConnectome } from "../connectome/store/StoreConnectome.ts"
import { choiceOfIds } from "../connectome/subjectChoice.ts"
import { hashSampled, hashWhole } from "./hashInput.ts"
import { hashStore, hashWholeStore, type StoreOfSubjects } from "./hashStore.ts"
import type { InputRecord, StoreRecord, WholeRecord } from "./InputRecord.ts"
import { InputUnreadable } from "./Manifest.ts"

type Hashed<Record extends InputRecord = InputRecord> = Effect.Effect<Record, InputUnreadable>

/**
 * The record of the input as it is now, by the method of the given record. Equal to it where the content is.
 *
 * Of a store the chunk files are not read: whether they have the checksums that it says is for `findDamagedChunks` to tell.
 */
export const hashAgain = (record: InputRecord): Hashed =>
  record.method === "sha256-sampled"
    ? hashSampled(record.path)
    : record.method === "store"
      ? ofStore(record, hashStore)
      : hashWholly(record)

/** SHA-256 of all of the input as it is now, whatever the method of the given record. */
export const hashWholly = (record: InputRecord): Hashed<WholeRecord> =>
  "files" in record ? ofStore(record, hashWholeStore) : hashWhole(record.path)

/** Of the subjects of the record alone. */
const ofStore = <Record extends InputRecord>(
  { path: folder, subjects }: StoreRecord | WholeRecord,
  hash: (store: StoreOfSubjects) => Hashed<Record>
): Hashed<Record> =>
  openStoreConnectome(folder, subjects === undefined ? {} : choiceOfIds(subjects)).pipe(
    Effect.mapError((cause) => new InputUnreadable({ file: folder, cause })),
    Effect.flatMap(hash)
  )
