/**
 * The config of `prepare-connectome`: every key with its default, as a Schema. Decoded once, when the YAML file has been
 * read; the same Schema makes the JSON Schema that editors use.
 */
import { Schema } from "effect"
import { MemoryKey, Path, Runs, SpaceLabel, Workers, withDefault } from "../../src/config/configKeys.ts"

const Source = Schema.Struct({
  path: Path(
    "A folder of 4D NIfTI files, an HDF5 file, a folder of HDF5 files, a Lead-DBS connectome, or a folder of the pfc-toolkit's .npy files. Relative to this file."
  ),
  pattern: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "NIfTI and NumPy only: which files are scans. Default: **/*_bold.nii.gz, or every .npy file"
    })
  ),
  mask: Schema.optionalKey(Path("NIfTI and NumPy only, and needed there: the 3D brain mask; voxels above 0 are used."))
})

const Output = Schema.Struct({
  path: Path("The store that is made, a folder whose name ends in .zarr. Relative to this file.")
})

const Compute = Schema.Struct({
  workers: withDefault(
    Workers.annotate({
      description:
        "Threads that read and write, a subject each: auto (one a processor that the process may use, as memory allows) or a number up to 1024.",
      default: "auto"
    }),
    "auto"
  ),
  memory: MemoryKey
})

export const PrepareConfig = Schema.Struct({
  pipeline: Schema.Literals(["prepare-connectome"]).annotate({ description: "Which pipeline to run." }),
  source: Source.annotate({ description: "The scans that the store is made from." }),
  space: Schema.optionalKey(SpaceLabel),
  runs: withDefault(Runs, "concatenate"),
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
