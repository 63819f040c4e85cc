/** The text of a config, and of what there is to say about it, from what was found in a folder. */
import path from "node:path"
import { pathToFileURL } from "node:url"
import { stringify } from "yaml"
import { describeSubjects } from "../../../src/connectome/Connectome.ts"
import { packageFile, packageRoot } from "../../../src/runtime/packageFile.ts"
import { printable } from "../../../src/runtime/printable.ts"
import type { FoundConnectome } from "./findConnectome.ts"
import type { FoundLesions, FoundStudy } from "./findStudy.ts"

/** A value in YAML, on one line, in quotes where it needs them. */
const yaml = (value: string | ReadonlyArray<string>): string =>
  typeof value === "string"
    ? stringify(value, { lineWidth: 0, defaultStringType: "PLAIN", blockQuote: false }).trimEnd()
    : `[${value.map((each) => JSON.stringify(each)).join(", ")}]`

/** Columns that comments are aligned at. */
const commentColumn = 32

const line = (text: string, comment?: string): string =>
  comment === undefined ? text : `${text.padEnd(commentColumn - 1)} # ${printable(comment)}`

/** Paths as they are seen from the config. */
type Seen = (location: string) => string

export const seenFrom =
  (folder: string): Seen =>
  (location) =>
    path.relative(folder, location).split(path.sep).join("/") || "."

/**
 * Where the JSON Schema of configs lies: a path from the config where the package is installed above it, so that the folder can be
 * moved as a whole, else an address of the file. Neither has a blank, at which editors would stop.
 */
export const schemaAddress = (folder: string, root = packageRoot): string => {
  const file = path.join(root, "configs/lnm.schema.json")
  const home = root.split(`${path.sep}node_modules${path.sep}`)[0]!
  const relative = seenFrom(folder)(file)
  const isAbove = !path.relative(home, folder).startsWith("..")
  return isAbove && !/\s/.test(relative) ? relative : pathToFileURL(file).href
}

const kinds: Readonly<Record<string, string>> = {
  store: "a store",
  hdf5: "HDF5",
  nifti: "NIfTI scans",
  leaddbs: "Lead-DBS"
}

const describeConnectome = ({ connectome }: FoundConnectome): string =>
  `${describeSubjects(connectome)}, ${connectome.voxels} voxels, ${kinds[connectome.kind] ?? connectome.kind}`

const connectomeText = (
  { connectome: found, otherConnectomes, space }: FoundStudy,
  seen: Seen
): ReadonlyArray<string> => {
  if (found === undefined) {
    return [
      "connectome:",
      "  # No connectome was found. Fill in an HDF5 file, a folder of them, a store, or a folder of 4D NIfTI scans and their brain mask:",
      "  # path: connectome",
      "  # mask: brain_mask.nii.gz",
      ...(space === undefined ? ["  # space: MNI152NLin6Asym"] : [`  space: ${space.label}`])
    ]
  }
  const { location, saysSpace, connectome } = found
  return [
    "connectome:",
    line(`  path: ${yaml(seen(location.path))}`, describeConnectome(found)),
    ...otherConnectomes.map((other) =>
      line(`  # path: ${yaml(seen(other.location.path))}`, `or ${describeConnectome(other)}`)
    ),
    ...(location.pattern === undefined ? [] : [`  pattern: ${yaml(location.pattern)}`]),
    ...(location.mask === undefined ? [] : [`  mask: ${yaml(seen(location.mask))}`]),
    space !== undefined
      ? line(`  space: ${space.label}`, space.saidBy)
      : saysSpace
        ? line(`  # space: ${connectome.space}`, "as the connectome says by itself")
        : line("  # space: MNI152NLin6Asym", "fill in the template space: neither the connectome nor any name says it")
  ]
}

const seedsText = (seeds: FoundStudy["seeds"], seen: Seen): ReadonlyArray<string> => [
  "seeds:",
  ...seeds.map(({ kind, path: file, count }) => line(`  ${kind}: ${yaml(seen(file))}`, `${count} seed(s)`)),
  ...(seeds.every(({ space }) => space !== undefined)
    ? []
    : [line("  # space: MNI152NLin6Asym", "fill in the template space of the coordinates")])
]

const lesionsText = (found: FoundLesions | undefined, seen: Seen): ReadonlyArray<string> => {
  if (found === undefined) {
    return [
      "lesions:",
      "  # No lesion was found. Fill in a BIDS dataset, a folder of masks, or one mask:",
      "  # path: lesions"
    ]
  }
  const where = typeof found.path === "string" ? yaml(seen(found.path)) : yaml(found.path.map(seen))
  const check = found.guessed || !found.exact ? "; check with lnm plan which" : ""
  return [
    "lesions:",
    line(`  path: ${where}`, `${found.count} file(s)${check}`),
    ...(found.pattern === undefined ? [] : [`  pattern: ${yaml(found.pattern)}`]),
    ...(found.exact
      ? []
      : ['  # pattern: "**/*_mask.nii.gz"   # other images lie there too: which files are lesions?']),
    ...(found.columns === undefined || found.columns.length === 0
      ? []
      : [line("  # where: { COLUMN: value }", `of participants.tsv: ${found.columns.join(", ")}`)])
  ]
}

/** How lesions of the other template are brought over. */
const templatesText = ({ templates }: FoundStudy, seen: Seen): ReadonlyArray<string> => {
  if (templates === undefined) return []
  const { folder, from, lesions, warp } = templates
  return folder === undefined
    ? [
        `# ${lesions} lesion(s) lie in ${from}, and ${warp}, which brings them over, was not found: lnm fetch mni152nlin6asym gets it`,
        "# templates: mni152nlin6asym"
      ]
    : [line(`templates: ${yaml(seen(folder))}`, `${lesions} lesion(s) lie in ${from}, and are brought over`)]
}

const atlasText = ({ atlases }: FoundStudy, seen: Seen): ReadonlyArray<string> =>
  atlases.length === 0
    ? ["# parcellations:", "#   - { name: Schaefer400, path: atlas_dseg.nii.gz, labels: atlas_dseg.tsv }"]
    : [
        "parcellations:",
        ...atlases.flatMap(({ name, path: file, labels }) => [
          `  - name: ${yaml(name)}`,
          `    path: ${yaml(seen(file))}`,
          labels === undefined ? "    # labels: names.tsv" : `    labels: ${yaml(seen(labels))}`
        ])
      ]

/** The config; `file` is where it will lie, `output` the output folder. */
export const configText = (study: FoundStudy, file: string, output: string): string => {
  const folder = path.dirname(file)
  const seen = seenFrom(folder)
  return [
    `# yaml-language-server: $schema=${schemaAddress(folder)}`,
    `# Written by lnm init. Every key there is: ${path.basename(packageFile("configs"))}/functional-network-mapping.yaml of the package, docs/config.md.`,
    "pipeline: functional-network-mapping",
    ...connectomeText(study, seen),
    ...(study.seeds.length > 0 ? seedsText(study.seeds, seen) : lesionsText(study.lesions, seen)),
    ...templatesText(study, seen),
    ...atlasText(study, seen),
    "output:",
    `  path: ${yaml(seen(output))}`,
    ""
  ].join("\n")
}

/** Whether the config can be planned as it is written. */
export const isComplete = ({ connectome, space, lesions, seeds, templates }: FoundStudy): boolean =>
  connectome !== undefined &&
  (connectome.saysSpace || space !== undefined) &&
  (lesions?.exact === true || seeds.length > 0) &&
  (templates === undefined || templates.folder !== undefined)

/** What was found and what was not, a line each. */
export const findings = (study: FoundStudy, seen: Seen): ReadonlyArray<string> => {
  const { connectome, otherConnectomes, space, lesions, seeds, templates, atlases, notes } = study
  const row = (name: string, text: string) => `${name.padEnd(12)}${printable(text)}`
  const saying = space === undefined ? "" : `; space ${space.label}, ${space.saidBy}`
  const spaceMissing = connectome !== undefined && !connectome.saysSpace && space === undefined
  return [
    connectome === undefined
      ? row("connectome", "none found: fill in connectome.path")
      : row("connectome", `${seen(connectome.location.path)}: ${describeConnectome(connectome)}${saying}`),
    ...otherConnectomes.map((other) =>
      row("", `not taken: ${seen(other.location.path)}: ${describeConnectome(other)}; it is there as a comment`)
    ),
    ...(spaceMissing ? [row("space", "nobody says it: fill in connectome.space")] : []),
    ...(lesions === undefined
      ? seeds.length > 0
        ? seeds.map(({ kind, path: file, count }) => row("seeds", `${count} ${kind} in ${seen(file)}`))
        : [row("lesions", "none found: fill in lesions.path")]
      : [
          row(
            "lesions",
            `${lesions.count} file(s) in ${typeof lesions.path === "string" ? seen(lesions.path) : lesions.path.map(seen).join(", ")}`
          )
        ]),
    ...(lesions?.guessed ? [row("", "no name says that they are lesions: check them")] : []),
    ...(lesions?.exact === false ? [row("", "other images lie among them: fill in lesions.pattern")] : []),
    ...(templates === undefined
      ? []
      : [
          row(
            "templates",
            templates.folder === undefined
              ? `${templates.lesions} lesion(s) lie in ${templates.from}: lnm fetch mni152nlin6asym gets what brings them over; then fill in templates`
              : `${seen(templates.folder)}: ${templates.lesions} lesion(s) in ${templates.from} are brought over`
          )
        ]),
    atlases.length === 0
      ? row("atlases", "none found")
      : row("atlases", atlases.map(({ name, path: file }) => `${name} (${seen(file)})`).join(", ")),
    ...(lesions?.columns === undefined ? [] : [row("table", `participants.tsv: ${lesions.columns.join(", ")}`)]),
    ...notes.map((note) => row("note", note))
  ]
}
