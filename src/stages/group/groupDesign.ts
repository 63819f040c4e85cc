/**
 * The design of a contrast over patients: its columns, checked, and the basis that the products over voxels need.
 *
 * The effect is two groups (two values; the higher one, or the later in the alphabet, is coded 1, the other 0) or a score. Covariates are
 * numbers, or text, which gives a column for each of its values but the first. With `ranks`, scores and covariates are ranked, and the
 * maps must be as well: then r is Spearman's partial correlation.
 */
import { Effect } from "effect"
import { type ContrastBasis, contrastBasis } from "../../kernels/group/contrastBasis.ts"
import { type VarianceGroups, varianceGroups } from "../../kernels/group/gStatistic.ts"
import { midRanks } from "../../kernels/group/midRanks.ts"
import { dot, normOf, takeOut } from "../../kernels/group/orthonormalBasis.ts"
import type { Warning } from "../../runtime/Warnings.ts"
import { type Cell, type DesignColumn, isMissing, levelNumbers, levelsOf, numbersOf } from "./designColumn.ts"
import {
  ConfoundedCovariate,
  ConstantColumn,
  MissingValues,
  NothingToTest,
  TooManyGroups,
  VarianceNotEstimable
} from "./InvalidDesign.ts"

/** |r| of effect and covariate from which on they cannot be told apart. */
export const confoundedFrom = 0.9

/** The larger group by the smaller one from which on equal variances are warned of. */
export const unevenGroups = 2

/** Least share of the degrees of freedom that a group keeps: half of one. */
export const leastDegrees = 0.5

export interface DesignOptions {
  /** The contrast's name, for messages. */
  readonly contrast: string
  readonly patients: ReadonlyArray<string>
  readonly effect: DesignColumn
  readonly covariates: ReadonlyArray<DesignColumn>
  /** The exchangeability blocks; default: one. */
  readonly blocks?: DesignColumn | undefined
  readonly missing: "error" | "drop"
  /** `untested`: no p rests on the groups' variances. */
  readonly variance: "equal" | "unequal" | "untested"
  readonly ranks: boolean
}

export interface GroupDesign {
  /** The patients that take part, by their place among those given. */
  readonly kept: Int32Array
  /** Names and values of x and of Z without the intercept, as they enter. Shapes: (kept patients). */
  readonly effect: Float64Array
  readonly covariates: ReadonlyArray<{ readonly name: string; readonly values: Float64Array }>
  readonly blocks: Int32Array
  /** Their names, by number; undefined where all patients are exchangeable. */
  readonly blockNames: ReadonlyArray<string> | undefined
  readonly basis: ContrastBasis
  /** The two groups, coded 0 and 1; undefined for a score. */
  readonly groups: { readonly names: readonly [string, string]; readonly sizes: readonly [number, number] } | undefined
  /** What G needs with `variance: unequal`; undefined: the statistic is t. */
  readonly variance: VarianceGroups | undefined
  /** What may not be as it was meant. */
  readonly warnings: ReadonlyArray<DesignWarning>
}

/** A warning of a contrast, which is about the table of participants. */
export type DesignWarning = Omit<Warning, "file">

/** Checks the columns of a contrast and makes its design. */
export const groupDesign = Effect.fnUntraced(function* (options: DesignOptions) {
  const { contrast, patients, effect, covariates, missing } = options
  const columns = [effect, ...covariates, ...(options.blocks ? [options.blocks] : [])]
  const lacking = columns
    .map(({ name, cells }) => ({ column: name, patients: patients.filter((_, i) => isMissing(cells[i] ?? null)) }))
    .filter((column) => column.patients.length > 0)
  if (lacking.length > 0 && missing === "error") return yield* new MissingValues({ contrast, columns: lacking })
  const without = new Set(lacking.flatMap((column) => column.patients))
  const kept = Int32Array.from([...patients.keys()].filter((i) => !without.has(patients[i]!)))
  const cellsOf = ({ cells }: DesignColumn): ReadonlyArray<Cell> => Array.from(kept, (i) => cells[i]!)

  for (const column of [effect, ...covariates]) {
    if (levelsOf(cellsOf(column)).length < 2)
      return yield* new ConstantColumn({ contrast, column: column.name, patients: kept.length })
  }
  const levels = levelsOf(cellsOf(effect))
  const scores = numbersOf(cellsOf(effect))
  if (scores === undefined && levels.length > 2)
    return yield* new TooManyGroups({ contrast, column: effect.name, groups: levels })
  const x = levels.length > 2 ? ranked(scores!, options.ranks) : Float64Array.from(levelNumbers(cellsOf(effect)))
  const z = covariates.flatMap((column) => covariateColumns(column.name, cellsOf(column), options.ranks))
  const pending = new Set([effect, ...covariates].flatMap(({ name, isPending }) => (isPending === true ? [name] : [])))
  for (const { name, values } of z) {
    if (pending.has(name) || pending.has(effect.name)) continue
    const correlation = correlationOf(x, values)
    if (Math.abs(correlation) >= confoundedFrom) {
      const limit = confoundedFrom
      return yield* new ConfoundedCovariate({ contrast, effect: effect.name, covariate: name, correlation, limit })
    }
  }
  const blocks = options.blocks ? levelNumbers(cellsOf(options.blocks)) : new Int32Array(kept.length)
  const basis = contrastBasis({ effect: x, nuisance: z.map(({ values }) => values), blocks })
  if (basis === undefined) {
    const counts = { patients: kept.length, columns: z.length + 1 }
    return yield* new NothingToTest({ contrast, effect: effect.name, ...counts })
  }
  const groups = levels.length > 2 ? undefined : groupsOf(levels, x)
  const variance = options.variance === "unequal" && groups ? varianceGroups(basis, x) : undefined
  if (options.variance === "unequal" && !variance?.degrees.every((degrees) => degrees >= leastDegrees)) {
    return yield* new VarianceNotEstimable({ contrast, effect: effect.name, sizes: groups?.sizes ?? [] })
  }
  const warnings = warningsOf(options, { groups, dependent: basis.dependent.map((at) => z[at]!.name), without })
  return {
    kept,
    effect: x,
    covariates: z,
    blocks,
    blockNames: options.blocks && levelsOf(cellsOf(options.blocks)),
    basis,
    groups,
    variance,
    warnings
  } satisfies GroupDesign as GroupDesign
})

const groupsOf = (levels: ReadonlyArray<string>, x: Float64Array): NonNullable<GroupDesign["groups"]> => {
  const second = x.reduce((sum, value) => sum + value, 0)
  return { names: [levels[0]!, levels[1]!], sizes: [x.length - second, second] }
}

const ranked = (values: Float64Array, ranks: boolean): Float64Array => {
  if (ranks) midRanks(values, values, new Float64Array(values.length))
  return values
}

const covariateColumns = (name: string, cells: ReadonlyArray<Cell>, ranks: boolean): GroupDesign["covariates"] => {
  const numbers = numbersOf(cells)
  if (numbers !== undefined) return [{ name, values: ranked(numbers, ranks) }]
  const numberOfLevel = levelNumbers(cells)
  return levelsOf(cells)
    .slice(1)
    .map((level, index) => ({
      name: `${name}=${level}`,
      values: Float64Array.from(numberOfLevel, (number) => (number === index + 1 ? 1 : 0))
    }))
}

/** Pearson's correlation of two columns that are not constant. */
const correlationOf = (one: Float64Array, other: Float64Array): number => {
  const mean = [new Float64Array(one.length).fill(1 / Math.sqrt(one.length))]
  const [a, b] = [Float64Array.from(one), Float64Array.from(other)]
  takeOut(mean, a)
  takeOut(mean, b)
  return dot(a, b) / (normOf(a) * normOf(b))
}

interface Found {
  readonly groups: GroupDesign["groups"]
  readonly dependent: ReadonlyArray<string>
  readonly without: ReadonlySet<string>
}

const warningsOf = (
  { contrast, variance }: DesignOptions,
  { groups, dependent, without }: Found
): ReadonlyArray<DesignWarning> => {
  const [small, large] = [...(groups?.sizes ?? [1, 1])].sort((a, b) => a - b) as [number, number]
  const left = [...without]
  return [
    ...(left.length > 0
      ? [
          {
            found: `contrast ${contrast}: ${left.length} patient(s) have no value in a column of it: ${left.join(", ")}`,
            taken: "They are left out of this contrast, as `missing: drop` says"
          }
        ]
      : []),
    ...(variance === "equal" && large > unevenGroups * small
      ? [
          {
            found: `contrast ${contrast}: its groups have ${small} and ${large} patients, and where their variances differ, p of \`variance: equal\` is wrong`,
            taken: "Their variances are taken as equal. Consider `variance: unequal`"
          }
        ]
      : []),
    ...dependent.map((name) => ({
      found: `contrast ${contrast}: the covariate ${name} follows from the others`,
      taken: "It adds nothing to the design"
    }))
  ]
}
