/**
 * The one way in which making the demo's data can fail: a file or folder that could not be written.
 */
import { Schema } from "effect"
import { reasonOf } from "../files/reasonOf.ts"

/** A file of the demo could not be written; `problem` says why, `remedy` what to do. */
export class DemoNotWritten extends Schema.TaggedError<DemoNotWritten>()("DemoNotWritten", {
  file: Schema.String,
  problem: Schema.String,
  remedy: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. ${this.remedy}.`
  }
}

/** What HDF5 quotes of the operating system's own words, deep inside a message of many lines. */
const quotedReason = /error message = '([^']+)'/

const reasonFrom = (cause: unknown): string => quotedReason.exec(String(cause))?.[1] ?? reasonOf(cause)

/** The failure for what Node or HDF5 threw while writing `file`. */
export const demoNotWritten = (file: string, cause: unknown): DemoNotWritten =>
  new DemoNotWritten({
    file,
    problem: `cannot be written (${reasonFrom(cause)})`,
    remedy: "Name a folder that you may write to, on a disk with 300 MB free",
    cause
  })
