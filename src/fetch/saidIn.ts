/** The form of a Dataverse's JSON answers, also where it sends one in place of a file. */
import { Option, Schema } from "effect"

const Answer = Schema.Struct({
  status: Schema.String,
  message: Schema.optionalKey(Schema.Unknown),
  data: Schema.optionalKey(Schema.Unknown)
})

export const decodeAnswer = Schema.decodeUnknownOption(Schema.fromJsonString(Answer))

/** What the server says in words, of an answer that is no success. */
export const saidIn = (text: string): string => {
  const message = Option.getOrUndefined(decodeAnswer(text))?.message
  return typeof message === "string" ? message : ""
}
