/** What is kept of a file that was written, or read whole: enough to tell whether it is still the same. */
import { Schema } from "effect"

export const FileRecord = Schema.Struct({ path: Schema.String, bytes: Schema.Number, sha256: Schema.String })

export type FileRecord = typeof FileRecord.Type
