/** What the report shows of one contrast: its design, its map with what is significant, and the largest values of its permutations. */
import { Effect, Option, Schema } from "effect"
import { voxelVolumeMm3 } from "../../imaging/affine.ts"
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import { designMatrix } from "./designMatrix.ts"
import type { GroupFiles } from "./GroupFiles.ts"
import type { ContrastDesign, ContrastFindings, Correction, Inference, Maxima } from "./GroupFindings.ts"
import { conjunctionPath, groupMapStem } from "./groupMapNames.ts"
import { commonSlices, type GroupSite, mapPictures } from "./groupSite.ts"
import { type GroupTable, numbersIn } from "./groupTable.ts"
import { neededValue } from "./neededValue.ts"

/** Corrected p below which a voxel is significant. */
export const alpha = 0.05

/** |t| from which slices have a colour: far below significance, so that what is not significant is seen too. */
const firstColour = 2

/** The statistic of each map of corrected p, in the order of the report. */
const corrections: ReadonlyArray<readonly [by: Correction, statistic: string]> = [
  ["voxel", "pfwe"],
  ["tfce", "ptfcefwe"],
  ["extent", "pextentfwe"],
  ["mass", "pmassfwe"],
  ["fdr", "pfdr"]
]

/** Rules whose voxels are outlined in pictures of their own. */
const outlined: ReadonlyArray<readonly [rule: Rule, title: string]> = [
  ["tfce", "Lines around voxels that TFCE finds at corrected p < 0.05"],
  ["extent", "Lines around clusters whose extent is significant at corrected p < 0.05"],
  ["conjunction", "Lines around the conjunction: significant, and in the overlap of networks with the same sign"]
]

type Rule = Correction | "conjunction"

/** Reads a contrast; undefined, with a note, where its map cannot be read. */
export const contrastFindings = Effect.fnUntraced(function* (
  files: GroupFiles,
  site: GroupSite,
  space: string,
  name: string
) {
  const statistic = files.has(`${groupMapStem(space, name, "g")}.nii.gz`) ? "g" : "t"
  const stem = groupMapStem(space, name, statistic)
  const map = yield* files.map(`${stem}.nii.gz`)
  if (map === undefined) return undefined
  const { values } = map
  const design = designOf(yield* files.json(`${stem}.json`))
  const { inferences, outlines } = yield* significance(files, site, values, (p) => groupMapStem(space, name, p))
  const conjunction = yield* files.map(conjunctionPath(space, name))
  if (conjunction !== undefined) outlines.set("conjunction", whereNotZero(conjunction.values))
  const drawn = drawContrast(site, statistic, values, outlines)
  releaseMemory(values, conjunction?.values, ...outlines.values())
  const entered = yield* files.table(`desc-${name}_design.tsv`)
  const contrast: ContrastFindings = {
    name,
    statistic,
    design,
    matrix: entered === undefined ? undefined : designMatrix(entered),
    ...drawn,
    voxelMl: voxelVolumeMm3(site.grid.affine) / 1000,
    inferences,
    clusters: yield* files.table(`desc-${name}_clusters.tsv`),
    maxima: yield* maximaOf(files, space, name, design, Math.abs(drawn.pictures.peak))
  }
  return contrast
})

/** What each map of corrected p finds, and where. */
const significance = Effect.fnUntraced(function* (
  files: GroupFiles,
  { gridIndex }: GroupSite,
  statistic: Float32Array,
  stemOf: (p: string) => string
) {
  const inferences: Array<Inference> = []
  const outlines = new Map<Rule, Uint8Array>()
  for (const [by, p] of corrections) {
    const corrected = yield* files.map(`${stemOf(p)}.nii.gz`)
    if (corrected === undefined) continue
    const { inference, outline } = significantVoxels(by, corrected.values, statistic, gridIndex)
    inferences.push(inference)
    outlines.set(by, outline)
    releaseMemory(corrected.values)
  }
  return { inferences, outlines }
})

const whereNotZero = (values: Float32Array): Uint8Array => {
  const found = new Uint8Array(values.length)
  for (let n = 0; n < values.length; n++) if (values[n] !== 0) found[n] = 1
  return found
}

/** The map with the voxels that are significant by themselves, and at the common places by the other rules that find any. */
const drawContrast = (
  site: GroupSite,
  statistic: "t" | "g",
  values: Float32Array,
  outlines: ReadonlyMap<Rule, Uint8Array>
): Pick<ContrastFindings, "pictures" | "outlinedBy"> => {
  const unit = statistic === "t" ? "t" : "G"
  const pictures = mapPictures(site, unit, values, () => firstColour, outlines.get("voxel"))
  const { threshold, limit } = pictures.scale
  const outlinedBy = outlined.flatMap(([rule, title]) => {
    const outline = outlines.get(rule)
    if (outline?.includes(1) !== true) return []
    return [{ title, slices: commonSlices(site, { values, outline, threshold, limit }) }]
  })
  return { pictures, outlinedBy }
}

const Sidecar = Schema.Struct({
  Effect: Schema.String,
  Groups: Schema.optionalKey(Schema.Array(Schema.String)),
  GroupSizes: Schema.optionalKey(Schema.Array(Schema.Number)),
  Covariates: Schema.optionalKey(Schema.Array(Schema.String)),
  ExchangeabilityBlocks: Schema.optionalKey(Schema.NullOr(Schema.String)),
  Ranks: Schema.optionalKey(Schema.Boolean),
  Patients: Schema.Number,
  DegreesOfFreedom: Schema.Number,
  Permutations: Schema.Number,
  AllPermutations: Schema.Boolean
})

const decodeSidecar = Schema.decodeUnknownOption(Sidecar)

/** What a sidecar does not say is not known. */
const designOf = (sidecar: unknown): ContrastDesign => {
  const found = Option.getOrUndefined(decodeSidecar(sidecar))
  return {
    effect: found?.Effect ?? "the effect",
    groups: (found?.Groups ?? []).map((name, n) => ({ name, patients: found?.GroupSizes?.[n] ?? Number.NaN })),
    covariates: found?.Covariates ?? [],
    blocks: found?.ExchangeabilityBlocks ?? undefined,
    ranks: found?.Ranks ?? false,
    patients: found?.Patients ?? Number.NaN,
    degreesOfFreedom: found?.DegreesOfFreedom ?? Number.NaN,
    permutations: found?.Permutations ?? Number.NaN,
    allPermutations: found?.AllPermutations ?? false
  }
}

/** The voxels below 0.05, by the sign of the statistic, and as 1 in a volume. */
export const significantVoxels = (
  by: Correction,
  p: Float32Array,
  statistic: Float32Array,
  gridIndex: Int32Array
): { readonly inference: Inference; readonly outline: Uint8Array } => {
  const outline = new Uint8Array(p.length)
  let [least, positive, negative] = [1, 0, 0]
  for (let v = 0; v < gridIndex.length; v++) {
    const element = gridIndex[v]!
    if (p[element]! < least) least = p[element]!
    if (!(p[element]! < alpha) || statistic[element] === 0) continue
    outline[element] = 1
    if (statistic[element]! > 0) positive++
    else negative++
  }
  // Of float32, so that 0.01 is not shown as less.
  return { inference: { by, least: Number(least.toPrecision(6)), positive, negative }, outline }
}

/** The columns of the maxima, and of which map the observed one is the largest value. */
const maximaOf = Effect.fnUntraced(function* (
  files: GroupFiles,
  space: string,
  name: string,
  { allPermutations }: ContrastDesign,
  largest: number
) {
  const table = yield* files.table(`desc-${name}_nulldist.tsv`)
  if (table === undefined) return []
  const found: Array<Maxima> = []
  for (const column of table.columns.filter((one) => one.startsWith("max_"))) {
    const of = column.slice("max_".length)
    const values = finiteIn(table, column)
    if (values.length === 0) continue
    const observed = of === "t" || of === "g" ? largest : yield* largestOf(files, groupMapStem(space, name, of))
    found.push({ of, values, observed, needed: neededValue(values, alpha, allPermutations) })
  }
  return found
})

const finiteIn = (table: GroupTable, column: string): ReadonlyArray<number> =>
  numbersIn(table, column).filter(Number.isFinite)

const largestOf = Effect.fnUntraced(function* (files: GroupFiles, stem: string) {
  const map = yield* files.map(`${stem}.nii.gz`)
  if (map === undefined) return undefined
  let largest = 0
  for (const value of map.values) largest = Math.max(largest, Math.abs(value))
  releaseMemory(map.values)
  return largest
})
