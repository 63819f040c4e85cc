/**
 * The config of `prepare-connectome`: every key with its default, as a Schema. Decoded once, when the YAML file has been
 * read; the same Schema makes the JSON Schema that editors use.
 */
import { Schema } from "effect"
import { AutoOrCount, Memory, Path, withDefault } from "../../src/config/configKeys.ts"

const Source = Schema.Struct({
  path: Path("A folder of 4D NIfTI files, an HDF5 file, or a folder of HDF5 files. Relative to this file."),
  pattern: Schema.optionalKey(
    Schema.NonEmptyString.annotate({ description: "NIfTI only: which files are scans. Default: **/*_bold.nii.gz" })
  ),
  mask: Schema.optionalKey(Path("NIfTI only, and needed there: the 3D brain mask; voxels that are not 0 are used."))
})

const Output = Schema.Struct({
  path: Path("The store that is made, a folder whose name ends in .zarr. Relative to this file.")
})

const Compute = Schema.Struct({
  workers: withDefault(
    AutoOrCount.annotate({
      description: "Threads that read and write, a subject each: auto (one a core, as memory allows) or a number.",
      default: "auto"
    }),
    "auto"
  ),
  memory: withDefault(
    Memory.annotate({
      description:
        "Bytes that the run may use, e.g. 4GB. auto: 60 % of what the machine, or its control group, has free.",
      default: "auto"
    }),
    "auto"
  )
})

export const PrepareConfig = Schema.Struct({
  pipeline: Schema.Literals(["prepare-connectome"]).annotate({ description: "Which pipeline to run." }),
  source: Source.annotate({ description: "The scans that the store is made from." }),
  space: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "BIDS label of the template space, e.g. MNI152NLin6Asym. Optional where the source says it."
    })
  ),
  runs: withDefault(
    Schema.Literals(["concatenate", "separate"]).annotate({
      description:
        "NIfTI only: several runs of one sub- (and ses-) are standardised each and joined to one subject, or are subjects of their own.",
      default: "concatenate"
    }),
    "concatenate"
  ),
  precision: withDefault(
    Schema.Literals(["int16", "float32"]).annotate({
      description: "How time series are stored. int16: scaled to each voxel's largest value, half of float32's bytes.",
      default: "int16"
    }),
    "int16"
  ),
  on_bad_subject: withDefault(
    Schema.Literals(["error", "skip"]).annotate({
      description:
        "A subject that cannot be used: an error that lists all of them with their reasons, or left out and listed.",
      default: "error"
    }),
    "error"
  ),
  output: Output.annotate({ description: "Where the store goes." }),
  compute: withDefault(Compute.annotate({ description: "How the run uses the machine; never changes the store." }), {})
}).annotate({ title: "lnm: prepare-connectome" })

export type PrepareConfig = typeof PrepareConfig.Type
