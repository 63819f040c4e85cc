/**
 * What this package has written itself is no lesion: the masks of its maps have names that the search for lesions looks for,
 * and a second run over a dataset would map the results of the first.
 *
 * Told by the output folder of the config, by the `dataset_description.json` of a folder, and by names. A dataset of
 * another program that lies in such a folder (`derivatives/masks` in `derivatives`) is none of ours.
 */
import { constants } from "node:fs"
import { open } from "node:fs/promises"
import { join } from "node:path"
import { Schema } from "effect"
import { unlessMissing } from "../files/unlessMissing.ts"
import type { WalkedFolder } from "../imaging/walkFolder.ts"
import { packageName } from "../runtime/version.ts"

export const datasetDescriptionName = "dataset_description.json"

/** More bytes than any dataset description has. */
const mostBytes = 1_000_000

const GeneratedBy = Schema.Struct({ GeneratedBy: Schema.Array(Schema.Struct({ Name: Schema.String })) })

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(GeneratedBy))

/**
 * Whether a folder is a dataset that this package has generated. What is no description says nothing of it. Rejects with what the system
 * says where the description may not be read.
 */
export const isOwnDataset = async (folder: string): Promise<boolean> => {
  const text = await readSmall(join(folder, datasetDescriptionName)).catch(unlessNoFile)
  const decoded = decode(text ?? "")
  return decoded._tag === "Some" && decoded.value.GeneratedBy.some(({ Name }) => Name === packageName)
}

/** A folder of that name is none. */
const unlessNoFile = (cause: NodeJS.ErrnoException): undefined =>
  cause.code === "EISDIR" ? undefined : unlessMissing(cause)

/** Does not wait where it is a pipe. */
const readSmall = async (file: string): Promise<string> => {
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  const { size } = await handle.stat()
  return size > mostBytes ? "" : await handle.readFile("utf8")
}

/** Whether the files of a folder are the package's own outputs: for `walkFolder`. */
export const ownOutputsIn =
  (outputFolder: string | undefined) =>
  async ({ path, real, names, above }: WalkedFolder): Promise<boolean> => {
    if (real === outputFolder) return true
    return names.has(datasetDescriptionName) ? isOwnDataset(path) : above
  }

const ownName =
  /_desc-(boes|pini|degree)[^_]*_stat-(r|z|t|p|pfdr|tthreshold|pfdrthreshold)_(statmap|mask)\.|_desc-piniseed[^_]*_(mask|probseg)\.|_desc-(boes|pini)lesion[^_]*_mask\.|_stat-(tthreshold|pfdrthreshold)_mask\.|_desc-overlap_stat-t(pos|neg)\d+_statmap\./

/** Whether a file's name is one that this package gives to its maps and masks. */
export const isOwnName = (fileName: string): boolean => ownName.test(fileName)
