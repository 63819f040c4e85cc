/**
 * `lnm verify OUTPUT --rerun`: computes a finished run again from its manifest's config, into a temporary folder, and compares every map,
 * inflated, and every table byte for byte. The folder is removed in any case.
 */
import { mkdtemp, rm, statfs } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { Console, Effect, Schema } from "effect"
import { reasonOf } from "../files/reasonOf.ts"
import type { FileRecord } from "../output/FileRecord.ts"
import { contentOfOutputs } from "../output/lockedFiles.ts"
import { type Manifest, manifestName, readManifest } from "../output/Manifest.ts"
import { formatBytes } from "../runtime/Plan.ts"
import { Progress } from "../runtime/Progress.ts"
import { printable, printableExcerpt } from "../runtime/printable.ts"
import { warn } from "../runtime/Warnings.ts"
import { checking, running } from "./CommandFailed.ts"
import { describeValues } from "./differingValues.ts"
import { problemOfOtherRuns } from "./lock.ts"
import { decodeConfig, type Keys, withKey } from "./lockedConfig.ts"
import { runPlanned } from "./run.ts"

/** A run cannot be computed again. */
export class CannotRunAgain extends Schema.TaggedError<CannotRunAgain>()("CannotRunAgain", {
  folder: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.folder}: the run cannot be computed again: ${this.problem}. Leave --rerun out, or run a config that makes all that is there.`
  }
}

/** Maps or tables came out otherwise. */
export class ComputedOtherwise extends Schema.TaggedError<ComputedOtherwise>()("ComputedOtherwise", {
  folder: Schema.String,
  differences: Schema.Array(Schema.String),
  /** How two runs may differ without a fault; empty: not at all. */
  hint: Schema.String
}) {
  override get message(): string {
    const { folder, differences, hint } = this
    const named = differences.slice(0, mostNamed)
    const rest = differences.length > mostNamed ? [`and ${differences.length - mostNamed} more`] : []
    return `${folder}: computed again, ${differences.length} maps or tables differ:\n  ${[...named, ...rest].join("\n  ")}${hint}`
  }
}

/** Differences that a message names; more are counted. */
const mostNamed = 50

/** How much more than the outputs of a run the disk must have to be taken. */
const spare = 1.2

/** Computes a run again and compares. Returns how many maps and tables are the same. */
export const rerun = Effect.fn("rerun")(function* (folder: string, manifest: Manifest) {
  const refuse = (problem: string) => new CannotRunAgain({ folder, problem })
  const { entry, config } = yield* checking(
    Effect.mapError(decodeConfig(manifest.config), ({ problem }) => refuse(problem))
  )
  if (manifest.lesions_of_other_runs > 0) return yield* checking(Effect.fail(refuse(problemOfOtherRuns(manifest))))
  const bytes = manifest.outputs.reduce((sum, output) => sum + output.bytes, 0)
  const place = yield* running(temporaryFolder(path.resolve(folder), bytes))
  yield* Console.log(`computing again in ${printable(place)}, which takes ${formatBytes(bytes)} of disk for as long`)
  const output = path.join(place, "maps")
  const { plan } = yield* Effect.promise(entry.load)
  const planned = yield* checking(
    plan({
      file: path.resolve(folder, manifestName),
      config: withKey(config as Keys, ["output", "path"], output),
      fresh: false,
      describeOnly: false,
      mapsOnly: true
    })
  )
  if (planned.lockable === undefined)
    return yield* checking(Effect.fail(refuse("its pipeline cannot be held to a lock")))
  yield* Effect.provide(runPlanned(planned), Progress.layerOff)
  return yield* running(compare({ folder, manifest }, { folder: output, manifest: yield* readManifest(output) }))
})

/** Made in the system's folder for such, or beside the output folder where that has too little room or may not be written to. */
const makeTemporary = async (folder: string, bytes: number): Promise<string> => {
  const [system, beside] = [tmpdir(), path.dirname(folder)].map((above) => path.join(above, "lnm-verify-"))
  const room = await statfs(tmpdir()).catch(() => undefined)
  const hasRoom = room !== undefined && room.bavail * room.bsize >= spare * bytes
  const made = hasRoom ? await mkdtemp(system!).catch(() => undefined) : undefined
  return made ?? (await mkdtemp(beside!))
}

const temporaryFolder = (folder: string, bytes: number) =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => makeTemporary(folder, bytes),
      catch: (cause) => {
        const places = `neither in ${tmpdir()}, which TMPDIR sets, nor beside the output folder`
        return new CannotRunAgain({ folder, problem: `no temporary folder can be made, ${places}: ${reasonOf(cause)}` })
      }
    }),
    (place) =>
      Effect.tryPromise(() => rm(place, { recursive: true, force: true })).pipe(
        Effect.catch(({ cause }) =>
          warn({
            file: place,
            found: `this temporary folder could not be removed: ${reasonOf(cause)}`,
            taken: "It was left there; remove it"
          })
        )
      )
  )

interface Finished {
  readonly folder: string
  readonly manifest: Manifest
}

const compare = Effect.fnUntraced(function* (before: Finished, again: Finished) {
  const [was, is] = [
    yield* contentOfOutputs(before.folder, before.manifest),
    yield* contentOfOutputs(again.folder, again.manifest)
  ]
  const found = new Map(is.map((file) => [file.path, file]))
  const known = new Set(was.map((file) => file.path))
  const differing = was.filter((file) => found.has(file.path) && found.get(file.path)!.sha256 !== file.sha256)
  const [first, ...others] = differing
  const differences = [
    ...(first === undefined ? [] : [yield* describeFirst(first, before.folder, again.folder)]),
    ...others.map((file) => `${printableExcerpt(file.path)} has another content`),
    ...was.filter((file) => !found.has(file.path)).map((file) => `${printableExcerpt(file.path)} was not made`),
    ...is.filter((file) => !known.has(file.path)).map((file) => `${printableExcerpt(file.path)} is new`)
  ]
  if (differences.length === 0) return was.length
  return yield* new ComputedOtherwise({ folder: before.folder, differences, hint: hintOf(before, again) })
})

/** Bytes of a map whose values are compared in memory. */
const mostMapBytes = 2 ** 28

const describeFirst = ({ path: file, bytes }: FileRecord, before: string, again: string) =>
  Effect.map(
    bytes > mostMapBytes ? Effect.undefined : describeValues(path.join(before, file), path.join(again, file)),
    (values) => `${printableExcerpt(file)} has another content${values === undefined ? "" : `: ${values}`}`
  )

/** Between machines, and between versions, fast arithmetic gives other last bits. */
const hintOf = ({ manifest: before }: Finished, { manifest: again }: Finished): string => {
  const machine = ({ platform }: Manifest) => `Node ${platform.node}, ${platform.os} ${platform.architecture}`
  const hints = [
    ...(before.software.version === again.software.version
      ? []
      : [`The run was made by lnm ${printable(before.software.version)}, and this is ${again.software.version}.`]),
    ...(machine(before) === machine(again)
      ? []
      : [`It was made on ${printable(machine(before))}; this is ${machine(again)}.`]),
    ...(before.backend.arithmetic === "fast"
      ? [
          "It used fast arithmetic, whose last bits may be others on another machine; strict arithmetic has the same everywhere."
        ]
      : [])
  ]
  return hints.map((hint) => `\n${hint}`).join("")
}
