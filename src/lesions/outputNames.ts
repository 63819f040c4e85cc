/**
 * What the outputs of each lesion will be called: distinct on every disk, and possible on it. Checked before anything is
 * computed, since a name that cannot be written would otherwise be found when the first map is there.
 *
 * Lesions that differ only by `desc-` keep it: it follows the method, `desc-boesT1lesion`. Files of one `sub-` folder that
 * differ only by their names, without `sub-`, get these as `label-`.
 */
import { basename } from "node:path"
import { Effect, Schema } from "effect"
import { asideBytes } from "../files/partialFiles.ts"
import {
  type BidsEntity,
  entityOf,
  labelFrom,
  lettersAndDigits,
  outputName,
  parseBidsName
} from "../imaging/BidsName.ts"
import { hasControlCharacter, printable } from "../runtime/printable.ts"
import { type NamedLesion, personOf, sameOnDisk } from "./lesionNames.ts"
import { calledOf } from "./seeds/Seed.ts"

/** Lesion files would write the same maps. */
export class SameOutputName extends Schema.TaggedError<SameOutputName>()("SameOutputName", {
  /** Where `byCase`, names differ in capital and small letters, which are the same on some disks. */
  clashes: Schema.Array(
    Schema.Struct({ output: Schema.String, byCase: Schema.Boolean, files: Schema.Array(Schema.String) })
  )
}) {
  override get message(): string {
    const lines = this.clashes.map(({ output, byCase, files }) => {
      const [verb, named] = files.length === 2 ? ["both", files.join(" and ")] : ["all", files.join(", ")]
      const where = byCase ? " on a disk that does not tell capital from small letters" : ""
      return `${named} would ${verb} write ${output}…${where}`
    })
    return `${lines.join("\n  ")}. Rename one, or narrow lesions.pattern.`
  }
}

/** No outputs can be named after these files. */
export class UnusableName extends Schema.TaggedError<UnusableName>()("UnusableName", {
  problems: Schema.Array(Schema.Struct({ file: Schema.String, problem: Schema.String }))
}) {
  override get message(): string {
    const lines = this.problems.map(({ file, problem }) => `${printable(file)}: ${problem}`)
    return `${lines.join("\n  ")}. Rename ${lines.length === 1 ? "it" : "them"}.`
  }
}

/** What a lesion's outputs are named after. */
export interface OutputNaming {
  readonly entities: ReadonlyArray<BidsEntity>
  /** Text that follows the method in `desc-`; mostly empty. */
  readonly apart: string
}

export interface OutputsOf {
  readonly space: string | undefined
  readonly method: string
  /** The folder that they are written to, absolute; undefined where it is not known. */
  readonly folder?: string | undefined
}

/** Most bytes of a file's name on the usual file systems, and of a whole path. Source: Linux, limits.h. */
const mostNameBytes = 255
const mostPathBytes = 4095

/** The longest name that any output of a lesion has, within the output folder. */
const longestOutput = ({ entities, apart }: OutputNaming, { space, method }: OutputsOf): string => {
  const name = outputName(entities, { space, description: `${method}${apart}` })
  return `${name.directory}/${name.stem("pfdrthreshold", "mask")}.nii.gz`
}

/**
 * Settles what the outputs of lesions are named after, in their order.
 *
 * Errors: `SameOutputName`; `UnusableName` where a name is too long, or a name of a file or folder holds a control character.
 */
export const settleOutputNames = Effect.fnUntraced(function* (
  lesions: ReadonlyArray<NamedLesion>,
  outputs: OutputsOf
): Effect.fn.Return<ReadonlyArray<OutputNaming>, SameOutputName | UnusableName> {
  const problems = lesions.flatMap((lesion) => {
    const { name, entities } = lesion
    const problem = hasControlCharacter(name) || entities.some(({ value }) => hasControlCharacter(value))
    return problem
      ? [{ file: calledOf(lesion), problem: "its name holds a control character, such as a tab or an escape" }]
      : []
  })
  if (problems.length > 0) return yield* new UnusableName({ problems })
  const named = lesions.map(({ entities }): OutputNaming => ({ entities, apart: "" }))
  const byDescription = apartWhere(lesions, named, outputs, withDescription)
  const settled = apartWhere(lesions, byDescription, outputs, withFileName)
  const same = clashesOf(settled, outputs)
  if (same.length > 0) {
    const clashes = same.map((positions) => {
      const names = positions.map((position) => longestOutput(settled[position]!, outputs))
      const files = positions.map((position) => calledOf(lesions[position]!))
      return { output: names[0]!.replace(/_stat-.*/, ""), byCase: new Set(names).size > 1, files }
    })
    return yield* new SameOutputName({ clashes })
  }
  const tooLong = lesions.flatMap((lesion, n) =>
    lengthProblem(calledOf(lesion), longestOutput(settled[n]!, outputs), outputs)
  )
  return tooLong.length > 0 ? yield* new UnusableName({ problems: tooLong }) : settled
})

/** Positions of lesions whose outputs have the same name, a list a name. */
const clashesOf = (namings: ReadonlyArray<OutputNaming>, outputs: OutputsOf): ReadonlyArray<ReadonlyArray<number>> => {
  const groups = Map.groupBy(namings.keys(), (position) => sameOnDisk(longestOutput(namings[position]!, outputs)))
  return [...groups.values()].filter((positions) => positions.length > 1)
}

/** Applies `change` to the lesions whose outputs have the name of another's, and to no other. */
const apartWhere = (
  lesions: ReadonlyArray<NamedLesion>,
  namings: ReadonlyArray<OutputNaming>,
  outputs: OutputsOf,
  change: (lesion: NamedLesion, naming: OutputNaming) => OutputNaming
): ReadonlyArray<OutputNaming> => {
  const clashing = new Set(clashesOf(namings, outputs).flat())
  return namings.map((naming, n) => (clashing.has(n) ? change(lesions[n]!, naming) : naming))
}

const withDescription = ({ entities }: NamedLesion, naming: OutputNaming): OutputNaming => {
  const description = lettersAndDigits(entityOf({ entities }, "desc") ?? "")
  return { ...naming, apart: `${description.slice(0, 1).toUpperCase()}${description.slice(1)}` }
}

/** Adds the file's name as `label-`, where `sub-` comes from a folder and the name has neither `sub-` nor `label-`. */
const withFileName = ({ file, entities, seed }: NamedLesion, naming: OutputNaming): OutputNaming => {
  if (seed !== undefined) return naming
  const has = (key: string) => entityOf(parseBidsName(basename(file)), key) !== undefined
  if (has("sub") || has("label") || personOf(file).subject === undefined) return naming
  return { ...naming, entities: [...entities, { key: "label", value: labelFrom(basename(file)) }] }
}

const lengthProblem = (file: string, output: string, { folder }: OutputsOf) => {
  const [directory, name] = [output.slice(0, output.lastIndexOf("/")), output.slice(output.lastIndexOf("/") + 1)]
  const bytes = Buffer.byteLength(name) + asideBytes
  const pathBytes = Buffer.byteLength(`${folder ?? ""}/${directory}/`) + bytes
  const problem = (found: number, most: number, what: string) =>
    `its name is too long: ${what} of its maps would have ${found} bytes, and may have ${most}`
  if (bytes > mostNameBytes) return [{ file, problem: problem(bytes, mostNameBytes, "the names") }]
  return pathBytes > mostPathBytes ? [{ file, problem: problem(pathBytes, mostPathBytes, "the paths") }] : []
}
