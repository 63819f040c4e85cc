/**
 * The config of `group-network-mapping`: every key with its default, as a Schema. Decoded once, when the YAML file has been read; the
 * same Schema makes the JSON Schema that editors use.
 */
import { Schema } from "effect"
import {
  Checkpoint,
  Location,
  Memory,
  Path,
  Report,
  SpaceLabel,
  Workers,
  withDefault
} from "../../src/config/configKeys.ts"
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
  tfce: withDefault(
    Schema.Boolean.annotate({
      description: "Threshold-free cluster enhancement, with p of its own; half a minute for 1,000 permutations.",
      default: false
    }),
    false
  ),
  clusters: withDefault(
    Schema.Boolean.annotate({
      description: "Extent and mass of clusters formed at a two-tailed p of 0.001, each with p of its own.",
      default: true
    }),
    true
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

/** A level of t: its number is part of the names of maps, so that it is written without an exponent. */
const Level = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0.01), Schema.isLessThanOrEqualTo(1000))

const Overlap = Schema.Struct({
  t: withDefault(
    Level.annotate({ description: "Patients count where their t is at or beyond ± this.", default: 7 }),
    7
  ),
  sweep: withDefault(
    Schema.Array(Level).annotate({
      description: "Further levels of t that shares are mapped at.",
      default: [5, 6, 7, 8, 9]
    }),
    [5, 6, 7, 8, 9]
  ),
  share: withDefault(
    Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0.01), Schema.isLessThanOrEqualTo(1)).annotate({
      description: "Share of the patients, to six decimals, that clusters and the conjunction need at `t`.",
      default: 0.75
    }),
    0.75
  ),
  conjunction: withDefault(
    Schema.Literals(["pfwe", "pfdr", "ptfcefwe"]).annotate({
      description: "The corrected p of contrasts that is below 0.05 in the conjunction.",
      default: "pfwe"
    }),
    "pfwe"
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
  overlap: withDefault(
    Schema.NullOr(Overlap).annotate({
      description: "Shares of patients whose networks overlap, from their t maps. null: not computed.",
      default: null
    }),
    null
  ),
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
  checkpoint: withDefault(
    Checkpoint.annotate({
      description:
        "Whether a run that is interrupted can go on where it stopped. true: how often is chosen so that it costs at most 2 % of the time, every 10 minutes at least; { every: 5s }: this often; false: never.",
      default: true
    }),
    true
  ),
  output: Schema.Struct({
    path: Path("The folder that the results are written to. Relative to this file."),
    palm: withDefault(
      Schema.Boolean.annotate({
        description:
          "Whether each contrast is written for PALM and FSL too, with all maps of its patients in one file.",
        default: false
      }),
      false
    )
  }).annotate({ description: "Where the results go." }),
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

export { checkpointSeconds } from "../../src/config/configKeys.ts"
