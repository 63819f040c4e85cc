/**
 * The config of `functional-network-mapping`: every key with its unit and default, as a Schema. Decoded once, when the
 * YAML file has been read; the same Schema makes the JSON Schema that editors use.
 */
import { Schema } from "effect"
import {
  AutoOrCount,
  Checkpoint,
  Location,
  MemoryKey,
  Path,
  Report,
  RunsOfMaps,
  SpaceLabel,
  Workers,
  withDefault
} from "../../src/config/configKeys.ts"
import { bidsLabel } from "../../src/imaging/bidsLabel.ts"
import { defaultStatistics, statisticNames } from "../../src/output/statisticRows.ts"

export { checkpointSeconds, memoryLimitOf } from "../../src/config/configKeys.ts"

/** Instead of a path of the connectome or the lesions: the demo's data, which is made when it is needed. */
export const builtinDemo = "builtin:demo"

/** Instead of a path of the lesions: those of the demo's cohort. */
export const builtinCohort = "builtin:cohort"

/** Whether a path is no path, but the name of data that is made. */
export const isBuiltin = (location: string): boolean => [builtinDemo, builtinCohort].includes(location)

const OneOrMore = <S extends Schema.Constraint>(schema: S) =>
  Schema.Union([schema, Schema.Array(schema).check(Schema.isMinLength(1))])

const Label = Schema.NonEmptyString.annotate({ message: "Expected a label or a pattern: put it in quotes" })

const Probability = Schema.Finite.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(1))

/** Values that columns of a table of participants must have. */
const WantedColumns = (description: string) =>
  Schema.Record(
    Schema.String,
    OneOrMore(Schema.Union([Schema.NonEmptyString, Schema.Finite, Schema.Boolean]))
  ).annotate({ description })

const Subjects = Schema.Union([
  Path("A file with an id a line, or a table of participants."),
  Schema.Array(Label).check(Schema.isMinLength(1)),
  Schema.Struct({
    participants: Schema.optionalKey(
      Path(
        "The table of participants. Default: the participants.tsv in the connectome's folder, or in a folder above it."
      )
    ),
    where: WantedColumns(
      "Columns of the table and the value, or values, that a subject must have in each: a text or glob pattern, a number, true or false."
    )
  })
]).annotate({
  description:
    "The subjects of the connectome that are mapped on: a list of ids, with or without sub-; a file with an id a line, or a table with a column participant_id; or { participants, where }: those with these values in a table of participants. Default: all."
})

const Connectome = Schema.Struct({
  path: Path(
    "An HDF5 file, a folder of HDF5 files, a connectome store, a folder of 4D NIfTI files, a Lead-DBS connectome, or a folder of the pfc-toolkit's .npy files. Relative to this file."
  ),
  space: Schema.optionalKey(SpaceLabel),
  pattern: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "NIfTI and NumPy only: which files are scans. Default: **/*_bold.nii.gz, or every .npy file"
    })
  ),
  mask: Schema.optionalKey(Path("NIfTI and NumPy only, and needed there: the 3D brain mask; voxels above 0 are used.")),
  runs: withDefault(RunsOfMaps, "concatenate"),
  subjects: Schema.optionalKey(Subjects)
})

/** A number or truth value without quotes is made the text that it was written as before: YAML reads 01 as 1. */
const Labels = (description: string) =>
  Schema.optionalKey(
    OneOrMore(Label).annotate({
      description: `${description}: one, or a list; each may be a glob pattern, in quotes. Default: all.`,
      message: "Expected a label or a pattern, or a list of these: put each in quotes"
    })
  )

const isNotZero = Schema.makeFilter<number>((value) =>
  value === 0 ? "Expected labels other than 0, which is background" : undefined
)

const LesionKeys = Schema.Struct({
  path: Schema.optionalKey(
    OneOrMore(Location).annotate({
      description:
        "A BIDS dataset, a folder, or one file; or a list of these. Relative to this file. Needed unless there are seeds."
    })
  ),
  pattern: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description:
        "Which files are lesions. Default: **/*_{mask,roi}.nii* in a BIDS dataset, **/*.nii* in another folder, without what is no lesion by its name."
    })
  ),
  participant: Labels("Participants whose lesions are taken, with or without sub-"),
  session: Labels("Sessions whose lesions are taken, with or without ses-"),
  label: Labels("Values of the entity label- whose files are taken"),
  where: Schema.optionalKey(
    WantedColumns(
      "Columns of participants.tsv and the value, or values, that a participant must have in each: a text or glob pattern, a number, true or false. Default: all participants."
    )
  ),
  weights: withDefault(
    Schema.Literals(["binary", "values"]).annotate({
      description:
        "What the files' values mean. binary: every voxel above 0 is lesion. values: they weight the mean (an electric field, a probability); none may be negative. NaN, and what lies below 1e-6 of the largest value, is background.",
      default: "binary"
    }),
    "binary"
  ),
  threshold: withDefault(
    Schema.NullOr(Schema.Finite.check(Schema.isGreaterThan(0))).annotate({
      description:
        "Values at or above it are lesion: 0.5 for a mask that was interpolated. With weights: values they keep their weights. null: every voxel above 0.",
      default: null
    }),
    null
  ),
  values: withDefault(
    Schema.NullOr(OneOrMore(Schema.Finite.check(isNotZero))).annotate({
      description:
        "The labels that are lesion, a number or a list, where a file has several. null: every voxel above 0. Not together with threshold.",
      default: null
    }),
    null
  ),
  flip: withDefault(
    Schema.NullOr(Schema.Literals(["left"])).annotate({
      description:
        "left: a lesion with more of its volume at x > 0 is mirrored at x = 0 before it is mapped, so that all lie in the left hemisphere. null: lesions are mapped where they lie.",
      default: null
    }),
    null
  ),
  on_bad: withDefault(
    Schema.Literals(["error", "skip"]).annotate({
      description:
        "Lesions that cannot be used (empty, outside of the brain, another space, unreadable). error: all are listed, and nothing is computed. skip: they are left out, each with a warning.",
      default: "error"
    }),
    "error"
  ),
  batch_size: withDefault(
    AutoOrCount.annotate({
      description: "Lesions a pass over the connectome: auto (as many as memory allows) or a number.",
      default: "auto"
    }),
    "auto"
  )
})

const saysOnce = Schema.makeFilter<typeof LesionKeys.Type>(({ threshold, values }) =>
  threshold === null || values === null
    ? undefined
    : "Expected threshold or values, not both: each says which voxels are lesion"
)

/** Keys that choose among the files of `path`. */
const choosingKeys = ["pattern", "participant", "session", "label", "where"] as const

const hasChoice = Schema.makeFilter<typeof LesionKeys.Type>((keys) => {
  const idle = choosingKeys.filter((key) => keys[key] !== undefined)
  return keys.path !== undefined || idle.length === 0
    ? undefined
    : `Expected path beside ${idle.join(", ")}, which chooses among its files`
})

const Lesions = LesionKeys.annotate({
  description: "The lesion masks. Keys that say nothing of files hold for seeds too: flip, on_bad, batch_size."
}).check(saysOnce, hasChoice)

const Seeds = Schema.Struct({
  spheres: Schema.optionalKey(
    Path(
      "A table with the columns name, x, y, z and radius, in mm, between tabs or commas. A seed is all voxels whose centres lie at most the radius from (x, y, z). Relative to this file."
    )
  ),
  points: Schema.optionalKey(
    Path(
      "A table with the columns name, x, y and z, in mm. A seed is the voxel of the brain mask that is nearest to (x, y, z). Relative to this file."
    )
  ),
  atlas: Schema.optionalKey(Path("A 3D image of labels, on any grid, whose parcels are seeds. Relative to this file.")),
  labels: Schema.optionalKey(
    Schema.Array(Schema.Union([Schema.NonEmptyString, Schema.Int.check(isNotZero)]))
      .check(Schema.isMinLength(1))
      .annotate({
        description:
          "The parcels of the atlas that are seeds: numbers, names, or glob patterns of names, in quotes. Default: all."
      })
  ),
  names: Schema.optionalKey(
    Path(
      "The parcels' names, as parcellations[].labels. Default: the table beside the atlas, of the same name with .tsv, .csv or .txt, where there is one."
    )
  ),
  space: Schema.optionalKey(
    Schema.String.check(Schema.isPattern(bidsLabel)).annotate({
      description:
        "BIDS label of the template space of the coordinates and of the atlas. Default: what the files' names say (space-), else the connectome's, with a warning."
    })
  ),
  partial: withDefault(
    Schema.Boolean.annotate({
      description:
        "Take the time series of all other lesions' seeds out of each seed's before it is correlated (semi-partial correlation), in each subject. Of lesion masks too.",
      default: false
    }),
    false
  )
}).annotate({
  description:
    "Seeds without a mask file, beside lesion masks or instead of them, which are lesions in every other respect; and what is done with the seeds of all lesions."
})

const Statistics = Schema.Struct({
  maps: withDefault(
    Schema.Array(Schema.Literals(statisticNames)).check(Schema.isMinLength(1), Schema.isUnique()).annotate({
      description:
        "Which maps are written. sd, the standard deviation of z over subjects, is written only where it is named.",
      default: defaultStatistics
    }),
    defaultStatistics
  ),
  fdr_alpha: withDefault(
    Probability.annotate({ description: "False discovery rate of the significance mask.", default: 0.05 }),
    0.05
  ),
  t_threshold: withDefault(
    Schema.NullOr(Schema.Finite.check(Schema.isGreaterThan(0))).annotate({
      description: "Two-sided threshold: a mask of |t| at or above it is written. null: no such mask.",
      default: null
    }),
    null
  ),
  matrix: withDefault(
    Schema.Boolean.annotate({
      description: "Also write the connectivity of every lesion with every other, as tables of mean z and r.",
      default: false
    }),
    false
  ),
  degree: withDefault(
    Schema.Boolean.annotate({
      description:
        "Also write the degree of the connectome: the mean correlation of every voxel with all voxels of the brain mask, over subjects.",
      default: true
    }),
    true
  )
})

const Parcellation = Schema.Struct({
  // Longer ones would make names of tables that no disk takes.
  name: Schema.String.check(Schema.isPattern(/^[A-Za-z0-9]+$/), Schema.isMaxLength(100)).annotate({
    description: "What the parcellation is called in the names of files: letters and digits."
  }),
  path: Path("The atlas: a 3D image of labels, or a 4D image with one volume of probabilities a parcel."),
  labels: Schema.optionalKey(
    Path(
      "The parcels' names: a table with columns index and name, rows of a number and a name, or one name a line. Default: their numbers."
    )
  )
})

const hasDistinctNames = Schema.makeFilter<ReadonlyArray<{ readonly name: string }>>((parcellations) =>
  new Set(parcellations.map(({ name }) => name.toLowerCase())).size === parcellations.length
    ? undefined
    : "Expected parcellations of different names, capitals aside: files are named after them"
)

const Output = Schema.Struct({
  path: Path("The folder that the maps are written to, as a BIDS derivative dataset. Relative to this file."),
  grid: withDefault(
    Schema.Literals(["connectome", "lesion"]).annotate({
      description:
        "The grid of the maps: the connectome's, or each lesion's own, to which they are then resampled, with templates in the template of its file.",
      default: "connectome"
    }),
    "connectome"
  ),
  pictures: withDefault(
    Schema.Boolean.annotate({
      description: "Also write slices of each lesion's map as PNG files, beside its maps.",
      default: false
    }),
    false
  )
})

const Compute = Schema.Struct({
  workers: withDefault(
    Workers.annotate({
      description:
        "Threads that read and compute: auto (one a processor that the process may use) or a number up to 1024.",
      default: "auto"
    }),
    "auto"
  ),
  memory: MemoryKey,
  arithmetic: withDefault(
    Schema.Literals(["fast", "strict"]).annotate({
      description:
        "fast uses fused multiply-add where the machine has it; strict gives the same bits on every machine.",
      default: "fast"
    }),
    "fast"
  ),
  vectors: withDefault(
    Schema.Literals(["auto", 128, 256]).annotate({
      description:
        "Bits of the vectors that the kernels compute with, which change no value: auto (256 where they can be had) or a number.",
      default: "auto"
    }),
    "auto"
  ),
  subjects_per_chunk: withDefault(
    AutoOrCount.annotate({
      description: "Subjects that are read and computed together: auto (what the storage suggests) or a number.",
      default: "auto"
    }),
    "auto"
  )
})

const Keys = Schema.Struct({
  pipeline: Schema.Literals(["functional-network-mapping"]).annotate({ description: "Which pipeline to run." }),
  connectome: Connectome.annotate({ description: "The normative connectome." }),
  lesions: withDefault(Lesions, {}),
  seeds: withDefault(Seeds, {}),
  templates: Schema.optionalKey(
    Path(
      "A folder with TemplateFlow's warps. By them, lesions and atlases whose names say the other of MNI152NLin6Asym and MNI152NLin2009cAsym are brought to the connectome's, and with output.grid: lesion maps back. Relative to this file. Default: these are refused."
    )
  ),
  method: withDefault(
    Schema.Literals(["boes", "pini"]).annotate({
      description:
        "How the seed is made. boes: the mean over the lesion's voxels (doi:10.1093/brain/awv228). pini: over those of them that go together over subjects (doi:10.1093/braincomms/fcab259).",
      default: "boes"
    }),
    "boes"
  ),
  pini_percentile: withDefault(
    Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 })).annotate({
      description:
        "pini only: percentile of |loading| on the first principal component from which a lesion voxel is kept: 0 to 100.",
      default: 20
    }),
    20
  ),
  pini_scope: withDefault(
    Schema.Literals(["connectome", "file"]).annotate({
      description:
        "pini only: fit the component over all subjects of the connectome, or over those of each HDF5 file apart.",
      default: "connectome"
    }),
    "connectome"
  ),
  checkpoint: withDefault(
    Checkpoint.annotate({
      description:
        "Whether a run that is interrupted can go on where it stopped. true: how often is chosen so that it costs at most 2 % of the time, every 10 minutes at least; { every: 5s }: this often; false: never.",
      default: true
    }),
    true
  ),
  statistics: withDefault(Statistics.annotate({ description: "What is computed from the correlations." }), {}),
  parcellations: withDefault(
    Schema.Array(Parcellation)
      .annotate({
        description: "Atlases: tables of the mean r, z and t, and of the lesion load, of each of their parcels.",
        default: []
      })
      .check(hasDistinctNames),
    []
  ),
  invalid: withDefault(
    Schema.Literals(["zero", "error"]).annotate({
      description:
        "A time series without variance, or with a NaN or infinity: count it as r = 0 (the latter is also left out of seeds), or fail.",
      default: "zero"
    }),
    "zero"
  ),
  report: withDefault(
    Report.annotate({
      description:
        "Whether report.html is made of the maps: a page that needs no network. true: slices lie over the shape of the brain mask; { background: T1w.nii.gz }: over this image; false: none is made.",
      default: true
    }),
    true
  ),
  output: Output.annotate({ description: "Where the maps go." }),
  compute: withDefault(
    Compute.annotate({
      description: "How the run uses the machine. Only arithmetic changes the maps, in their last bits."
    }),
    {}
  )
})

/** Whether there is something to map, and every key of `seeds` has what it is about. */
const hasLesions = Schema.makeFilter<typeof Keys.Type>(({ lesions, seeds }) => {
  const { spheres, points, atlas, labels, names } = seeds
  if (atlas === undefined && (labels ?? names) !== undefined) {
    return { path: ["seeds"], issue: "Expected atlas beside labels and names, which are about its parcels" }
  }
  return (lesions.path ?? spheres ?? points ?? atlas) === undefined
    ? {
        path: ["lesions", "path"],
        issue: "Expected lesion masks, or seeds of spheres, points or an atlas, which need none"
      }
    : undefined
})

export const Config = Keys.annotate({ title: "lnm: functional-network-mapping" }).check(hasLesions)

export type Config = typeof Config.Type
