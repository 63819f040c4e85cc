/**
 * The failure of every reader of NIfTI files: the file is not what it should be, and what can be done about it.
 *
 * One error for all of it (missing, empty, no NIfTI, damaged, truncated, unsupported), because a caller does the same
 * with each: it names the file and stops. `remedy` says what the user can do.
 */
import { Schema } from "effect"

/** A file is not a NIfTI volume that can be read. */
export class InvalidNifti extends Schema.TaggedError<InvalidNifti>()("InvalidNifti", {
  file: Schema.String,
  problem: Schema.String,
  remedy: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. ${this.remedy}.`
  }
}
