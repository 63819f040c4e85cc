/**
 * The config of `functional-network-mapping`: every key with its unit and default, as a Schema. Decoded once, when the
 * YAML file has been read; the same Schema makes the JSON Schema that editors use.
 */
import { Schema } from "effect"
import { AutoOrCount, Checkpoint, MemoryKey, Path, Report, Workers, withDefault } from "../../src/config/configKeys.ts"
import { defaultStatistics, statisticNames } from "../../src/output/statisticRows.ts"
import { Connectome, Lesions, Seeds } from "./inputKeys.ts"

export { checkpointSeconds, memoryLimitOf } from "../../src/config/configKeys.ts"

/** Instead of a path of the connectome or the lesions: the demo's data, which is made when it is needed. */
export const builtinDemo = "builtin:demo"

/** Instead of a path of the lesions: those of the demo's cohort. */
export const builtinCohort = "builtin:cohort"

/** Whether a path is no path, but the name of data that is made. */
export const isBuiltin = (location: string): boolean => [builtinDemo, builtinCohort].includes(location)

const Probability = Schema.Finite.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(1))

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
