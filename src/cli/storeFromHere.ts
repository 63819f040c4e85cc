/** The store that `lnm fetch` makes without a network: of the connectome that was unpacked into a folder, or of the tars in it. */
import { existsSync } from "node:fs"
import path from "node:path"
import { Clock, Effect, Stream } from "effect"
import { tarsStored } from "../../pipelines/prepare-connectome/storeFromTars.ts"
import type { Tar } from "../../pipelines/prepare-connectome/TarContent.ts"
import { makeStore, prepareStore } from "../../pipelines/prepare-connectome.ts"
import type { StoreFromScans, StoreFromTars } from "../fetch/Catalogue.ts"
import { readingReason } from "../files/readingReason.ts"
import { makeFilePattern } from "../imaging/FilePattern.ts"
import { walkFolder } from "../imaging/walkFolder.ts"
import { checking, running } from "./CommandFailed.ts"
import { endOf, type FetchedStore, fromTars, isFromTars, refuse, StoreNotMade } from "./fetchedStore.ts"

/** Makes the store from what lies in a folder: the connectome that was unpacked into it, or its tars. */
export const storeFromHere = Effect.fnUntraced(function* (store: FetchedStore, folder: string) {
  const { recipe } = store
  if ("folder_with" in recipe) {
    const unpacked = yield* checking(unpackedIn(folder, recipe.folder_with))
    if (unpacked !== undefined) return yield* storeFromUnpacked(store, unpacked)
  }
  if (isFromTars(recipe)) return yield* storeFromTarsHere(store, recipe, folder)
  return yield* checking(refuse(`${folder} holds no ${recipe.folder_with}, by which the connectome is known.`))
})

const storeFromTarsHere = Effect.fnUntraced(function* (store: FetchedStore, recipe: StoreFromTars, folder: string) {
  const { matches } = makeFilePattern(recipe.tars)
  const found = yield* checking(filesIn(folder, matches))
  if (found.length === 0) {
    const unpacked = "folder_with" in recipe ? `, and no ${recipe.folder_with}` : ""
    return yield* checking(refuse(`--from: ${folder} holds no file that matches ${recipe.tars}${unpacked}.`))
  }
  const mask = "mask" in recipe ? yield* checking(maskIn(folder, recipe)) : undefined
  const stored = yield* checking(tarsStored(store.path))
  const tars = found
    .filter(({ relative }) => !stored.has(relative))
    .map(({ path: file, relative }): Tar => ({ name: relative, file, done: Effect.void }))
  return yield* running(fromTars(store, recipe, mask, Stream.fromIterable(tars)))
})

const maskIn = (folder: string, { mask: { entry, file } }: StoreFromScans): Effect.Effect<string, StoreNotMade> => {
  const name = path.basename(file)
  const found = [file, name].map((candidate) => path.join(folder, candidate)).find((candidate) => existsSync(candidate))
  const remedy = `Put it there, or get it with lnm fetch ${entry} where there is a network.`
  return found === undefined
    ? refuse(`--from: the brain mask ${name} is not in ${folder}. ${remedy}`)
    : Effect.succeed(found)
}

const filesIn = (folder: string, wants: (relative: string) => boolean) =>
  Effect.tryPromise({
    try: () => walkFolder(folder, { reaches: () => true, wants: (relative) => (wants(relative) ? "file" : undefined) }),
    catch: (cause) => new StoreNotMade({ problem: `${folder} ${readingReason(cause)}` })
  }).pipe(Effect.map(({ files }) => files))

/** The folder in which a file of a known name lies; of several the uppermost. */
const unpackedIn = Effect.fnUntraced(function* (folder: string, marker: string) {
  const found = yield* filesIn(folder, (relative) => path.basename(relative) === marker)
  const [first] = found.toSorted((a, b) => a.relative.split("/").length - b.relative.split("/").length)
  return first === undefined ? undefined : path.dirname(first.path)
})

const storeFromUnpacked = Effect.fnUntraced(function* (store: FetchedStore, connectome: string) {
  const startedAt = yield* Clock.currentTimeMillis
  const prepared = yield* checking(prepareStore(store.configOf({ path: connectome })))
  const { entries, bad } = yield* running(Effect.scoped(makeStore(prepared)))
  return endOf(store.path, entries.length, bad, startedAt, yield* Clock.currentTimeMillis)
})
