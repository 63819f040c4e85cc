/** A Lead-DBS connectome in one tar, and the catalogue that names it on a loopback server. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { packTar } from "modern-tar"
import { startDataverse } from "./dataverse.ts"
import { filesIn } from "./folderContent.ts"
import { writeFile } from "./tinyStudy.ts"

export const packedFolder = join(import.meta.dirname, "../connectome/leaddbs/fixtures/mat73-format1")

/** Its lists of subjects and voxels. */
const isList = (name: string): boolean => name.startsWith("dataset_")

const changed = new Date("2020-01-02T03:04:05Z")

/**
 * Packs the connectome into a folder of the tar.
 *
 * @param listsLast whether the lists come after the runs
 * @param holds which files the tar has
 */
export const packConnectome = async (
  listsLast: boolean,
  holds: (name: string) => boolean = () => true
): Promise<Buffer> => {
  const names = filesIn(packedFolder).filter(holds)
  const [lists, runs] = [names.filter(isList), names.filter((name) => !isList(name))]
  const entries = (listsLast ? [...runs, ...lists] : [...lists, ...runs]).map((name) => {
    const body = readFileSync(join(packedFolder, name))
    return { header: { name: `Made up/${name}`, size: body.length, mtime: changed }, body }
  })
  return Buffer.from(await packTar(entries))
}

/** Serves a tar as the data set `packed`. */
export const servePacked = async (folder: string, content: Buffer) => {
  const server = await startDataverse({ files: [{ name: "connectome.tar", content }] })
  const entry = {
    title: "A packed connectome",
    citation: ["Nobody (2020)"],
    licence: "none",
    access: "public",
    size: "small",
    space: "MNI152NLin2009bAsym",
    mask: "in it",
    preprocessing: "none",
    source: { dataverse: server.address, doi: server.doi },
    unpack: "*.tar",
    store: { tars: "*.tar", folder_with: "dataset_info.json", subjects: 3, time_points: 22 }
  }
  return {
    ...server,
    catalogue: writeFile(join(folder, "packed.yaml"), JSON.stringify({ entries: { packed: entry } }))
  }
}
