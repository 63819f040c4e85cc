/**
 * The output folder of a group's analysis as its run would leave it, with every file that a report can show: made up, smooth maps in a brain
 * of an ellipsoid, of which the effect is at the left and its opposite at the right.
 */
import { createHash } from "node:crypto"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import { type Grid, voxelsOf } from "../../src/imaging/Grid.ts"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import type { FileRecord } from "../../src/output/FileRecord.ts"
import { type Manifest, makeManifest, manifestName } from "../../src/output/Manifest.ts"
import { formatTable } from "../../src/output/table.ts"
import { voxelAt } from "./tinyConnectome.ts"
import { writeFile } from "./tinyStudy.ts"

/** Its first axis runs from right to left. */
export const groupGrid: Grid = {
  shape: [30, 36, 30],
  affine: [-5, 0, 0, 70, 0, 5, 0, -85, 0, 0, 5, -70, 0, 0, 0, 1]
}

/** Where the effect is, in mm, and patients. */
export const groupPlace = [-35, 10, 15] as const
export const groupPatients = 60

const space = "MNI152NLin6Asym"

type Place = readonly [x: number, y: number, z: number]

const placeOf = (element: number): Place => {
  const [i, j, k] = voxelAt(groupGrid, element)
  return [70 - 5 * i, -85 + 5 * j, -70 + 5 * k]
}

const inBrain = ([x, y, z]: Place): boolean => Math.hypot(x / 62, y / 76, z / 60) < 1

/** A value in each voxel of the brain, `outside` elsewhere. */
const mapOf = (value: (at: Place) => number, outside = 0): Float32Array =>
  Float32Array.from({ length: voxelsOf(groupGrid) }, (_, element) => {
    const at = placeOf(element)
    return inBrain(at) ? value(at) : outside
  })

const bump = ([x, y, z]: Place, side: 1 | -1): number =>
  Math.exp(-((x - side * groupPlace[0]) ** 2 + (y - groupPlace[1]) ** 2 + (z - groupPlace[2]) ** 2) / 450)

const wave = ([x, y, z]: Place): number => Math.sin(x / 17) * Math.cos(y / 23) * Math.sin(z / 19 + 1)

/** t of the effect: 6.3 at its place, -4.4 at its mirror image, waves elsewhere. */
export const tOf = (at: Place): number => 6 * bump(at, 1) - 4.2 * bump(at, -1) + 1.2 * wave(at)

/** t from which a voxel is significant: what the maxima give. */
export const critical = 4

const correctedP = (at: Place): number => (Math.abs(tOf(at)) > critical ? 0.004 : 0.4)

const sidecar = {
  Effect: "aphasia",
  Groups: ["0", "1"],
  GroupSizes: [30, 30],
  Covariates: ["age", "lesion_volume"],
  ExchangeabilityBlocks: "site",
  Ranks: false,
  Patients: groupPatients,
  DegreesOfFreedom: 56,
  Permutations: 999,
  AllPermutations: false,
  Seed: 1
}

/** The largest |t| of each permutation: 949 evenly below the critical one, 50 above it. */
const maxima = Array.from({ length: 999 }, (_, n) => (n < 949 ? 2 + (2 * n) / 948 : 4.0001 + (n - 949) / 50))

const people = (random: Xoshiro128) =>
  Array.from({ length: groupPatients }, (_, n) => {
    const noise = new Float32Array(3)
    random.fillGaussian(noise)
    return {
      id: `sub-${String(n + 1).padStart(2, "0")}`,
      site: n % 3 === 0 ? "Berlin" : "Leipzig",
      aphasia: n % 2,
      age: Math.round(60 + 9 * noise[0]!),
      volume: Math.exp(2 + 0.8 * noise[1]!),
      centrality: 0.1 + 0.03 * noise[2]!
    }
  })

const tables = (names: ReadonlyArray<string>): Readonly<Record<string, string>> => {
  const patients = people(new Xoshiro128(5, 1))
  const ofContrast = names.flatMap(
    (name): ReadonlyArray<readonly [string, string]> => [
      [
        `desc-${name}_design.tsv`,
        formatTable(
          ["participant_id", "block", "aphasia", "intercept", "age", "lesion_volume"],
          patients.map(({ id, site, aphasia, age, volume }) => [id, site, aphasia, 1, age, volume])
        )
      ],
      [
        `desc-${name}_nulldist.tsv`,
        formatTable(
          ["permutation", "max_t", "max_tfce", "max_extent", "max_mass"],
          maxima.map((t, n) => [n, t, 40 * t, Math.round(6 * t), 25 * t])
        )
      ],
      [
        `desc-${name}_clusters.tsv`,
        formatTable(
          ["sign", "voxels", "volume_ml", "x_mm", "y_mm", "z_mm", "peak_t", "pfwe"],
          [
            ["+", 61, 7.625, -35, 10, 15, 6.31, 0.001],
            ["-", 4, 0.5, 35, 10, 15, -4.4, 0.02]
          ]
        )
      ]
    ]
  )
  const shares = [0.75, 0.9, 0.95, 1]
  const levels = ([1, -1] as const).flatMap((sign) =>
    [5, 6, 7, 8, 9].flatMap((tau) =>
      shares.map((share) => {
        const voxels = Math.round((sign > 0 ? 4000 : 600) * Math.exp(-(tau - 5) / 2 - 6 * (share - 0.75)))
        return [tau, sign > 0 ? "positive" : "negative", share, voxels, voxels * 0.125]
      })
    )
  )
  const likeness = [
    ...names.flatMap((name) => [`desc-${name}_stat-effect`, `desc-${name}_stat-t`]),
    "desc-mean_stat-z"
  ].flatMap((map, m) =>
    ["degree", "component1", "component2", "component3"].map((other, n) => [
      map,
      other,
      Math.cos(1 + m + 2 * n) * 0.8,
      0.1 + 0.02 * n
    ])
  )
  return {
    ...Object.fromEntries(ofContrast),
    "contrasts.tsv": formatTable(
      ["contrast", "effect", "patients", "pfwe_min"],
      names.map((name) => [name, "aphasia", groupPatients, 0.004])
    ),
    "patients.tsv": formatTable(
      ["participant_id", "maps", "lesion_volume", "centrality"],
      patients.map(({ id, volume, centrality }) => [id, 1, volume, centrality])
    ),
    "overlap.tsv": formatTable(["tau", "sign", "share", "voxels", "volume_ml"], levels),
    "overlap_clusters.tsv": formatTable(["sign", "voxels", "volume_ml"], [["+", 210, 26.25]]),
    "conjunction.tsv": formatTable(
      ["contrast", "p", "positive_voxels", "negative_voxels"],
      names.map((name) => [name, "pfwe", 30, 0])
    ),
    "prediction.tsv": formatTable(
      ["repeat", "fold", "participant_id", "score", "similarity"],
      patients.map(({ id, age }, n) => [1, n + 1, id, age, 0.01 * (age - 60) + 0.05 * Math.sin(n)])
    ),
    "prediction.json": JSON.stringify({
      Score: "naming",
      Spearman: { value: 0.62, p: 0.001, OfRepeats: [0.62] },
      PartialSpearman: { value: 0.55, p: 0.003, Given: ["lesion_volume", "centrality"] },
      Alone: { lesion_volume: { value: 0.2, p: 0.12 } },
      Together: null,
      Tails: "one for the similarity, two for each of what is known of the lesions alone"
    }),
    "prediction_nulldist.tsv": formatTable(
      ["permutation", "spearman", "partial_spearman"],
      Array.from({ length: 200 }, (_, n) => [n + 1, 0.3 * Math.sin(n), 0.28 * Math.cos(n)])
    ),
    "scores.tsv": formatTable(
      ["participant_id", "similarity", "score"],
      patients.slice(0, 9).map(({ id, age }, n) => [id, 0.1 * n, age])
    ),
    "diagnosis.tsv": formatTable(["map", "compared_with", "r", "dice"], likeness),
    "diagnosis.json": JSON.stringify({
      Degree: { State: "compared" },
      Sentences: ["The mean map is like the degree."]
    }),
    "centrality.tsv": formatTable(
      ["contrast", "group", "patients", "mean", "sd"],
      [
        [names[0], "0", 30, 0.101, 0.03],
        [names[0], "1", 30, 0.113, 0.04]
      ]
    ),
    "simulation.tsv": formatTable(
      ["contrast", "studies", "false_positives", "rate", "low", "high"],
      [[names[0], 1000, 52, 0.052, 0.031, 0.08]]
    ),
    "compare.tsv": formatTable(
      ["contrast", "voxels", "r", "p", "other"],
      [[names[0], 9800, 0.71, 0.001, "/data/of/mine/other-connectome"]]
    )
  }
}

const mapsOf = (names: ReadonlyArray<string>): Readonly<Record<string, Float32Array>> => {
  const ofContrast = names.flatMap((name) => {
    const stem = `space-${space}_desc-${name}_stat`
    return Object.entries({
      effect: mapOf((at) => 0.02 * tOf(at)),
      t: mapOf(tOf),
      r: mapOf((at) => tOf(at) / Math.hypot(tOf(at), 7)),
      p: mapOf((at) => Math.exp(-Math.abs(tOf(at))), 1),
      pfwe: mapOf(correctedP, 1),
      pfdr: mapOf((at) => (Math.abs(tOf(at)) > 3 ? 0.03 : 0.5), 1),
      tfce: mapOf((at) => 40 * tOf(at)),
      ptfcefwe: mapOf((at) => (Math.abs(tOf(at)) > 3.2 ? 0.01 : 0.6), 1),
      extent: mapOf((at) => (Math.abs(tOf(at)) > 3.5 ? 80 : 0)),
      pextentfwe: mapOf((at) => (tOf(at) > 3.5 ? 0.002 : 0.9), 1),
      mass: mapOf((at) => (Math.abs(tOf(at)) > 3.5 ? 300 : 0)),
      pmassfwe: mapOf((at) => (tOf(at) > 3.5 ? 0.002 : 0.9), 1)
    }).map(([statistic, values]) => [`${stem}-${statistic}_statmap`, values] as const)
  })
  const share = (at: Place, sign: 1 | -1) =>
    Math.round(groupPatients * Math.min(1, 1.05 * bump(at, sign))) / groupPatients
  return {
    ...Object.fromEntries(ofContrast),
    [`space-${space}_desc-overlap_stat-tpos7_statmap`]: mapOf((at) => share(at, 1)),
    [`space-${space}_desc-overlap_stat-tneg7_statmap`]: mapOf((at) => share(at, -1) / 2),
    [`space-${space}_desc-${names[0]}_label-conjunction_mask`]: mapOf((at) => Number(tOf(at) > 5)),
    [`space-${space}_desc-coverage_statmap`]: mapOf((at) => (at[2] < -45 ? groupPatients - 4 : groupPatients)),
    [`space-${space}_desc-model_stat-r_statmap`]: mapOf((at) => 0.1 * tOf(at)),
    [`space-${space}_desc-mean_stat-z_statmap`]: mapOf((at) => 0.2 + 0.1 * wave(at)),
    ...Object.fromEntries(
      [1, 2, 3].map((n) => [`space-${space}_desc-component${n}_statmap`, mapOf(([x, y, z]) => wave([n * x, y, z]))])
    )
  }
}

const sidecarsOf = (names: ReadonlyArray<string>): Readonly<Record<string, object>> => ({
  ...Object.fromEntries(names.map((name) => [`space-${space}_desc-${name}_stat-t_statmap.json`, sidecar])),
  [`space-${space}_desc-overlap_stat-tpos7_statmap.json`]: { Threshold: 7, Patients: groupPatients },
  [`space-${space}_desc-overlap_stat-tneg7_statmap.json`]: { Threshold: -7, Patients: groupPatients }
})

export interface MadeUpGroup {
  readonly folder: string
  readonly manifest: Manifest
}

export interface GroupOptions {
  /** Names of the contrasts, all of the same maps. */
  readonly contrasts?: ReadonlyArray<string>
  /** Which files are there; default: all. */
  readonly only?: (path: string) => boolean
  readonly warnings?: Manifest["warnings"]
}

export const writeMadeUpGroup = (
  folder: string,
  { contrasts = ["aphasia"], only = () => true, warnings = [] }: GroupOptions = {}
): MadeUpGroup => {
  const outputs: Array<FileRecord> = []
  const write = (name: string, content: Uint8Array | string): void => {
    if (!only(name)) return
    writeFile(join(folder, name), content)
    const bytes = Buffer.from(content as string)
    outputs.push({ path: name, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") })
  }
  for (const [stem, values] of Object.entries(mapsOf(contrasts))) {
    if (only(`${stem}.nii.gz`)) write(`${stem}.nii.gz`, gzipSync(encodeNifti({ grid: groupGrid, space, values })))
  }
  for (const [name, content] of Object.entries(sidecarsOf(contrasts))) write(name, JSON.stringify(content))
  for (const [name, content] of Object.entries(tables(contrasts))) write(name, content)
  const manifest = makeManifest({
    config: {
      pipeline: "group-network-mapping",
      contrasts: contrasts.map((name) => ({ name, of: "aphasia" })),
      overlap: { t: 7, share: 0.75 },
      predict: { of: "naming", covariates: ["lesion_volume"], permutations: 200 }
    },
    config_files: [],
    plan: { subjects: groupPatients, lesions: 0, passes: contrasts.length, predicted_peak_bytes: 3e8 },
    backend: { name: "group", arithmetic: "fast", workers: 2, steps: [] },
    warnings,
    left_out: { lesions: [], subjects: [] },
    lesions_of_other_runs: 0,
    wall_seconds: 12,
    inputs: [],
    outputs: outputs.sort((a, b) => (a.path < b.path ? -1 : 1)),
    lesions: []
  })
  writeFile(join(folder, manifestName), JSON.stringify(manifest))
  return { folder, manifest }
}
