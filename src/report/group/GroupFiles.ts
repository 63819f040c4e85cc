/**
 * The files of a group's output folder, read as its run wrote them: those alone that the manifest lists, each held against its SHA-256.
 * What cannot be read is a note of the report, and its part is left out.
 */
import { Effect, Result } from "effect"
import { reasonOf } from "../../files/reasonOf.ts"
import type { Grid } from "../../imaging/Grid.ts"
import { readVolumeHeader } from "../../imaging/nifti/readVolume.ts"
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import type { FileRecord } from "../../output/FileRecord.ts"
import { readListed } from "../../output/readListed.ts"
import type { ReportNotes } from "../ReportNotes.ts"
import { readMapValues } from "../readMapValues.ts"
import { mapFileOf } from "../reportedLesions.ts"
import { type GroupTable, parseGroupTable } from "./groupTable.ts"

export interface GroupMap {
  readonly grid: Grid
  /** Shape: (voxels of the grid). Values that are not finite are 0. */
  readonly values: Float32Array
}

export interface GroupFiles {
  /** Paths of all files, sorted. */
  readonly paths: ReadonlyArray<string>
  readonly has: (path: string) => boolean
  readonly table: (path: string) => Effect.Effect<GroupTable | undefined>
  readonly json: (path: string) => Effect.Effect<unknown>
  readonly map: (path: string) => Effect.Effect<GroupMap | undefined>
}

export const makeGroupFiles = (folder: string, outputs: ReadonlyArray<FileRecord>, notes: ReportNotes): GroupFiles => {
  const listed = new Map(outputs.map((file) => [file.path, file]))
  const reading = <A, E extends { readonly message: string }>(
    path: string,
    read: (file: FileRecord) => Effect.Effect<A, E>
  ) =>
    Effect.gen(function* () {
      const file = listed.get(path)
      if (file === undefined) return undefined
      const result = yield* Effect.result(read(file))
      if (Result.isSuccess(result)) return result.success
      notes.add(`A file is not shown: ${result.failure.message.replace(/\.$/, "")}.`)
      return undefined
    })
  const text = (file: FileRecord) => Effect.map(readListed(folder, file), ({ content }) => String(Buffer.from(content)))
  return {
    paths: [...listed.keys()].sort(),
    has: (path) => listed.has(path),
    table: (path) => reading(path, (file) => Effect.map(text(file), parseGroupTable)),
    json: (path) =>
      reading(path, (file) =>
        Effect.flatMap(text(file), (content) =>
          Effect.try({
            try: (): unknown => JSON.parse(content),
            catch: () => ({ message: `${path}: it is no JSON` })
          })
        )
      ),
    map: (path) =>
      reading(path, (file) =>
        Effect.gen(function* () {
          const { file: place, content } = yield* readListed(folder, file)
          // Small files lie in memory that others share.
          if (content.buffer.byteLength === content.length) releaseMemory(content)
          const header = yield* readVolumeHeader(place)
          return yield* Effect.try({
            try: (): GroupMap => ({ grid: header.grid, values: readMapValues(mapFileOf(header)).values }),
            catch: (cause) => ({ message: `${place}: ${reasonOf(cause, "reading")}` })
          })
        })
      )
  }
}
