/**
 * The catalogue of `lnm fetch`: what can be downloaded by name, where it lies, under which terms, and how it becomes a store.
 *
 * `configs/catalogue.yaml` is shipped; a file of the user's own in the same form adds entries to it, and those of a known name replace it.
 */
import { Effect, Schema } from "effect"
import { closest } from "fastest-levenshtein"
import { Runs, SpaceLabel, withDefault } from "../config/configKeys.ts"
import { loadConfigAs } from "../config/loadConfig.ts"
import { packageFile } from "../runtime/packageFile.ts"

const Words = (description: string) => Schema.NonEmptyString.annotate({ description })

/** A web address without what follows the path. */
const Address = Schema.String.check(Schema.isPattern(/^https?:\/\/[^\s?#]+$/))

/** A path below a folder, with `/`: nothing that leads out of it. */
const RelativePath = Schema.String.check(Schema.isPattern(/^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^\s/\\:]+(?:\/[^\s/\\:]+)*$/))

const DataverseSource = Schema.Struct({
  dataverse: Address,
  doi: Schema.String.check(Schema.isPattern(/^(doi|hdl):\S+$/)),
  files: withDefault(Words("Which of its files, a glob pattern"), "**")
})

const PlainSource = Schema.Struct({ url: Address, files: Schema.NonEmptyArray(RelativePath) })

/** How the store is made, whatever it is made of. */
const storeKeys = {
  runs: withDefault(Runs, "concatenate"),
  precision: withDefault(Schema.Literals(["int16", "float32"]), "int16")
}

const tarKeys = {
  ...storeKeys,
  tars: Words("Which files are tars, a glob pattern"),
  subjects: Schema.Int.check(Schema.isGreaterThan(0)).annotate({ description: "How many subjects it holds" }),
  time_points: Schema.Int.check(Schema.isGreaterThan(0)).annotate({
    description: "Time points of the longest subject, all of its runs together"
  }),
  voxels: Schema.optionalKey(
    Schema.Int.check(Schema.isGreaterThan(0)).annotate({
      description: "About how many voxels the mask has, for the plan"
    })
  )
}

const marker = Words("The name of a file: the folder in which it lies is the connectome")

const FileOfEntry = Schema.Struct({ entry: Schema.String, file: RelativePath })

const StoreFromScans = Schema.Struct({
  ...tarKeys,
  pattern: Words("Which members of the tars are scans, a glob pattern"),
  mask: FileOfEntry.annotate({ description: "The brain mask: a file of this or another entry" })
})

const StoreFromConnectome = Schema.Struct({ ...tarKeys, folder_with: marker })

const StoreFromFolder = Schema.Struct({ ...storeKeys, folder_with: marker })

export const CatalogueEntry = Schema.Struct({
  title: Words("What it is"),
  citation: Schema.NonEmptyArray(Schema.NonEmptyString),
  licence: Words("The licence or terms of use"),
  access: Words("Who may download it"),
  size: Words("About how large it is"),
  space: SpaceLabel,
  mask: Words("Which brain mask belongs to it"),
  preprocessing: Words("How the scans were preprocessed"),
  source: Schema.Union([DataverseSource, PlainSource]),
  with: Schema.optionalKey(
    Schema.NonEmptyArray(FileOfEntry).annotate({ description: "Files of other entries that come along: warps" })
  ),
  unpack: Schema.optionalKey(Words("Which files are tars that are unpacked where they lie, a glob pattern")),
  store: Schema.optionalKey(Schema.Union([StoreFromScans, StoreFromConnectome, StoreFromFolder]))
})

export type CatalogueEntry = typeof CatalogueEntry.Type
export type FileOfEntry = typeof FileOfEntry.Type
export type DataverseSource = typeof DataverseSource.Type
export type PlainSource = typeof PlainSource.Type
/** Tars that are stored as they come: of NIfTI scans, or of a whole connectome. */
export type StoreFromTars = typeof StoreFromScans.Type | typeof StoreFromConnectome.Type
export type StoreFromScans = typeof StoreFromScans.Type
export type StoreFromFolder = typeof StoreFromFolder.Type

const CatalogueFile = Schema.Struct({ entries: Schema.Record(Schema.String, CatalogueEntry) })

export type Catalogue = ReadonlyMap<string, CatalogueEntry>

const definition = {
  name: "catalogue",
  schema: CatalogueFile,
  resolvePaths: (file: typeof CatalogueFile.Type) => file
}

/** The shipped catalogue, and the user's own where there is one. Errors: `InvalidConfig`. */
export const loadCatalogue = Effect.fn("loadCatalogue")(function* (own: string | undefined) {
  const files = [packageFile("configs/catalogue.yaml"), ...(own === undefined ? [] : [own])]
  const entries = new Map<string, CatalogueEntry>()
  for (const file of files) {
    const { config } = yield* loadConfigAs(definition, file)
    for (const [name, entry] of Object.entries(config.entries)) entries.set(name, entry)
  }
  return entries as Catalogue
})

/** The catalogue has no such entry. */
export class UnknownEntry extends Schema.TaggedError<UnknownEntry>()("UnknownEntry", {
  name: Schema.String,
  known: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return (
      `the catalogue has no ${this.name}; did you mean ${closest(this.name, [...this.known])}? ` +
      "`lnm fetch --list` shows all, and --catalogue FILE adds some of your own."
    )
  }
}

export const entryNamed = (catalogue: Catalogue, name: string): Effect.Effect<CatalogueEntry, UnknownEntry> => {
  const entry = catalogue.get(name)
  return entry === undefined
    ? Effect.fail(new UnknownEntry({ name, known: [...catalogue.keys()] }))
    : Effect.succeed(entry)
}
