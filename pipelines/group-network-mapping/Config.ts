/**
 * The config of `group-network-mapping`: every key with its default, as a Schema. Decoded once, when the YAML file has been read; the
 * same Schema makes the JSON Schema that editors use.
 */
import { Schema } from "effect"
import {
  Checkpoint,
  Location,
  MemoryKey,
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
    Schema.Array(Column).annotate({
      description:
        "Columns that are taken out of effect and maps. lesion_volume and centrality are made from lesions and maps where the table has no such column.",
      default: []
    }),
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
      description:
        "Patients without a value in a column of the contrast: an error, or left out of it with a warning. Who is left out of every contrast needs no map.",
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

const Folds = Schema.Union([
  Schema.Literals(["leave-one-out"]),
  Schema.Struct({
    leave_out: Column.annotate({ description: "Column whose groups (sites) are held out, one after the other." })
  }),
  Schema.Struct({
    k: Schema.Int.check(Schema.isGreaterThan(1)).annotate({
      description: "Folds, of sizes that differ by one at most."
    }),
    repeats: withDefault(
      Schema.Int.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(1000)).annotate({
        description: "How often patients are shared out anew; figures are means over repeats.",
        default: 10
      }),
      10
    ),
    seed: withDefault(
      Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).annotate({
        description: "Of the folds: the same seed draws the same ones.",
        default: 1
      }),
      1
    )
  })
])

const Predict = Schema.Struct({
  of: Column.annotate({ description: "Column of participants that is predicted: two groups, or a score." }),
  covariates: withDefault(
    Schema.Array(Column).annotate({
      description:
        "Columns that are taken out of score and maps within each fold; lesion_volume and centrality are made.",
      default: []
    }),
    []
  ),
  folds: withDefault(
    Folds.annotate({
      description: "Who is held out together: leave-one-out, `leave_out: COLUMN`, or `k` folds, repeated.",
      default: "leave-one-out"
    }),
    "leave-one-out"
  ),
  permutations: withDefault(
    Schema.Int.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(100_000)).annotate({
      description:
        "How many permutations of the score go through all folds; all, where there are no more distinct ones.",
      default: 1000
    }),
    1000
  ),
  seed: withDefault(
    Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).annotate({
      description: "Of the random permutations: the same seed draws the same ones.",
      default: 1
    }),
    1
  ),
  blocks: withDefault(
    Schema.NullOr(Column).annotate({
      description: "Column whose groups (sites) scores are permuted within. null: all are exchangeable.",
      default: null
    }),
    null
  ),
  missing: withDefault(
    Schema.Literals(["error", "drop"]).annotate({
      description:
        "Patients without a value in a column of the prediction: an error, or left out of it with a warning.",
      default: "error"
    }),
    "error"
  )
})

const haveNamesOfTheirOwn = Schema.makeFilter<ReadonlyArray<typeof Contrast.Type>>((contrasts) => {
  const names = contrasts.map(({ name }) => name.toLowerCase())
  return new Set(names).size === names.length ? undefined : "Expected contrasts of different names"
})

/** What other maps of the output folder are called. */
const takenNames: ReadonlySet<string> = new Set(["mean", "degree", "overlap", "coverage", "model"])

const areNotTaken = Schema.makeFilter<ReadonlyArray<typeof Contrast.Type>>((contrasts) => {
  const taken = contrasts.find(({ name }) => takenNames.has(name.toLowerCase()))
  return taken === undefined ? undefined : `Expected another name than ${taken.name}, which other maps have`
})

export const GroupConfig = Schema.Struct({
  pipeline: Schema.Literals(["group-network-mapping"]).annotate({ description: "Which pipeline to run." }),
  maps: Schema.Struct({
    path: Schema.Union([Location, Schema.Array(Location).check(Schema.isMinLength(1))]).annotate({
      description:
        "Output folders of functional-network-mapping, or tables (.tsv, .csv) with columns participant_id and map; statistic (z, r), where names have no stat-z or stat-r; t_map and lesion, where analyses need them. One, or a list. Relative to this file."
    })
  }).annotate({ description: "The maps of the patients; several of one patient are averaged as z first." }),
  participants: Path(
    "Table with a row a patient: column participant_id, and those that contrasts name. Relative to this file."
  ),
  space: Schema.optionalKey(SpaceLabel),
  degree: withDefault(
    Schema.NullOr(Path("The map of the connectome's degree, on the grid of the maps. Relative to this file.")).annotate(
      {
        description:
          "The map of the connectome's degree, on the grid of the maps, where these do not come from output folders that have it. Relative to this file.",
        default: null
      }
    ),
    null
  ),
  overlap: withDefault(
    Schema.NullOr(Overlap).annotate({
      description: "Shares of patients whose networks overlap, from their t maps. null: not computed.",
      default: null
    }),
    null
  ),
  contrasts: withDefault(
    Schema.Array(Contrast)
      .annotate({ description: "What is tested, each by permutation.", default: [] })
      .check(haveNamesOfTheirOwn, areNotTaken),
    []
  ),
  predict: withDefault(
    Schema.NullOr(Predict).annotate({
      description: "A score that is predicted from the maps of the other patients. null: none is.",
      default: null
    }),
    null
  ),
  model: withDefault(
    Schema.NullOr(Path("A model that patients are scored by. Relative to this file.")).annotate({
      description:
        "A map desc-model_stat-r of an earlier analysis with `predict`, its .json beside it: the patients are scored by it. null: none. Relative to this file.",
      default: null
    }),
    null
  ),
  diagnose: withDefault(
    Schema.Struct({
      simulate: withDefault(
        Schema.Int.check(Schema.isGreaterThanOrEqualTo(0), Schema.isLessThanOrEqualTo(100_000)).annotate({
          description: "Studies with random labels that each contrast is tried on, for its rate of false positives.",
          default: 0
        }),
        0
      ),
      degree: withDefault(
        Schema.Boolean.annotate({
          description: "Compare group maps with the connectome's degree. false: with the components of the maps alone.",
          default: true
        }),
        true
      )
    }).annotate({ description: "Whether the maps say something of the symptom, or of the connectome." }),
    {}
  ),
  compare: withDefault(
    Schema.NullOr(Location).annotate({
      description:
        "Output folder of another group analysis: contrasts of the same name are compared. Relative to this file.",
      default: null
    }),
    null
  ),
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
      memory: MemoryKey,
      arithmetic: withDefault(
        Schema.Literals(["fast", "strict"]).annotate({
          description:
            "Of permutations and predictions in float32. strict: without fused multiply-add, which gives the same bits on every machine, as a lock needs them.",
          default: "fast"
        }),
        "fast"
      )
    }).annotate({ description: "How the run uses the machine." }),
    {}
  )
}).annotate({ title: "lnm: group-network-mapping" })

export type GroupConfig = typeof GroupConfig.Type
export type PredictConfig = typeof Predict.Type
export type ContrastConfig = typeof Contrast.Type
