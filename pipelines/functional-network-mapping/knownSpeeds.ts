/**
 * How fast earlier runs were on this machine, kept in the user's cache folder, so that a plan can say how long a run will take. Only runs
 * that took a while are kept, the newest. Where there is no such folder, or nothing in it can be understood, nothing is known; no result
 * depends on it.
 */
import { statSync } from "node:fs"
import { availableParallelism, cpus } from "node:os"
import path from "node:path"
import { DateTime, Effect, Option, Schema } from "effect"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import type { ChosenBackend } from "../../src/engine/chooseBackend.ts"
import { readRegularFile } from "../../src/files/readRegularFile.ts"
import { writeWhole } from "../../src/files/writeWhole.ts"
import { userCacheFolder } from "../../src/runtime/cacheFolder.js"
import { packageVersion } from "../../src/runtime/version.ts"
import { distanceOf, MeasuredSpeed, type PassSize } from "./timeEstimate.ts"

/** What must be the same for a run to take as long as another one of its size. */
const Circumstances = Schema.Struct({
  version: Schema.String,
  processor: Schema.String,
  processors: Schema.Int,
  arithmetic: Schema.String,
  /** Bits of the kernels' vectors; 0: the plain stages. */
  vectors: Schema.Int,
  method: Schema.String,
  /** How the time series lie in the files. */
  storage: Schema.String,
  /** The system's number of the disk that they lie on. */
  disk: Schema.Number
})

export type Circumstances = typeof Circumstances.Type

/** A run that was measured. */
const KnownSpeed = Schema.Struct({ at: Schema.String, of: Circumstances, speed: MeasuredSpeed })

export type KnownSpeed = typeof KnownSpeed.Type

const KnownSpeeds = Schema.Array(KnownSpeed)

/** Runs that are kept. */
const mostKept = 50

/** Seconds of passes below which a run tells of its beginning more than of its speed. */
const leastSeconds = 1

/** No such file is nearly as large. */
const mostBytes = 2 ** 20

const fileOf = (folder: string | undefined): string | undefined =>
  folder === undefined ? undefined : path.join(folder, "speeds.json")

const ownFolder = (): string | undefined => userCacheFolder("speeds")

/** The circumstances of a run over this connectome now. */
export const circumstancesOf = (
  { path: location, storage }: Connectome,
  { arithmetic, vectors }: Pick<ChosenBackend, "arithmetic" | "vectors">,
  method: string
): Circumstances => ({
  version: packageVersion,
  processor: cpus()[0]?.model ?? "unknown",
  processors: availableParallelism(),
  arithmetic,
  vectors: vectors ?? 0,
  method,
  storage,
  disk: statSync(location, { throwIfNoEntry: false })?.dev ?? 0
})

/** The runs that are known, the newest first. */
export const readSpeeds = Effect.fnUntraced(function* (folder = ownFolder()) {
  const file = fileOf(folder)
  if (file === undefined) return []
  const text = yield* Effect.promise(() => readRegularFile(file, mostBytes).then(String, () => ""))
  return Option.getOrElse(Schema.decodeUnknownOption(Schema.fromJsonString(KnownSpeeds))(text), () => [])
})

/** Keeps how fast a run was; one that was short is not. */
export const keepSpeed = Effect.fnUntraced(function* (
  of: Circumstances,
  speed: MeasuredSpeed,
  passesSeconds: number,
  folder = ownFolder()
) {
  const file = fileOf(folder)
  if (file === undefined || passesSeconds < leastSeconds) return
  const at = DateTime.formatIso(yield* DateTime.now)
  const kept = [{ at, of, speed }, ...(yield* readSpeeds(folder))].slice(0, mostKept)
  yield* Effect.ignore(writeWhole(file, `${JSON.stringify(kept, null, 1)}\n`))
})

/** Of the runs in the same circumstances the one whose size is nearest, the newest of several; undefined where there is none. */
export const nearestSpeed = (
  known: ReadonlyArray<KnownSpeed>,
  of: Circumstances,
  size: PassSize
): KnownSpeed | undefined =>
  known
    .filter((one) => keys.every((key) => one.of[key] === of[key]))
    .reduce<KnownSpeed | undefined>(
      (nearest, one) =>
        nearest === undefined || distanceOf(one.speed.size, size) < distanceOf(nearest.speed.size, size)
          ? one
          : nearest,
      undefined
    )

const keys = Object.keys(Circumstances.fields) as ReadonlyArray<keyof Circumstances>
