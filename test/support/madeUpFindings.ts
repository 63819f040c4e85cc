/** A report's data, made up: lesions with names, numbers and pictures, for tests of the page. */
import { crc32, deflateSync } from "node:zlib"
import type { LesionRecord } from "../../src/output/LesionRecord.ts"
import type { Manifest } from "../../src/output/Manifest.ts"
import { manifestVersion } from "../../src/output/manifestVersion.ts"
import type { Direction, Findings, LesionFindings, SlicePicture } from "../../src/report/ReportData.ts"
import type { ReportedRun } from "../../src/report/ReportedRun.ts"
import type { RunFacts } from "../../src/report/RunFacts.ts"

const chunk = (type: string, data: Uint8Array): Buffer => {
  const content = Buffer.concat([Buffer.from(type, "latin1"), data])
  const [size, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  size.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(content))
  return Buffer.concat([size, content, check])
}

/** A grey ellipse on black, with a spot at the left. */
const pngOf = (width: number, height: number): Uint8Array => {
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [(2 * x) / width - 1, (2 * y) / height - 1]
      const spot = (dx + 0.5) ** 2 + dy ** 2 < 0.03
      rows[y * (width + 1) + 1 + x] = spot ? 255 : dx ** 2 + dy ** 2 < 0.85 ? 90 + ((7 * x + 3 * y) % 40) : 0
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0))
  ])
}

const picture = (direction: Direction, positionMm: number, scale: number): SlicePicture => {
  const [width, height] = direction === "sagittal" ? [109 * scale, 91 * scale] : [91 * scale, 91 * scale]
  return { direction, positionMm, png: pngOf(width, height), width, height }
}

const slicesAt = (scale: number) => (["sagittal", "coronal", "axial"] as const).map((one) => picture(one, -12, scale))

const madeUpLesion = (name: string, n: number, slices: ReadonlyArray<SlicePicture>): LesionFindings => ({
  name,
  maps: `sub-${n + 1}/sub-${n + 1}_space-MNI152NLin6Asym`,
  scale: {
    statistic: "t",
    threshold: 5,
    limit: 18.4,
    positive: ["#8b1a10", "#b53a1e", "#d9652f", "#f2a04b", "#fbe08c"],
    negative: ["#123a7a", "#1f5fa8", "#3f8ac9", "#7fb9e3", "#c4e2f5"]
  },
  ownSlices: slices,
  commonSlices: slices,
  thumbnail: slices[2]!,
  clusters: Array.from({ length: n % 7 }, (_, c) => ({
    sign: c % 3 === 2 ? -1 : 1,
    voxels: 4210 - 500 * c,
    volumeMm3: 8 * (4210 - 500 * c),
    peakMm: [-42 + c, 18, 6],
    t: (c % 3 === 2 ? -1 : 1) * (17.3 - c),
    r: 0.412 - 0.05 * c,
    z: null,
    furtherPeaks: c === 0 ? [{ positionMm: [40, 20, 4], value: 14.2 }] : [],
    parcels: [{ parcellation: "Yeo7", parcel: "7Networks_LH_Default_PFC_12" }]
  })),
  clusterCount: n % 7 === 6 ? 31 : n % 7,
  networks: [
    { parcellation: "Yeo7", network: "Default", positive: 0.42, negative: 0.02 },
    { parcellation: "Yeo7", network: "Visual", positive: 0.08, negative: 0.61 }
  ],
  histogram: {
    from: -0.4,
    to: 0.8,
    counts: Array.from({ length: 48 }, (_, bin) => Math.round(9000 * Math.exp(-(((bin - 17) / 6) ** 2))))
  },
  lesionVoxels: 800 + 13 * n,
  lesionVolumeMm3: 6400 + 104 * n,
  shareInMask: n % 5 === 4 ? 0.31 : 0.987,
  similarityToMean: Math.round(1000 * Math.sin(n + 1)) / 1000,
  similarityToDegree: 0.55
})

export const madeUpFacts = (lesions = 2): RunFacts => ({
  software: { name: "lesion-network-mapping", version: "0.1.0", numerics: 3 },
  node: "v24.1.0",
  system: "linux x64",
  arithmetic: "fast",
  connectome: {
    name: "GSP1000",
    isDemo: false,
    subjects: 1000,
    voxels: 228453,
    timePoints: [120, 240],
    voxelMm: [2, 2, 2],
    space: "MNI152NLin6Asym"
  },
  lesions,
  lesionsOfOtherRuns: 0,
  leftOut: 0,
  lesionMasks: { weights: "binary", threshold: null, values: null },
  pini: undefined,
  invalid: "zero",
  maps: ["r", "z", "t", "p", "pfdr"],
  fdrAlpha: 0.05,
  tThreshold: null,
  matrix: false,
  parcellations: [],
  grid: "connectome"
})

const record = ({ name, maps }: LesionFindings, n: number): Omit<LesionRecord, "files"> & { files: Array<string> } => ({
  name,
  maps,
  file: { path: `/data/lesions/${name}`, bytes: 10, sha256: "" },
  fingerprint: "",
  summary: {
    lesion: name,
    volume_ml: 6.4 + 0.1 * n,
    t_max: 17.3 - (n % 9),
    t_min: -9.1,
    r_max: 0.41,
    significant_percent: 61.2 - n / 3
  },
  files: []
})

const manifestOf = (lesions: ReadonlyArray<LesionFindings>): Manifest => ({
  format_version: manifestVersion,
  software: { name: "lesion-network-mapping", version: "0.1.0", numerics: 3 },
  platform: { node: "v24.1.0", os: "linux", architecture: "x64" },
  config: {},
  config_files: [],
  plan: { subjects: 1000, lesions: lesions.length, passes: 1, predicted_peak_bytes: 900e6 },
  backend: { name: "engine", arithmetic: "fast", workers: 2, steps: [] },
  warnings: [],
  left_out: { lesions: [], subjects: [] },
  lesions_of_other_runs: 0,
  wall_seconds: 26.4,
  peak_memory_bytes: 870e6,
  inputs: [],
  outputs: [
    { path: "README", bytes: 900, sha256: "" },
    ...lesions.flatMap(({ maps }) =>
      ["r", "t"].map((statistic) => ({
        path: `${maps}_desc-boes_stat-${statistic}_statmap.nii.gz`,
        bytes: 812345,
        sha256: ""
      }))
    ),
    { path: "summary.tsv", bytes: 4000, sha256: "" }
  ],
  lesions: lesions.map(record)
})

/** A run over lesions of these names. */
export const madeUpRun = (names: ReadonlyArray<string>, scale = 1): ReportedRun => {
  const slices = slicesAt(scale)
  const lesions = names.map((name, n) => madeUpLesion(name, n, slices))
  const findings: Findings = {
    lesions,
    group: {
      networkOverlap: [
        { title: "t of 7 or more", most: 71, of: names.length, voxelsAtMost: 3, peakMm: [2, -58, 30], slices }
      ],
      lesionOverlap: { title: "Lesions", most: 4, of: names.length, voxelsAtMost: 12, peakMm: [-30, 10, 4], slices },
      degree: { slices, rms: 0.09, tiny: false },
      seedMatrix: undefined
    },
    background: "the mask of the brain",
    notes: []
  }
  return { manifest: manifestOf(lesions), facts: madeUpFacts(names.length), findings }
}
