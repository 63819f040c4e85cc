/**
 * A guestbook: what a data set's owners want to know of those who download it. It is answered from a file of the user's, never by itself.
 *
 * The answers are sent with the request for each file; the server gives a signed address for it, which holds for a short time.
 */
import { Effect, Schema } from "effect"
import { loadConfigAs } from "../../config/loadConfig.ts"
import { ServerSilent, TryAgain, UnexpectedAnswer } from "../FetchFailure.ts"
import type { HttpRequest } from "../sendRequest.ts"
import { askJson, type DataverseServer } from "./DataverseServer.ts"

const Text = Schema.NonEmptyString

/** The file with a user's answers. */
const Answers = Schema.Struct({
  name: Schema.optionalKey(Text),
  email: Schema.optionalKey(Text),
  institution: Schema.optionalKey(Text),
  position: Schema.optionalKey(Text),
  answers: Schema.optionalKey(Schema.Record(Schema.String, Schema.Union([Text, Schema.Array(Text)])))
})

export type GuestbookAnswers = typeof Answers.Type

const definition = { name: "guestbook", schema: Answers, resolvePaths: (file: GuestbookAnswers) => file }

/** Reads a file of answers. Errors: `InvalidConfig`. */
export const loadAnswers = (file: string) => Effect.map(loadConfigAs(definition, file), ({ config }) => config)

/** The data set has a guestbook, and there are no answers to it. */
export class GuestbookNeeded extends Schema.TaggedError<GuestbookNeeded>()("GuestbookNeeded", {
  server: Schema.String,
  questions: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return (
      `${this.server}: who downloads this data set answers its guestbook first. Write the answers into a YAML file and give it with ` +
      `--guestbook FILE; they are sent to the server with each file. Its keys:\n  ${this.questions.join("\n  ")}`
    )
  }
}

const Guestbook = Schema.Struct({
  nameRequired: Schema.optionalKey(Schema.Boolean),
  emailRequired: Schema.optionalKey(Schema.Boolean),
  institutionRequired: Schema.optionalKey(Schema.Boolean),
  positionRequired: Schema.optionalKey(Schema.Boolean),
  customQuestions: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        id: Schema.Int,
        question: Schema.String,
        required: Schema.optionalKey(Schema.Boolean)
      })
    )
  )
})

/** Fails with `GuestbookNeeded` and the questions. */
export const needGuestbook = Effect.fnUntraced(function* (server: DataverseServer, id: number) {
  const book = yield* askJson(server, `/api/guestbooks/${id}`, Guestbook)
  const own = (book.customQuestions ?? []).map(
    ({ id, question, required }) => `  "${id}": …    # ${question}${required === true ? "" : " (may be left out)"}`
  )
  const questions = [
    ...(["name", "email", "institution", "position"] as const).flatMap((key) =>
      book[`${key}Required`] === true ? [`${key}: …`] : []
    ),
    ...(own.length > 0 ? ["answers:", ...own] : [])
  ]
  return yield* new GuestbookNeeded({ server: server.address, questions })
})

/** The number of a guestbook that a refusal names; undefined where it names none. */
export const guestbookNumberIn = (said: string): number | undefined => {
  const [, number] = /guestbook\s*ID\s*(\d+)/i.exec(said) ?? []
  return number === undefined ? undefined : Number(number)
}

const Signed = Schema.Struct({ signedUrl: Schema.String })

/** The request for a file after its guestbook has been answered: a signed address, to which no token is shown. */
export const signedRequest = (
  server: DataverseServer,
  place: string,
  { answers = {}, ...person }: GuestbookAnswers
): Effect.Effect<HttpRequest, Error> => {
  const own = Object.entries(answers).map(([id, value]) => ({ id: Number(id), value }))
  const guestbookResponse = { ...person, ...(own.length > 0 ? { answers: own } : {}) }
  const signed = askJson(server, `${place}?signed=true`, Signed, { guestbookResponse })
  return signed.pipe(
    Effect.flatMap(({ signedUrl }) => signedAddress(server, signedUrl)),
    // The file's own patience is longer than that for a list.
    Effect.mapError((error) => (error instanceof ServerSilent ? new TryAgain({ problem: error.problem }) : error))
  )
}

/** The address is a secret: where the server is asked with encryption, so is it. */
const signedAddress = ({ address }: DataverseServer, signedUrl: string) => {
  const url = URL.canParse(signedUrl, address) ? new URL(signedUrl, address) : undefined
  return url === undefined || (new URL(address).protocol === "https:" && url.protocol !== "https:")
    ? Effect.fail(new UnexpectedAnswer({ address, problem: "the address that it signed is no secure web address" }))
    : Effect.succeed({ url })
}
