/**
 * What makes the design of a contrast unusable. Each of these is found before any map is read, and names the contrast, the column and
 * what to do.
 */
import { Schema } from "effect"

/** Patients that are named in a message; more are counted. */
const mostNamed = 8

const named = (patients: ReadonlyArray<string>): string =>
  patients.slice(0, mostNamed).join(", ") +
  (patients.length > mostNamed ? ` and ${patients.length - mostNamed} more` : "")

/** Patients have no value in a column that a contrast needs. */
export class MissingValues extends Schema.TaggedError<MissingValues>()("MissingValues", {
  contrast: Schema.String,
  columns: Schema.Array(Schema.Struct({ column: Schema.String, patients: Schema.Array(Schema.String) }))
}) {
  override get message(): string {
    const lines = this.columns.map(({ column, patients }) => `  ${column}: ${named(patients)}\n`)
    return (
      `Contrast ${this.contrast}: patients have no value in a column:\n${lines.join("")}` +
      "Fill the values in, or leave these patients out of the contrast with `missing: drop`"
    )
  }
}

/** A column has the same value in every patient. */
export class ConstantColumn extends Schema.TaggedError<ConstantColumn>()("ConstantColumn", {
  contrast: Schema.String,
  column: Schema.String,
  patients: Schema.Int
}) {
  override get message(): string {
    return (
      `Contrast ${this.contrast}: ${this.column} is the same in all ${this.patients} patients, so it can explain nothing. ` +
      "Take the column out, or check which patients are left"
    )
  }
}

/** The effect is text with more than two values. */
export class TooManyGroups extends Schema.TaggedError<TooManyGroups>()("TooManyGroups", {
  contrast: Schema.String,
  column: Schema.String,
  groups: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return (
      `Contrast ${this.contrast}: ${this.column} has ${this.groups.length} groups (${named(this.groups)}), and a contrast compares two. ` +
      "Make a column for each comparison that is meant, or of numbers where it is a score"
    )
  }
}

/** A covariate goes with the effect so closely that they cannot be told apart. */
export class ConfoundedCovariate extends Schema.TaggedError<ConfoundedCovariate>()("ConfoundedCovariate", {
  contrast: Schema.String,
  effect: Schema.String,
  covariate: Schema.String,
  correlation: Schema.Number,
  limit: Schema.Number
}) {
  override get message(): string {
    return (
      `Contrast ${this.contrast}: the covariate ${this.covariate} goes with ${this.effect} (r = ${this.correlation.toFixed(3)}; ` +
      `|r| ≥ ${this.limit} is refused): with it, next to nothing of the effect is left to be tested. ` +
      "Take the covariate out, and say that the effect is also one of it"
    )
  }
}

/** The covariates together leave nothing of the effect, or no degree of freedom. */
export class NothingToTest extends Schema.TaggedError<NothingToTest>()("NothingToTest", {
  contrast: Schema.String,
  effect: Schema.String,
  patients: Schema.Int,
  columns: Schema.Int
}) {
  override get message(): string {
    return (
      `Contrast ${this.contrast}: ${this.patients} patients and ${this.columns} nuisance columns (the intercept is one) leave nothing of ` +
      `${this.effect} to be tested, or no degree of freedom. Take covariates out, or add patients`
    )
  }
}

/** G needs two groups, and in each of them more patients than the design takes degrees of freedom from it. */
export class VarianceNotEstimable extends Schema.TaggedError<VarianceNotEstimable>()("VarianceNotEstimable", {
  contrast: Schema.String,
  effect: Schema.String,
  sizes: Schema.Array(Schema.Int)
}) {
  override get message(): string {
    const [one, other] = this.sizes
    const problem =
      this.sizes.length === 0
        ? `${this.effect} is a score, and \`variance: unequal\` needs two groups`
        : `the groups of ${one} and ${other} patients are too small for a variance of their own beside the covariates`
    return `Contrast ${this.contrast}: ${problem}. Take \`variance: equal\``
  }
}

/** The design has too few distinct row orders for any p of use. */
export class TooFewPermutations extends Schema.TaggedError<TooFewPermutations>()("TooFewPermutations", {
  contrast: Schema.String,
  distinct: Schema.Int,
  asked: Schema.Int,
  least: Schema.Int
}) {
  override get message(): string {
    const smallest = (1 / this.distinct).toPrecision(2)
    return this.distinct < this.least
      ? `Contrast ${this.contrast}: the design has only ${this.distinct} distinct orders within its blocks, so no p can be below ` +
          `${smallest}; at least ${this.least} are needed. Use larger blocks, or more patients`
      : `Contrast ${this.contrast}: ${this.asked} permutations are too few for any p of use. Ask for at least ${this.least}`
  }
}

export type InvalidDesign =
  | MissingValues
  | ConstantColumn
  | TooManyGroups
  | ConfoundedCovariate
  | NothingToTest
  | VarianceNotEstimable
  | TooFewPermutations
