/** Folders with empty files for tests of searches, and what is warned of while one is searched. */
import { execFileSync } from "node:child_process"
import { chmod, mkdir, symlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { makeWarnings, type Warning, Warnings } from "../../src/runtime/Warnings.ts"
import { temporaryFolder, writeBytes } from "./niftiBytes.ts"

/** A folder with these files, all empty; anyone may read it. */
export const folderWith = (...names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    yield* Effect.promise(() => chmod(folder, 0o755))
    yield* addFiles(folder, ...names)
    return folder
  })

export const addFiles = (folder: string, ...names: ReadonlyArray<string>) =>
  Effect.forEach(names, (name) =>
    Effect.promise(() => mkdir(dirname(join(folder, name)), { recursive: true })).pipe(
      Effect.andThen(writeBytes(join(folder, name), ""))
    )
  )

/** A link in a folder; its target counts from where the link is. */
export const addLink = (folder: string, name: string, target: string): Effect.Effect<void> =>
  Effect.promise(() => symlink(target, join(folder, name)))

export const addPipe = (folder: string, name: string): Effect.Effect<void> =>
  Effect.sync(() => void execFileSync("mkfifo", [join(folder, name)]))

/** Runs an effect as a user who is not root: to root every folder is open. */
export const asOrdinaryUser = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> => {
  if (process.getuid?.() !== 0) return effect
  const nobody = 65534
  return Effect.acquireUseRelease(
    Effect.sync(() => process.seteuid!(nobody)),
    () => effect,
    () => Effect.sync(() => process.seteuid!(0))
  )
}

/** The result of an effect, and what was warned of meanwhile. */
export const withWarnings = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const service = makeWarnings(() => Effect.void)
    const result = yield* Effect.provideService(effect, Warnings, service)
    const warnings: ReadonlyArray<Warning> = yield* service.all
    return { result, warnings }
  })
