/** A run's config as a lock file has it: paths relative to the lock, without the keys that change no value; and in what another differs. */
import { Effect, Predicate, Schema } from "effect"
import type { AnyPipelineEntry } from "../../pipelines/PipelineEntry.ts"
import { Pipelines } from "../../pipelines/registry.ts"
import { canonicalJson } from "../output/canonicalJson.ts"
import { pathInLock } from "../output/LockedRun.ts"
import { keyDifferences } from "../output/studyDescription.ts"
import { printableExcerpt } from "../runtime/printable.ts"

/** A config as plain data. */
export type Keys = Readonly<Record<string, unknown>>

/** A config cannot be read by this version of lnm, or names a pipeline that is not known. */
export class ConfigNotKnown extends Schema.TaggedError<ConfigNotKnown>()("ConfigNotKnown", {
  problem: Schema.String
}) {
  override get message(): string {
    return this.problem
  }
}

/** The pipeline that a config names, and the config as this version reads it. */
export const decodeConfig = Effect.fnUntraced(function* (config: unknown) {
  const name = Predicate.isObject(config) && "pipeline" in config ? config.pipeline : undefined
  const entry = (yield* Pipelines).find((one) => one.name === name)
  if (entry === undefined) return yield* new ConfigNotKnown({ problem: "its config names no pipeline that is known" })
  const decoded: unknown = yield* Schema.decodeUnknownEffect(entry.schema)(config, { onExcessProperty: "error" }).pipe(
    Effect.mapError(
      ({ message }) =>
        new ConfigNotKnown({
          problem: `its config is none of this version of lnm: ${printableExcerpt(message.replaceAll(/\s+/g, " "))}`
        })
    )
  )
  return { entry, config: decoded }
})

/** @param folder of the lock file */
export const configInLock = (entry: AnyPipelineEntry, config: unknown, folder: string): Keys =>
  withoutKeys(inLock(entry, config, folder), entry.freeKeys ?? [])

const inLock = (entry: AnyPipelineEntry, config: unknown, folder: string): Keys =>
  JSON.parse(canonicalJson(entry.resolvePaths(config, (location) => pathInLock(folder, location)))) as Keys

/**
 * In what a config differs from a locked one, a clause each. A key that the lock does not have, as an earlier version has written it, has
 * its default there.
 *
 * @param folder of the lock file
 */
export const configDifferences = Effect.fnUntraced(function* (locked: Keys, config: unknown, folder: string) {
  const { entry, config: current } = yield* decodeConfig(config)
  if (locked.pipeline !== entry.name) return [`pipeline is ${entry.name}, was ${String(locked.pipeline)}`]
  const { freeKeys = [] } = entry
  const relative = inLock(entry, current, folder)
  const whole = freeKeys.reduce((keys, path) => withKey(keys, path.split("."), valueAt(relative, path)), locked)
  const before = JSON.parse(canonicalJson((yield* decodeConfig(whole)).config)) as Keys
  return keyDifferences(withoutKeys(before, freeKeys), withoutKeys(relative, freeKeys), {})
})

const isKeys = (value: unknown): value is Keys => Predicate.isObject(value) && !Array.isArray(value)

const valueAt = (keys: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (isKeys(value) ? value[key] : undefined), keys)

/** The keys with one of them set, where it has a value. */
export const withKey = (keys: Keys, [key, ...below]: ReadonlyArray<string>, value: unknown): Keys => {
  if (key === undefined || value === undefined) return keys
  const held = keys[key]
  return { ...keys, [key]: below.length === 0 ? value : withKey(isKeys(held) ? held : {}, below, value) }
}

const withoutKeys = (keys: Keys, paths: ReadonlyArray<string>): Keys =>
  paths.reduce((left, path) => withoutKey(left, path.split(".")), keys)

const withoutKey = (keys: Keys, [key, ...below]: ReadonlyArray<string>): Keys => {
  if (key === undefined || !(key in keys)) return keys
  const { [key]: held, ...others } = keys
  return below.length > 0 && isKeys(held) ? { ...keys, [key]: withoutKey(held, below) } : others
}
