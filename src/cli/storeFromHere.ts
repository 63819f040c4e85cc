/** The store that `lnm fetch` makes without a network: of tars in a folder, or of the connectome that was unpacked into it. */
import { existsSync } from "node:fs"
import path from "node:path"
import { Clock, Effect, Stream } from "effect"
import { tarsStored } from "../../pipelines/prepare-connectome/storeFromTars.ts"
import type { Tar } from "../../pipelines/prepare-connectome/storeTar.ts"
import { makeStore, prepareStore } from "../../pipelines/prepare-connectome.ts"
import type { StoreFromFolder } from "../fetch/Catalogue.ts"
import { readingReason } from "../files/readingReason.ts"
import { makeFilePattern } from "../imaging/FilePattern.ts"
import { walkFolder } from "../imaging/walkFolder.ts"
import { checking, running } from "./CommandFailed.ts"
import { endOf, type FetchedStore, fromTars, isFromTars, refuse, StoreNotMade } from "./fetchedStore.ts"

/** Makes the store from what lies in a folder: its tars, or the connectome that was unpacked into it. */
export const storeFromHere = Effect.fnUntraced(function* (store: FetchedStore, folder: string) {
  const { recipe } = store
  if (!isFromTars(recipe)) return yield* storeFromUnpacked(store, recipe, folder)
  const { matches } = makeFilePattern(recipe.tars)
  const found = yield* checking(filesIn(folder, matches))
  const mask = [recipe.mask.file, path.basename(recipe.mask.file)]
    .map((name) => path.join(folder, name))
    .find((file) => existsSync(file))
  if (found.length === 0) return yield* checking(refuse(`--from: ${folder} holds no file that matches ${recipe.tars}.`))
  if (mask === undefined) {
    const problem = `--from: the brain mask ${path.basename(recipe.mask.file)} is not in ${folder}. Put it there, or get it with lnm fetch ${recipe.mask.entry} where there is a network.`
    return yield* checking(refuse(problem))
  }
  const stored = yield* checking(tarsStored(store.path))
  const tars = found
    .filter(({ relative }) => !stored.has(relative))
    .map(({ path: file, relative }): Tar => ({ name: relative, file, done: Effect.void }))
  return yield* running(fromTars(store, recipe, mask, Stream.fromIterable(tars)))
})

const filesIn = (folder: string, wants: (relative: string) => boolean) =>
  Effect.tryPromise({
    try: () => walkFolder(folder, { reaches: () => true, wants: (relative) => (wants(relative) ? "file" : undefined) }),
    catch: (cause) => new StoreNotMade({ problem: `${folder} ${readingReason(cause)}` })
  }).pipe(Effect.map(({ files }) => files))

/** Makes the store from the folder in which a file of a known name lies. */
const storeFromUnpacked = Effect.fnUntraced(function* (
  store: FetchedStore,
  { folder_with: marker }: StoreFromFolder,
  folder: string
) {
  const startedAt = yield* Clock.currentTimeMillis
  const found = yield* checking(filesIn(folder, (relative) => path.basename(relative) === marker))
  const [first] = found.toSorted((a, b) => a.relative.split("/").length - b.relative.split("/").length)
  if (first === undefined)
    return yield* checking(refuse(`${folder} holds no ${marker}, by which the connectome is known.`))
  const prepared = yield* checking(prepareStore(store.configOf({ path: path.dirname(first.path) })))
  const { entries, bad } = yield* running(Effect.scoped(makeStore(prepared)))
  return endOf(store.path, entries.length, bad, startedAt, yield* Clock.currentTimeMillis)
})
