/** A download ends with the server's bytes, or with an error that says what to do, whatever the server and the connection do. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { listDataset } from "../../src/fetch/dataverse/dataset.ts"
import { type DownloadOptions, downloadFile } from "../../src/fetch/downloadFile.ts"
import { makeWarnings, Warnings } from "../../src/runtime/Warnings.ts"
import {
  type DataverseOptions,
  md5Of,
  type ServedFile,
  sendSome,
  sha256Of,
  startDataverse
} from "../support/dataverse.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const scratch = scratchFolder()
let count = 0

/** Bytes that look alike nowhere. */
const contentOf = (bytes: number, seed = 1): Buffer =>
  Buffer.from(Uint8Array.from({ length: bytes }, (_, n) => (Math.imul(n + 1, 2654435761 + 2 * seed) >>> 13) & 255))

const quick = { retries: { attempts: 4, firstMillis: 5, mostMillis: 20 }, stallMillis: 400 }

interface Setting extends Omit<DataverseOptions, "files"> {
  readonly file?: Partial<ServedFile>
  readonly options?: Partial<DownloadOptions>
  /** Downloads of one and the same target. */
  readonly times?: number
  readonly to?: string
}

/** Downloads a file of 200 kB from a server of its own; gives what became of it. */
const download = ({ file: given = {}, options = {}, times = 1, to, ...server }: Setting) =>
  Effect.gen(function* () {
    const file: ServedFile = { name: "scan.tar", content: contentOf(200_000), ...given }
    const dataverse = yield* Effect.acquireRelease(
      Effect.promise(() => startDataverse({ ...server, files: [file] })),
      ({ close }) => Effect.promise(close)
    )
    const target = to ?? join(scratch, `${++count}`, file.name)
    const { files } = yield* listDataset({ dataverse: dataverse.address, doi: dataverse.doi, files: "**" }, quick)
    const download = downloadFile(files[0]!, target, { acceptMismatch: false, ...quick, ...options })
    let result = yield* Effect.result(download)
    for (let n = 1; n < times; n++) result = yield* Effect.result(download)
    return { result, target, file, seen: dataverse.seen, storage: dataverse.storagePort }
  }).pipe(Effect.scoped)

const rangesOf = (outcome: Effect.Success<ReturnType<typeof download>>) =>
  outcome.seen.filter(({ port }) => port === outcome.storage).map(({ range }) => range)

const assertWhole = (outcome: Effect.Success<ReturnType<typeof download>>): void => {
  const { result, target, file } = outcome
  assert.isTrue(Result.isSuccess(result), Result.isFailure(result) ? result.failure.message : "")
  assert.isTrue(readFileSync(target).equals(file.content))
  const { bytes, md5, sha256 } = Result.getOrThrow(result)
  assert.deepStrictEqual([bytes, md5, sha256], [file.content.length, md5Of(file.content), sha256Of(file.content)])
  assert.isFalse(existsSync(`${target}.part`) || existsSync(`${target}.part.json`))
}

const messageOf = ({ result }: Effect.Success<ReturnType<typeof download>>): string =>
  Result.isFailure(result) ? result.failure.message : assert.fail("it did not fail")

describe("downloading a file", () => {
  it.live("asks once, without a range, and follows the redirect to another port", () =>
    Effect.map(download({}), (outcome) => {
      assertWhole(outcome)
      assert.deepStrictEqual(rangesOf(outcome), [undefined])
    })
  )

  it.live("goes on after the last byte where the connection is cut, as often as it is", () =>
    Effect.map(
      download({ misbehave: (n, exchange) => n <= 6 && sendSome(exchange, 30_000, (socket) => socket.destroy()) }),
      (outcome) => {
        assertWhole(outcome)
        const starts = rangesOf(outcome).map((range) => Number(/\d+/.exec(range ?? "0")![0]))
        assert.isAbove(starts.length, 5)
        assert.deepStrictEqual(
          starts,
          [...starts].sort((a, b) => a - b),
          "no byte is asked for twice"
        )
      }
    )
  )

  it.live("notices a connection on which nothing comes, and goes on", () =>
    Effect.map(download({ misbehave: (n, exchange) => n === 1 && sendSome(exchange, 50_000, () => {}) }), (outcome) => {
      assertWhole(outcome)
      assert.strictEqual(rangesOf(outcome).length, 2)
      assert.match(rangesOf(outcome)[1]!, /^bytes=50000-$/)
    })
  )

  it.live("notices a server that never answers", () => Effect.map(download({ misbehave: (n) => n === 1 }), assertWhole))

  it.live("waits as long as a busy server asks for, and no more than a few times", () =>
    Effect.gen(function* () {
      const busy =
        (until: number) =>
        (n: number, { response }: { response: import("node:http").ServerResponse }) => {
          if (n > until) return false
          response.writeHead(n % 2 === 0 ? 503 : 429, { "Retry-After": "0" }).end()
          return true
        }
      assertWhole(yield* download({ misbehave: busy(3) }))
      const outcome = yield* download({ misbehave: busy(99) })
      assert.match(messageOf(outcome), /busy \(503\), 4 times in a row.*it goes on from there/)
    })
  )

  it.live("gives up at once where a server asks to wait for hours", () =>
    Effect.map(
      download({
        misbehave: (_, { response }) => {
          response.writeHead(429, { "Retry-After": "7200" }).end()
          return true
        }
      }),
      (outcome) => assert.match(messageOf(outcome), /busy \(429\), 1 times in a row/)
    )
  )

  it.live("begins anew where the file changes between two ranges", () =>
    Effect.gen(function* () {
      const changed = contentOf(200_000, 7)
      const outcome = yield* download({
        file: { listedMd5: md5Of(changed) },
        misbehave: (n, exchange) => {
          if (n > 1) return false
          return sendSome(exchange, 60_000, (socket) => {
            exchange.file.content = changed
            socket.destroy()
          })
        }
      })
      assertWhole(outcome)
      assert.isTrue(readFileSync(outcome.target).equals(changed))
    })
  )

  it.live("begins anew where a range comes from another version although If-Range was asked", () =>
    Effect.gen(function* () {
      const changed = contentOf(200_000, 8)
      const outcome = yield* download({
        file: { listedMd5: md5Of(changed) },
        misbehave: (n, exchange) => {
          if (n === 1) {
            return sendSome(exchange, 60_000, (socket) => {
              exchange.file.content = changed
              socket.destroy()
            })
          }
          if (n > 2) return false
          // A server that does not look at If-Range.
          const from = Number(/\d+/.exec(exchange.request.headers.range!)![0])
          return sendSome({ ...exchange, from }, 200_000 - from, () => {})
        }
      })
      assertWhole(outcome)
      assert.strictEqual(rangesOf(outcome).length, 3)
    })
  )

  it.live("gives up where the file changes again and again", () =>
    Effect.gen(function* () {
      let version = 10
      const outcome = yield* download({
        misbehave: (_, exchange) => {
          const from = Number(/\d+/.exec(exchange.request.headers.range ?? "0")![0])
          return sendSome({ ...exchange, from: from < 150_000 ? from : 0 }, 40_000, (socket) => {
            exchange.file.content = contentOf(200_000, ++version)
            socket.destroy()
          })
        }
      })
      assert.match(messageOf(outcome), /changes again and again/)
    })
  )

  it.live("takes the whole answer of a server that knows no ranges", () =>
    Effect.map(
      download({
        misbehave: (n, exchange) =>
          n === 1
            ? sendSome(exchange, 70_000, (socket) => socket.destroy())
            : sendSome({ ...exchange, from: 0 }, 200_000, () => exchange.response.end())
      }),
      assertWhole
    )
  )

  it.live(
    "keeps a file whose MD5 is not the listed one, shows both, and takes it when told to, without asking again",
    () =>
      Effect.gen(function* () {
        const listedMd5 = "0123456789abcdef0123456789abcdef"
        const refused = yield* download({ file: { listedMd5 }, times: 2 })
        const message = messageOf(refused)
        assert.include(message, listedMd5)
        assert.include(message, md5Of(refused.file.content))
        assert.include(message, "--accept-mismatch")
        assert.isTrue(readFileSync(`${refused.target}.part`).equals(refused.file.content))
        assert.strictEqual(rangesOf(refused).length, 1)
        const warnings = makeWarnings(() => Effect.void)
        const accepted = yield* download({ file: { listedMd5 }, options: { acceptMismatch: true } }).pipe(
          Effect.provideService(Warnings, warnings)
        )
        assertWhole(accepted)
        const [warning] = yield* warnings.all
        assert.include(warning?.found, listedMd5)
      })
  )

  it.live("takes the size that comes for the true one, and says that the listed one is another", () =>
    Effect.map(download({ file: { listedBytes: 123 } }), (outcome) => {
      assert.match(messageOf(outcome), /listed 123 bytes.*found 200000 bytes/)
    })
  )

  it.live("goes on with what another process has left, and not with what is of another file", () =>
    Effect.gen(function* () {
      const cut = (n: number, exchange: Parameters<typeof sendSome>[0]) =>
        n <= 4 && sendSome(exchange, n === 1 ? 90_000 : 0, (socket) => socket.destroy())
      const outcome = yield* download({ misbehave: cut, times: 2 })
      assertWhole(outcome)
      const [first, ...others] = rangesOf(outcome).slice(1)
      assert.match(first!, /^bytes=[1-9]\d*-$/)
      assert.deepStrictEqual(new Set(others), new Set([first]), "both processes ask for the same")
      const begun = yield* download({ misbehave: cut })
      const content = contentOf(200_000, 3)
      const other = yield* download({ to: begun.target, file: { content } })
      assertWhole(other)
      assert.deepStrictEqual(rangesOf(other), [undefined])
    })
  )

  it.live("an error as JSON in place of the file is told, and not taken for the file", () =>
    Effect.map(
      download({
        misbehave: (_, { response }) => {
          response.writeHead(200, { "Content-Type": "application/json" })
          response.end(JSON.stringify({ status: "ERROR", message: "The object store is closed" }))
          return true
        }
      }),
      (outcome) => {
        assert.match(messageOf(outcome), /The object store is closed/)
        assert.notInclude(messageOf(outcome), "secret")
      }
    )
  )

  it.live("says where a folder cannot be written to", () =>
    Effect.gen(function* () {
      writeFileSync(join(scratch, `${count + 1}`), "a file where the folder should be")
      assert.match(messageOf(yield* download({})), /could not be written: a part of the path is a file/)
    })
  )
})
