/**
 * Tells what this package has written from what others have: an output folder may be one in which somebody keeps files of their
 * own, and these are never overwritten.
 *
 * A file is ours where a manifest of ours in the folder lists it. A run that was interrupted has left no manifest; then the
 * dataset's description tells, which a run writes before anything else. What people like to edit (the description itself, README,
 * `.bidsignore`) is ours only as it was written, by this version or an earlier one.
 */
import { createHash } from "node:crypto"
import path from "node:path"
import { Option, Schema } from "effect"
import { readRegularFile } from "../files/readRegularFile.ts"
import { packageName } from "../runtime/version.ts"
import { isOwnBidsignore, isOwnReadme } from "./datasetDescription.ts"
import { manifestName, mostManifestBytes } from "./Manifest.ts"

/** Files of a dataset that describe it, and that anybody's dataset may have. */
export const describingFiles = ["dataset_description.json", "README", ".bidsignore"] as const

type DescribingFile = (typeof describingFiles)[number]

/** No description of a dataset that we wrote is nearly as large. */
const mostDescriptionBytes = 2 ** 20

const Generated = Schema.Struct({ GeneratedBy: Schema.Array(Schema.Struct({ Name: Schema.String })) })

/** The keys of the descriptions that we write: one with others, or with other generators, has been edited. */
const OwnDescription = Schema.Struct({
  Name: Schema.Unknown,
  BIDSVersion: Schema.Unknown,
  DatasetType: Schema.Unknown,
  GeneratedBy: Schema.NonEmptyArray(
    Schema.Struct({
      Name: Schema.Literals([packageName]),
      Version: Schema.Unknown,
      Description: Schema.optionalKey(Schema.Unknown)
    })
  ),
  SourceDatasets: Schema.optionalKey(Schema.Unknown),
  ReferencesAndLinks: Schema.optionalKey(Schema.Unknown)
})

/** What every version's manifest has. */
const OwnManifest = Schema.Struct({
  software: Schema.Struct({ name: Schema.Literals([packageName]) }),
  outputs: Schema.Array(Schema.Struct({ path: Schema.String, sha256: Schema.String }))
})

const decodeGenerated = Schema.decodeUnknownOption(Schema.fromJsonString(Generated))
const decodeOwnDescription = Schema.decodeUnknownOption(Schema.fromJsonString(OwnDescription), {
  onExcessProperty: "error"
})
const decodeOwnManifest = Schema.decodeUnknownOption(Schema.fromJsonString(OwnManifest))

export interface OwnFiles {
  /** Whether the folder as a whole is a dataset of ours. */
  readonly dataset: boolean
  /** Whether a describing file that is there is as we wrote it. */
  readonly isOwn: (name: DescribingFile) => boolean
}

/** What in a folder is ours. Reads nothing but regular files, and these no further than ours are long. */
export const findOwnFiles = async (folder: string): Promise<OwnFiles> => {
  const textOf = (name: string, mostBytes: number) =>
    readRegularFile(path.join(folder, name), mostBytes).then(String, () => undefined)
  const manifest = decodeOwnManifest(await textOf(manifestName, mostManifestBytes))
  const outputs = Option.match(manifest, { onNone: () => [], onSome: (found) => found.outputs })
  const listed = new Map(outputs.map((output) => [output.path, output.sha256]))
  const contents = new Map<DescribingFile, string | undefined>()
  for (const name of describingFiles) contents.set(name, await textOf(name, mostDescriptionBytes))
  const generated = decodeGenerated(contents.get("dataset_description.json"))
  return {
    dataset:
      Option.isSome(manifest) ||
      Option.exists(generated, ({ GeneratedBy }) => GeneratedBy.some(({ Name }) => Name === packageName)),
    isOwn: (name) => {
      const content = contents.get(name)
      if (content === undefined) return false
      // Of an empty file nothing is lost.
      return content === "" || listed.get(name) === sha256Of(content) || recognisers[name](content)
    }
  }
}

const recognisers: Readonly<Record<DescribingFile, (content: string) => boolean>> = {
  "dataset_description.json": (content) => Option.isSome(decodeOwnDescription(content)),
  README: isOwnReadme,
  ".bidsignore": isOwnBidsignore
}

const sha256Of = (content: string): string => createHash("sha256").update(content).digest("hex")
