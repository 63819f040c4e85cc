/**
 * Finds files of a connectome that are there twice: a copy, or a link beside what it leads to. Their subjects would count twice,
 * and a statistic over subjects would be surer than it may be.
 *
 * Files are compared byte by byte, but only those of one size whose beginnings, middles and ends are the same.
 */
import { createHash } from "node:crypto"
import { type FileHandle, open, stat } from "node:fs/promises"
import { Effect } from "effect"
import { InvalidConnectome } from "./Connectome.ts"

/** Bytes read at a time. */
const pieceBytes = 64 * 1024

/** Files looked at a time: enough to hide the latency of a network disk. */
const filesAtATime = 16

interface SizedFile {
  readonly file: string
  readonly size: number
  /** Device and inode: the same for two names of one file. */
  readonly identity: string
}

const readPiece = async (handle: FileHandle, position: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(pieceBytes), 0, pieceBytes, position)
  return buffer.subarray(0, bytesRead)
}

/** A word of three pieces of a file; files with different words are different. */
const sampleOf = async ({ file, size }: SizedFile): Promise<string> => {
  await using handle = await open(file)
  const hash = createHash("sha256")
  for (const position of [0, Math.floor(size / 2), Math.max(0, size - pieceBytes)]) {
    hash.update(await readPiece(handle, position))
  }
  return hash.digest("hex")
}

const haveSameBytes = async (a: SizedFile, b: SizedFile): Promise<boolean> => {
  await using first = await open(a.file)
  await using second = await open(b.file)
  for (let position = 0; position < a.size; position += pieceBytes) {
    const [one, other] = [await readPiece(first, position), await readPiece(second, position)]
    if (!one.equals(other)) return false
  }
  return true
}

/** What cannot be read is told by those who open it. */
const unlessUnreadable = <A>(step: () => Promise<A>): Effect.Effect<A | undefined> =>
  Effect.tryPromise(step).pipe(Effect.orElseSucceed(() => undefined))

const sizedOf = (file: string): Effect.Effect<SizedFile | undefined> =>
  unlessUnreadable(async () => {
    const { size, dev, ino } = await stat(file)
    return { file, size, identity: `${dev}:${ino}` }
  })

const twice = (first: SizedFile, second: SizedFile, how: string): InvalidConnectome =>
  new InvalidConnectome({
    file: second.file,
    problem: `it is ${how} ${first.file}, so that its subjects would count twice`,
    remedy: "Remove one of the two."
  })

/** The first two files of one size that are the same. */
const refuseCopies = Effect.fnUntraced(function* (
  files: ReadonlyArray<SizedFile>
): Effect.fn.Return<void, InvalidConnectome> {
  const samples = yield* Effect.forEach(files, (file) => unlessUnreadable(() => sampleOf(file)), {
    concurrency: filesAtATime
  })
  const seen = new Map<string, SizedFile>()
  for (const [n, file] of files.entries()) {
    const sample = samples[n]
    if (sample === undefined) continue
    const first = seen.get(sample)
    if (first === undefined) seen.set(sample, file)
    else if (yield* unlessUnreadable(() => haveSameBytes(first, file))) return yield* twice(first, file, "a copy of")
  }
})

/** Fails with `InvalidConnectome` where two of the files are one file, or hold the same bytes. */
export const refuseSameFiles = Effect.fn("refuseSameFiles")(function* (
  files: ReadonlyArray<string>
): Effect.fn.Return<void, InvalidConnectome> {
  const found = yield* Effect.forEach([...new Set(files)], sizedOf, { concurrency: filesAtATime })
  const sized = found.filter((file) => file !== undefined)
  const seen = new Map<string, SizedFile>()
  for (const file of sized) {
    const first = seen.get(file.identity)
    if (first !== undefined) return yield* twice(first, file, "another name of")
    seen.set(file.identity, file)
  }
  for (const group of Map.groupBy(sized, ({ size }) => size).values()) if (group.length > 1) yield* refuseCopies(group)
})

/** Fails where a virtual dataset takes its values from files that are read as a connectome's files too. */
export const refuseOwnSources = (
  file: string,
  sources: ReadonlyArray<string>,
  files: ReadonlyArray<string>
): Effect.Effect<void, InvalidConnectome> => {
  const own = sources.find((source) => source !== file && files.includes(source))
  if (own === undefined) return Effect.void
  const problem = `its virtual dataset takes subjects from ${own}, which is read as well, so that they would count twice`
  const remedy = "Give this file alone as the path, or take it out of the folder."
  return Effect.fail(new InvalidConnectome({ file, problem, remedy }))
}
