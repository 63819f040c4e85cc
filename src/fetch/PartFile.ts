/**
 * A file that is being downloaded: its bytes so far in `NAME.part`, and beside it `NAME.part.json`, which says of which version of which file
 * they are. MD5 and SHA-256 grow with it; what an earlier process has left is read once for them.
 */
import { createHash, type Hash } from "node:crypto"
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import path from "node:path"
import { Option, Schema } from "effect"
import { hashFile } from "../files/hashFile.ts"
import { makeFolder } from "../files/makeFolder.ts"
import { syncFolder } from "../files/syncFolder.ts"
import { isThere, unlessMissing } from "../files/unlessMissing.ts"

/** Of which file the bytes are. */
export const PartState = Schema.Struct({
  key: Schema.String,
  /** As the server lists it. */
  md5: Schema.optional(Schema.String),
  /** What tells one version of the file from another: its ETag or time of change. */
  version: Schema.optional(Schema.String),
  /** Bytes of the whole file, as the server sends it. */
  total: Schema.optional(Schema.Number)
})

export type PartState = typeof PartState.Type

const decodeState = Schema.decodeUnknownOption(Schema.fromJsonString(PartState))

export interface Digests {
  readonly bytes: number
  readonly md5: string
  readonly sha256: string
}

export const partName = (file: string): string => `${file}.part`
const stateName = (file: string): string => `${file}.part.json`

export class PartFile {
  readonly file: string
  private readonly handle: FileHandle
  private current: PartState
  private position = 0
  private md5: Hash = createHash("md5")
  private sha256: Hash = createHash("sha256")

  private constructor(file: string, handle: FileHandle, state: PartState) {
    this.file = file
    this.handle = handle
    this.current = state
  }

  /** Opens what is there of a file, or begins it. Rejects with the system's error. */
  static async open(file: string, key: string, md5: string | undefined, signal: AbortSignal): Promise<PartFile> {
    await makeFolder(path.dirname(file))
    const found = Option.getOrUndefined(decodeState(await readFile(stateName(file), "utf8").catch(unlessMissing)))
    const goesOn =
      found !== undefined && found.key === key && found.md5 === md5 && (await isThere(stat(partName(file))))
    const handle = await open(partName(file), goesOn ? "r+" : "w+")
    const state = goesOn ? found : { key, md5, version: undefined, total: undefined }
    const part = new PartFile(file, handle, state)
    if (goesOn) await part.readAgain(signal)
    return part
  }

  private async readAgain(signal: AbortSignal): Promise<void> {
    this.position = await hashFile({ update: (block) => this.add(block) }, partName(this.file), signal)
  }

  private add(block: Uint8Array): void {
    this.md5.update(block)
    this.sha256.update(block)
  }

  get bytes(): number {
    return this.position
  }

  get state(): PartState {
    return this.current
  }

  /** Keeps of which version the bytes are that come next. */
  async describe(state: Pick<PartState, "version" | "total">): Promise<void> {
    if (state.version === this.current.version && state.total === this.current.total) return
    this.current = { ...this.current, ...state }
    await writeFile(stateName(this.file), JSON.stringify(this.current))
  }

  /** Throws away what is there. */
  async restart(): Promise<void> {
    await this.handle.truncate(0)
    this.position = 0
    this.md5 = createHash("md5")
    this.sha256 = createHash("sha256")
  }

  async append(piece: Uint8Array): Promise<void> {
    for (let written = 0; written < piece.length; ) {
      const { bytesWritten } = await this.handle.write(piece, written, piece.length - written, this.position + written)
      written += bytesWritten
    }
    this.position += piece.length
    this.add(piece)
  }

  /** Of all bytes so far. */
  digests(): Digests {
    return { bytes: this.position, md5: this.md5.copy().digest("hex"), sha256: this.sha256.copy().digest("hex") }
  }

  /** Flushes the file and gives it its name. */
  async finish(): Promise<void> {
    await this.handle.datasync()
    await this.handle.close()
    await rename(partName(this.file), this.file)
    await rm(stateName(this.file), { force: true })
    await syncFolder(path.dirname(this.file))
  }

  close(): Promise<void> {
    return this.handle.close()
  }
}
