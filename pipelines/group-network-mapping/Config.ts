/**
 * The config of `group-network-mapping`: every key with its default, as a Schema. Decoded once, when the YAML file has been read; the
 * same Schema makes the JSON Schema that editors use.
 */
import { Schema } from "effect"
import { Location, Memory, Path, Report, SpaceLabel, Workers, withDefault } from "../../src/config/configKeys.ts"
import { bidsLabel } from "../../src/imaging/bidsLabel.ts"

const Column = Schema.NonEmptyString

const Contrast = Schema.Struct({
  name: Schema.String.check(Schema.isPattern(bidsLabel)).annotate({
    description: "Letters and digits; part of the names of its maps."
  }),
  of: Column.annotate({ description: "Column of participants that is tested: two groups, or a score." }),
  covariates: withDefault(
    Schema.Array(Column).annotate({ description: "Columns that are taken out of effect and maps.", default: [] }),
    []
  ),
  blocks: withDefault(
    Schema.NullOr(Column).annotate({
      description: "Column whose groups (sites) patients are permuted within. null: all are exchangeable.",
      default: null
    }),
    null
  ),
  permutations: withDefault(
    Schema.Int.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(1_000_000)).annotate({
      description: "How many are drawn; where there are no more distinct ones, all are taken.",
      default: 10_000
    }),
    10_000
  ),
  seed: withDefault(
    Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).annotate({
      description: "Of the random permutations: the same seed draws the same ones.",
      default: 1
    }),
    1
  ),
  variance: withDefault(
    Schema.Literals(["equal", "unequal"]).annotate({
      description: "equal: t. unequal: Winkler's G, for two groups whose variances differ.",
      default: "equal"
    }),
    "equal"
  ),
  ranks: withDefault(
    Schema.Boolean.annotate({ description: "Spearman: score, covariates and maps are ranked.", default: false }),
    false
  ),
  missing: withDefault(
    Schema.Literals(["error", "drop"]).annotate({
      description: "Patients without a value in a column of the contrast: an error, or left out of it with a warning.",
      default: "error"
    }),
    "error"
  )
})

const haveNamesOfTheirOwn = Schema.makeFilter<ReadonlyArray<typeof Contrast.Type>>((contrasts) => {
  const names = contrasts.map(({ name }) => name.toLowerCase())
  return new Set(names).size === names.length ? undefined : "Expected contrasts of different names"
})

export const GroupConfig = Schema.Struct({
  pipeline: Schema.Literals(["group-network-mapping"]).annotate({ description: "Which pipeline to run." }),
  maps: Schema.Struct({
    path: Schema.Union([Location, Schema.Array(Location).check(Schema.isMinLength(1))]).annotate({
      description:
        "Output folders of functional-network-mapping, or tables (.tsv, .csv) with columns participant_id, map and, where names have no stat-z or stat-r, statistic: one, or a list. Relative to this file."
    })
  }).annotate({ description: "The maps of the patients; several of one patient are averaged as z first." }),
  participants: Path(
    "Table with a row a patient: column participant_id, and those that contrasts name. Relative to this file."
  ),
  space: Schema.optionalKey(SpaceLabel),
  contrasts: Schema.Array(Contrast)
    .annotate({ description: "What is tested, each by permutation." })
    .check(Schema.isMinLength(1), haveNamesOfTheirOwn),
  report: withDefault(
    Report.annotate({
      description:
        "Whether report.html is made of the results: a page that needs no network. true: slices lie over the shape of the brain; { background: T1w.nii.gz }: over this image; false: none is made.",
      default: true
    }),
    true
  ),
  output: Schema.Struct({ path: Path("The folder that the results are written to. Relative to this file.") }).annotate({
    description: "Where the results go."
  }),
  compute: withDefault(
    Schema.Struct({
      workers: withDefault(
        Workers.annotate({
          description: "Threads that compute: auto (one a processor that the process may use) or a number up to 1024.",
          default: "auto"
        }),
        "auto"
      ),
      memory: withDefault(
        Memory.annotate({
          description:
            "Bytes that the run may use, e.g. 4GB. auto: 60 % of what the machine, its control groups and the job have free.",
          default: "auto"
        }),
        "auto"
      )
    }).annotate({ description: "How the run uses the machine; never changes the results." }),
    {}
  )
}).annotate({ title: "lnm: group-network-mapping" })

export type GroupConfig = typeof GroupConfig.Type
export type ContrastConfig = typeof Contrast.Type
