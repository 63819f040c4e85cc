/** The keys of the config that say what goes in: the connectome, the lesions, and seeds without a mask file. */
import { Schema } from "effect"
import { AutoOrCount, Location, Path, RunsOfMaps, SpaceLabel, withDefault } from "../../src/config/configKeys.ts"

const OneOrMore = <S extends Schema.Constraint>(schema: S) =>
  Schema.Union([schema, Schema.Array(schema).check(Schema.isMinLength(1))])

const Label = Schema.NonEmptyString.annotate({ message: "Expected a label or a pattern: put it in quotes" })

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

export const Connectome = Schema.Struct({
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

export const Lesions = LesionKeys.annotate({
  description: "The lesion masks. Keys that say nothing of files hold for seeds too: flip, on_bad, batch_size."
}).check(saysOnce, hasChoice)

export const Seeds = Schema.Struct({
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
    SpaceLabel.annotate({
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
