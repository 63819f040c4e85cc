/**
 * Holds a build of the kernels against another that must give the same bits: runs every kernel of both on the same small data and
 * compares all that is in their memories then.
 *
 * The data is chosen to reach every branch: voxels and lesions that fill no panel or block, a lesion alone in its block, an odd number of
 * time points in several stretches, correlations near 0 and near 1, voxels and lesions that are constant, weights. A few milliseconds.
 */
import { instantiateKernels, type KernelMemory, makeKernelMemory } from "./kernelInstances.ts"
import {
  BLOCK_LESIONS,
  fusedScratchBytes,
  lesionVoxelsScratchBytes,
  PANEL_VOXELS,
  permutationScratchBytes,
  RESERVED_BYTES,
  seedMeansScratchBytes,
  type WasmKernels,
  weightedScratchBytes
} from "./WasmKernels.ts"

const subjects = 2
const timePoints = 71
const voxels = 5 * PANEL_VOXELS - 3
const lesions = 2 * BLOCK_LESIONS + 1
/** Permutations, and rows of a design, that the packed seeds stand for. */
const permutations = 2 * BLOCK_LESIONS - 1
const designRows = 3
/** Voxels of a lesion; those of the last lie at the end of the mask. */
const lesionVoxels = 7
const tilePanels = 4
const panels = Math.ceil(voxels / PANEL_VOXELS)
const blocks = Math.ceil(lesions / BLOCK_LESIONS)
const seedBytes = blocks * timePoints * BLOCK_LESIONS * Float32Array.BYTES_PER_ELEMENT
const subjectBytes = timePoints * voxels * Float32Array.BYTES_PER_ELEMENT
/** Bytes of a stored panel of integers, and of floats. */
const integerPanel = timePoints * PANEL_VOXELS * Int16Array.BYTES_PER_ELEMENT
const floatPanel = timePoints * PANEL_VOXELS * Float32Array.BYTES_PER_ELEMENT
const ofVoxels = panels * PANEL_VOXELS * Float32Array.BYTES_PER_ELEMENT
/** A stored subject: its panels, the standard deviations, the steps. */
const storedBytes = panels * floatPanel + 2 * ofVoxels

const sizes = {
  raw: subjects * subjectBytes,
  stored: subjects * storedBytes,
  voxels: lesions * lesionVoxels * 4,
  ends: (lesions + 1) * 4,
  weights: lesions * lesionVoxels * 4,
  scales: lesions * 8,
  touched: panels * 4,
  series: lesions * timePoints * 8,
  seeds: subjects * seedBytes,
  sums: panels * blocks * BLOCK_LESIONS * 2 * PANEL_VOXELS * 8,
  means: subjects * timePoints * 4,
  degree: panels * PANEL_VOXELS * 8,
  global: subjects * (timePoints + 1) * 8,
  z: panels * lesions * PANEL_VOXELS * 4,
  row: lesions * lesionVoxels * 4,
  invalid: Math.max(lesions, subjects) * 4,
  tile: tilePanels * floatPanel,
  maxima: permutations * 16,
  products: tilePanels * PANEL_VOXELS * blocks * BLOCK_LESIONS * 8,
  // The last: what a kernel leaves in it is nothing of its result.
  scratch: Math.max(
    fusedScratchBytes(subjects, timePoints, tilePanels),
    seedMeansScratchBytes(lesions),
    permutationScratchBytes(designRows),
    weightedScratchBytes(blocks),
    lesionVoxelsScratchBytes(timePoints, lesions)
  )
}

/** Address of each buffer. */
type Places = Readonly<Record<keyof typeof sizes, number>>

/** Bytes between buffers; a vector's multiple, so that all are aligned. */
const gap = 64

const layOut = (): { readonly at: Places; readonly bytes: number } => {
  const at = {} as Record<keyof typeof sizes, number>
  let bytes = RESERVED_BYTES
  for (const name of Object.keys(sizes) as Array<keyof Places>) {
    at[name] = bytes
    bytes += gap * (Math.ceil(sizes[name] / gap) + 1)
  }
  return { at, bytes }
}

/** The kernels that are run. */
export const checkedKernels: ReadonlySet<string> = new Set(calls({} as Places).map(([name]) => name))

/** The name of the first kernel that leaves other bits, or gives another result, than in the trusted build; undefined: none does. */
export const differingKernel = (trusted: WebAssembly.Module, tried: WebAssembly.Module): string | undefined => {
  const { at, bytes } = layOut()
  const [one, other] = [trusted, tried].map((module) => {
    const memory = makeKernelMemory(bytes)
    fill(memory, at)
    return {
      kernels: instantiateKernels(module, memory),
      content: Buffer.from(memory.buffer, RESERVED_BYTES, at.scratch - RESERVED_BYTES)
    }
  }) as [Bound, Bound]
  for (const [name, run] of calls(at)) {
    if (run(one.kernels) !== run(other.kernels) || !one.content.equals(other.content)) return name
  }
  return undefined
}

interface Bound {
  readonly kernels: WasmKernels
  readonly content: Buffer
}

type Call = (kernels: WasmKernels) => unknown

/** The kernels, each on what those before it have left. */
function calls(at: Places): ReadonlyArray<readonly [name: keyof WasmKernels, call: Call]> {
  const { touched, voxels: members, weights, ends, scales, series, row, scratch } = at
  const ofSubject = (subject: number): ReadonlyArray<readonly [keyof WasmKernels, Call]> => {
    const values = at.raw + subject * subjectBytes
    const block = at.seeds + subject * seedBytes
    return [
      [
        "lesionMeans",
        (k) =>
          k.lesionMeans(
            values,
            timePoints,
            voxels,
            0,
            timePoints,
            touched,
            panels,
            members,
            weights,
            ends,
            scales,
            lesions,
            series,
            scratch,
            0,
            1,
            at.global + subject * (timePoints + 1) * 8,
            false
          )
      ],
      ["packSeeds", (k) => k.packSeeds(series, lesions, timePoints, block, at.invalid)]
    ]
  }
  const correlate: Call = (k) =>
    k.correlateAndReduce(at.tile, tilePanels, at.seeds, timePoints, lesions, at.sums, at.scratch)
  const storedMeans =
    (panelBytes: number, step: number, wide = false): Call =>
    (k) =>
      k.storedMeans(
        at.stored,
        panelBytes,
        timePoints,
        at.stored + panels * floatPanel,
        step,
        0,
        timePoints,
        at.touched,
        panels,
        at.voxels,
        at.weights,
        at.ends,
        at.scales,
        lesions,
        at.series,
        at.scratch,
        panels,
        at.global,
        wide
      )
  const storedTile =
    (panelBytes: number, step: number): Call =>
    (k) =>
      k.storedTile(
        at.stored,
        storedBytes,
        panelBytes,
        panels * floatPanel,
        step,
        subjects,
        timePoints,
        voxels,
        0,
        panels,
        tilePanels,
        at.seeds,
        lesions,
        at.sums,
        at.invalid,
        at.scratch,
        at.means,
        at.degree
      )
  const steps = panels * floatPanel + ofVoxels
  return [
    ...ofSubject(0),
    ...ofSubject(1),
    ["packVoxels", (k) => k.packVoxels(at.raw, timePoints, voxels, 0, tilePanels * PANEL_VOXELS, at.tile)],
    ["correlateAndReduce", correlate],
    [
      "fusedTile",
      (k) =>
        k.fusedTile(
          at.raw,
          subjects,
          timePoints,
          voxels,
          0,
          panels,
          tilePanels,
          at.seeds,
          lesions,
          at.sums,
          at.invalid,
          at.scratch,
          at.means,
          at.degree
        )
    ],
    ["addDegree", (k) => k.addDegree(at.tile, tilePanels, timePoints, at.means, at.degree, at.scratch)],
    ["correlateToZ", (k) => k.correlateToZ(at.tile, tilePanels - 1, at.seeds, timePoints, lesions, at.z, at.scratch)],
    [
      "countPermutations",
      (k) =>
        k.countPermutations(
          at.tile,
          tilePanels - 1,
          timePoints,
          at.seeds,
          permutations,
          designRows,
          at.z,
          at.row,
          at.maxima,
          scratch
        )
    ],
    [
      "countPermutedG",
      (k) =>
        k.countPermutedG(
          at.tile,
          at.tile,
          tilePanels - 1,
          timePoints,
          at.seeds,
          permutations,
          1,
          at.weights,
          2,
          at.z,
          at.row,
          at.maxima,
          scratch
        )
    ],
    [
      "weightedProducts",
      (k) => k.weightedProducts(at.tile, tilePanels, at.seeds, blocks, timePoints, at.means, 1, at.products, scratch)
    ],
    ["addZ", (k) => k.addZ(at.z, panels, voxels, lesions, at.sums, blocks * BLOCK_LESIONS, 4)],
    [
      "permutedT",
      (k) =>
        k.permutedT(
          at.tile,
          tilePanels - 1,
          timePoints,
          at.seeds,
          permutations,
          designRows,
          timePoints - designRows,
          at.z,
          tilePanels * PANEL_VOXELS,
          scratch
        )
    ],
    [
      "permutedG",
      (k) =>
        k.permutedG(
          at.tile,
          at.tile,
          tilePanels - 1,
          timePoints,
          at.seeds,
          BLOCK_LESIONS,
          1,
          at.weights,
          2,
          at.z,
          tilePanels * PANEL_VOXELS,
          scratch
        )
    ],
    ["storedTile", storedTile(integerPanel, steps)],
    ["storedTile", storedTile(floatPanel, 0)],
    [
      "unpackStored",
      (k) =>
        k.unpackStored(
          at.stored,
          integerPanel,
          timePoints,
          at.stored + panels * floatPanel,
          at.stored + steps,
          3,
          3 * PANEL_VOXELS,
          at.tile
        )
    ],
    ["correlateAndReduce", correlate],
    ["storedMeans", storedMeans(integerPanel, at.stored + steps)],
    [
      "storedLesionVoxels",
      (k) =>
        k.storedLesionVoxels(
          at.stored,
          integerPanel,
          1,
          timePoints,
          touched,
          panels,
          members,
          ends,
          series,
          0,
          lesions,
          row,
          scratch
        )
    ],
    ["storedMeans", storedMeans(integerPanel, at.stored + steps, true)],
    ["storedMeans", storedMeans(floatPanel, 0)],
    [
      "correlateLesionVoxels",
      (k) =>
        k.correlateLesionVoxels(
          at.raw,
          timePoints,
          voxels,
          touched,
          panels,
          members,
          ends,
          series,
          0,
          lesions,
          row,
          scratch
        )
    ],
    ["wordSums", (k) => k.wordSums(at.stored, storedBytes / 4, at.invalid)]
  ]
}

/** Writes the same data to any memory: mulberry32, seeded. */
const fill = ({ buffer }: KernelMemory, at: Places): void => {
  let state = 7
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32 - 0.5
  }
  const floats = (name: keyof Places, value: (index: number) => number) =>
    new Float32Array(buffer, at[name], sizes[name] / 4).set(
      Float32Array.from({ length: sizes[name] / 4 }, (_, i) => value(i))
    )
  const integers = (name: keyof Places, value: (index: number) => number) =>
    new Int32Array(buffer, at[name], sizes[name] / 4).set(
      Int32Array.from({ length: sizes[name] / 4 }, (_, i) => value(i))
    )
  const signal = Array.from({ length: subjects * timePoints }, uniform)
  // Voxels follow the signal from -1 to 1; those of the first lesion are constant.
  floats("raw", (i) => {
    const voxel = i % voxels
    const share = voxel / (voxels / 2) - 1
    const moves = share * signal[Math.floor(i / voxels)]! + (1 - Math.abs(share)) * uniform()
    return 10_000 + (voxel < lesionVoxels ? 0 : 100 * moves)
  })
  // As integers these are anything, so that their correlations reach beyond 1; every seventh voxel is constant.
  floats("stored", (i) => {
    const at = i % (storedBytes / 4)
    if (at < (panels * floatPanel) / 4) return 3 * uniform()
    const voxel = at - (panels * floatPanel) / 4
    return voxel < ofVoxels / 4 ? Math.max(0, (voxel % 7) * 10) : 1e-4 * (1.5 + uniform())
  })
  const firstVoxel = (lesion: number): number => (lesion === lesions - 1 ? voxels - lesionVoxels : 2 * lesion)
  integers("voxels", (i) => firstVoxel(Math.floor(i / lesionVoxels)) + (i % lesionVoxels))
  integers("ends", (i) => i * lesionVoxels)
  floats("weights", (i) => (i < 4 * lesionVoxels ? 1 : 1 + uniform()))
  new Float64Array(buffer, at.scales, lesions).fill(1 / lesionVoxels)
  integers("touched", (i) => i)
  floats("means", (i) => signal[i]! / 10)
}
