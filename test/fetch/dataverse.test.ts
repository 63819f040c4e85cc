/** The token goes to its own server and nowhere else; restricted files and guestbooks end right, or with what to do. */
import { chmodSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { type DatasetOptions, listDataset } from "../../src/fetch/dataverse/dataset.ts"
import { loadAnswers } from "../../src/fetch/dataverse/guestbook.ts"
import { downloadFile } from "../../src/fetch/downloadFile.ts"
import { makeWarnings, Warnings } from "../../src/runtime/Warnings.ts"
import { type Dataverse, type DataverseOptions, startDataverse } from "../support/dataverse.ts"
import { lnmHere } from "../support/lnmHere.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeFile } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
const token = "0a1b2c3d-good-token"
const quick = { retries: { attempts: 3, firstMillis: 5, mostMillis: 10 }, stallMillis: 500 }
const content = Buffer.from("the content of a file")
let count = 0

const before = { ...process.env }

beforeEach(() => {
  process.env.XDG_CONFIG_HOME = join(scratch, `config-${++count}`)
  delete process.env.DATAVERSE_API_KEY
  delete process.env.DATAVERSE_SERVER
})

afterEach(() => {
  process.env = { ...before }
})

/** Lists and downloads the only file of a server; what it was told, what was warned of, and what the server has seen. */
const fetchFrom = (server: Partial<DataverseOptions>, options: DatasetOptions = {}, afterListing?: () => void) =>
  Effect.gen(function* () {
    const dataverse: Dataverse = yield* Effect.acquireRelease(
      Effect.promise(() => startDataverse({ files: [{ name: "a.tar", content }], tokens: [token], ...server })),
      ({ close }) => Effect.promise(close)
    )
    const warnings = makeWarnings(() => Effect.void)
    const target = join(scratch, `download-${++count}`, "a.tar")
    const fetching = Effect.gen(function* () {
      process.env.DATAVERSE_SERVER ??= dataverse.address
      const source = { dataverse: dataverse.address, doi: dataverse.doi, files: "**" }
      const listing = yield* listDataset(source, { ...quick, ...options })
      afterListing?.()
      yield* downloadFile(listing.files[0]!, target, { acceptMismatch: false, ...quick })
      return listing
    })
    const result = yield* Effect.result(fetching).pipe(Effect.provideService(Warnings, warnings))
    return { result, target, dataverse, warnings: yield* warnings.all }
  }).pipe(Effect.scoped)

type Outcome = Effect.Success<ReturnType<typeof fetchFrom>>

const messageOf = ({ result }: Outcome): string =>
  Result.isFailure(result) ? result.failure.message : assert.fail("it did not fail")

const assertFetched = ({ result, target }: Outcome): void => {
  assert.isTrue(Result.isSuccess(result), Result.isFailure(result) ? result.failure.message : "")
  assert.isTrue(readFileSync(target).equals(content))
}

/** Where the token was seen: whether on the server's own port, or on another. */
const seenTokens = ({ dataverse: { seen, storagePort } }: Outcome) =>
  seen.flatMap(({ port, token }) => (token === undefined ? [] : [port === storagePort ? "elsewhere" : "own"]))

describe("a token", () => {
  it.live("from the environment opens restricted files, and is shown to no other port", () =>
    Effect.gen(function* () {
      process.env.DATAVERSE_API_KEY = token
      const outcome = yield* fetchFrom({ files: [{ name: "a.tar", content, restricted: true }] })
      assertFetched(outcome)
      assert.deepStrictEqual(new Set(seenTokens(outcome)), new Set(["own"]))
      assert.include(Result.getOrThrow(outcome.result).notes.join("\n"), "token       from DATAVERSE_API_KEY")
    })
  )

  it.live("is in no file and in nothing that is said", () =>
    Effect.gen(function* () {
      process.env.DATAVERSE_API_KEY = token
      const dataverse = yield* Effect.acquireRelease(
        Effect.promise(() => startDataverse({ files: [{ name: "a.tar", content, listedMd5: "00" }], tokens: [token] })),
        ({ close }) => Effect.promise(close)
      )
      process.env.DATAVERSE_SERVER = dataverse.address
      const words = {
        title: "t",
        citation: ["c"],
        licence: "l",
        access: "a",
        size: "s",
        space: "MNI",
        mask: "m",
        preprocessing: "p"
      }
      const source = { dataverse: dataverse.address, doi: dataverse.doi }
      const catalogue = writeFile(
        join(scratch, "token.yaml"),
        JSON.stringify({ entries: { one: { ...words, source } } })
      )
      const to = join(scratch, "token")
      const args = ["fetch", "one", "--catalogue", catalogue, "--to", to, "--accept-terms", "--log-level", "debug"]
      const refused = yield* Effect.promise(() => lnmHere(args))
      assert.strictEqual(refused.code, 1)
      const taken = yield* Effect.promise(() => lnmHere([...args, "--accept-mismatch"]))
      assert.strictEqual(taken.code, 0, taken.stderr)
      assert.isTrue(dataverse.seen.some((request) => request.token === token))
      const files = readdirSync(to).map((name) => readFileSync(join(to, name), "utf8"))
      assert.notInclude([refused.stdout, refused.stderr, taken.stdout, taken.stderr, ...files].join("\n"), token)
    }).pipe(Effect.scoped)
  )

  it.live("from a file is taken where only its owner may read it", () =>
    Effect.gen(function* () {
      const file = writeFile(join(process.env.XDG_CONFIG_HOME!, "lnm/dataverse-api-key"), `${token}\n`)
      chmodSync(file, 0o640)
      const refused = yield* fetchFrom({})
      assert.include(messageOf(refused), "chmod 600")
      assert.notInclude(messageOf(refused), token)
      assert.deepStrictEqual(refused.dataverse.seen, [])
      chmodSync(file, 0o600)
      delete process.env.DATAVERSE_SERVER
      const taken = yield* fetchFrom({ files: [{ name: "a.tar", content, restricted: true }] })
      assertFetched(taken)
      assert.deepStrictEqual(new Set(seenTokens(taken)), new Set(["own"]))
    })
  )

  it.live("that the server does not take is left out, with a warning: what is public comes all the same", () =>
    Effect.gen(function* () {
      process.env.DATAVERSE_API_KEY = "an-old-token"
      const outcome = yield* fetchFrom({})
      assertFetched(outcome)
      assert.strictEqual(seenTokens(outcome).length, 1)
      assert.deepStrictEqual(
        outcome.warnings.map(({ file }) => file),
        ["DATAVERSE_API_KEY"]
      )
      assert.notInclude(JSON.stringify(outcome.warnings), "an-old-token")
    })
  )

  it.live("that expires while files are downloaded is left out from then on", () =>
    Effect.gen(function* () {
      process.env.DATAVERSE_API_KEY = token
      const tokens = [token]
      const outcome = yield* fetchFrom({ tokens }, {}, () => tokens.pop())
      assertFetched(outcome)
      assert.lengthOf(outcome.warnings, 1)
    })
  )

  it.live("is not shown to another server that a catalogue names", () =>
    Effect.gen(function* () {
      process.env.DATAVERSE_API_KEY = token
      process.env.DATAVERSE_SERVER = "https://dataverse.example.org"
      const outcome = yield* fetchFrom({})
      assertFetched(outcome)
      assert.deepStrictEqual(seenTokens(outcome), [])
    })
  )

  it.live("is not sent without encryption to another machine", () =>
    Effect.gen(function* () {
      process.env.DATAVERSE_API_KEY = token
      process.env.DATAVERSE_SERVER = "http://dataverse.example.org"
      const source = { dataverse: "http://dataverse.example.org", doi: "doi:10.5072/A", files: "**" }
      const result = yield* Effect.result(listDataset(source, quick))
      assert.include(Result.isFailure(result) ? result.failure.message : "", "not encrypted")
    })
  )

  it.live("is asked for where a file is restricted", () =>
    Effect.map(fetchFrom({ files: [{ name: "a.tar", content, restricted: true }] }), (outcome) => {
      assert.match(messageOf(outcome), /answers 403: Not authorized.*ask for access.*DATAVERSE_API_KEY/)
    })
  )
})

describe("a guestbook", () => {
  const guestbook = { id: 458, questions: ["What for?"], isTold: true }
  const answers = writeFile(
    join(scratch, "answers.yaml"),
    'name: A. Person\nemail: person@example.org\nanswers:\n  "100": Research\n'
  )

  for (const isTold of [true, false]) {
    it.live(
      `is told with its questions, where the server ${isTold ? "says that there is one" : "says so only when a file is asked for"}`,
      () =>
        Effect.map(fetchFrom({ guestbook: { ...guestbook, isTold } }), (outcome) => {
          const message = messageOf(outcome)
          assert.match(message, /name: …\n {2}email: …\n {2}answers:\n {4}"100": … {4}# What for\?/)
          assert.notInclude(message, "institution")
          assert.include(message, "--guestbook FILE")
        })
    )
  }

  it.live("is answered from the user's file, and the signed address is used without a token", () =>
    Effect.gen(function* () {
      process.env.DATAVERSE_API_KEY = token
      const outcome = yield* fetchFrom({ guestbook }, { answers: yield* loadAnswers(answers) })
      assertFetched(outcome)
      const { seen } = outcome.dataverse
      const posted = seen.find(({ path }) => path.endsWith("signed=true"))
      assert.deepStrictEqual(JSON.parse(posted!.body), {
        guestbookResponse: {
          name: "A. Person",
          email: "person@example.org",
          answers: [{ id: 100, value: "Research" }]
        }
      })
      assert.isUndefined(seen.find(({ path }) => path.includes("signature="))!.token)
    })
  )
})

describe("a listing", () => {
  it.live("is tried again while the server is busy, and is no data set's without its form", () =>
    Effect.gen(function* () {
      const none = yield* Effect.result(
        listDataset({ dataverse: "http://127.0.0.1:9", doi: "doi:1", files: "**" }, quick)
      )
      assert.match(Result.isFailure(none) ? none.failure.message : "", /no answer .*3 times in a row/)
    })
  )

  it.live("refuses names that lead out of the folder", () =>
    Effect.map(fetchFrom({ files: [{ name: "a.tar", folder: "../..", content }] }), (outcome) =>
      assert.include(messageOf(outcome), "no path below a folder")
    )
  )

  it.live("has the terms as text, without markup", () =>
    Effect.map(fetchFrom({ terms: "<p>Do <i>not</i> pass on.</p>" }), ({ result }) =>
      assert.deepStrictEqual(Result.getOrThrow(result).terms, ["Terms of use: Do not pass on."])
    )
  )
})
