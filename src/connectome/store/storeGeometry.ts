/**
 * The arrays of a connectome store: their shapes, how they are cut into chunks, and in which file each chunk lies. The
 * writer makes them from here and the reader holds what it finds against them.
 *
 *     timeseries    int16 | float32  (subjects, panels, time points, 8)   standardised, 0 beyond voxels and time points
 *     sd            float32          (subjects, voxels)                   raw signal = sd · time series, but for its mean
 *     step          float32          (subjects, voxels)                   int16 only: time series = number · step
 *     mask_indices  int32            (3, voxels)                          i, j, k of each voxel
 *     time_points   int32            (subjects)                           of each subject's own
 *     checksums     uint32           (subjects, files of a subject)       of each chunk file, as `subjectFiles`
 *
 * A panel is 8 voxels side by side, [time points][8]: what the engine's kernels read, so that nothing is transposed.
 */

/** Voxels in a panel. Part of the format: another number is another format. */
export const panelVoxels = 8

/**
 * What kernels that read or write a store must have been compiled with, by the names under which they export it. Compared with a build
 * when it is loaded.
 */
export const constantsOfStore = { PANEL: panelVoxels } as const

export type Precision = "int16" | "float32"

/** What decides the arrays of a store. */
export interface StoreExtent {
  readonly subjects: number
  readonly voxels: number
  /** Time points of the longest subject. */
  readonly timePoints: number
  readonly precision: Precision
  /** Panels of a chunk file. Default: as many as take about `chunkTargetBytes`; a reader gives the store's own number. */
  readonly panelsPerChunk?: number
}

/** An array as zarrita's `create` takes it. */
export interface StoredArray {
  readonly dtype: "int16" | "float32" | "int32" | "uint32"
  readonly shape: Array<number>
  readonly chunkShape: Array<number>
  readonly dimensionNames: Array<string>
  readonly fillValue: 0
  readonly codecs: Array<{ name: string; configuration: Record<string, unknown> }>
}

/**
 * Bytes that a chunk file of time series should have: few files a subject, and parts enough that the workers read one
 * subject side by side.
 */
const chunkTargetBytes = 4 * 2 ** 20

export const bytesOfValue = (precision: Precision): number => (precision === "int16" ? 2 : 4)

/** How the time series of one subject are cut into chunk files. */
export interface ChunkGeometry {
  /** Panels of a subject that hold voxels. */
  readonly panels: number
  /** Chunk files of a subject. */
  readonly chunks: number
  /** Panels of each chunk; the last is filled up with zeros, by less than one panel for each chunk. */
  readonly panelsPerChunk: number
  /** Bytes of a panel, and of each chunk file. */
  readonly panelBytes: number
  readonly chunkBytes: number
}

export const chunkGeometry = (extent: StoreExtent): ChunkGeometry => {
  const panels = Math.ceil(extent.voxels / panelVoxels)
  const panelBytes = extent.timePoints * panelVoxels * bytesOfValue(extent.precision)
  const wanted = Math.max(1, Math.round((panels * panelBytes) / chunkTargetBytes))
  const panelsPerChunk = extent.panelsPerChunk ?? Math.ceil(panels / wanted)
  const chunks = Math.ceil(panels / panelsPerChunk)
  return { panels, chunks, panelsPerChunk, panelBytes, chunkBytes: panelsPerChunk * panelBytes }
}

/** The arrays of a store, by name. */
export const arraysOf = (extent: StoreExtent): Readonly<Record<string, StoredArray>> => {
  const { subjects, voxels, timePoints, precision } = extent
  const { panels, panelsPerChunk } = chunkGeometry(extent)
  const files = filesOfSubject(extent)
  const ofVoxels = arrayOf("float32", [subjects, voxels], [1, voxels], ["subject", "voxel"])
  return {
    timeseries: arrayOf(
      precision,
      [subjects, panels, timePoints, panelVoxels],
      [1, panelsPerChunk, timePoints, panelVoxels],
      ["subject", "panel", "time_point", "voxel_of_panel"]
    ),
    sd: ofVoxels,
    ...(precision === "int16" ? { step: ofVoxels } : {}),
    mask_indices: arrayOf("int32", [3, voxels], [3, voxels], ["axis", "voxel"]),
    time_points: arrayOf("int32", [subjects], [subjects], ["subject"]),
    checksums: arrayOf("uint32", [subjects, files], [subjects, files], ["subject", "file"])
  }
}

const arrayOf = (
  dtype: StoredArray["dtype"],
  shape: Array<number>,
  chunkShape: Array<number>,
  dimensionNames: Array<string>
): StoredArray => ({
  dtype,
  shape,
  chunkShape,
  dimensionNames,
  fillValue: 0,
  codecs: [{ name: "bytes", configuration: { endian: "little" } }]
})

/** Chunk file of an array within the store's folder. */
const chunkFile = (array: string, ...chunk: ReadonlyArray<number>): string => `${array}/c/${chunk.join("/")}`

/** Chunk files of one subject in the order of its checksums: time series, sd, and step where there is one. */
export const subjectFiles = (extent: StoreExtent, subject: number): ReadonlyArray<string> => [
  ...Array.from({ length: chunkGeometry(extent).chunks }, (_, chunk) => chunkFile("timeseries", subject, chunk, 0, 0)),
  chunkFile("sd", subject, 0),
  ...(extent.precision === "int16" ? [chunkFile("step", subject, 0)] : [])
]

/** Number of chunk files of one subject. */
export const filesOfSubject = (extent: StoreExtent): number =>
  chunkGeometry(extent).chunks + (extent.precision === "int16" ? 2 : 1)

/** Chunk files that hold something of all subjects, by array. */
export const sharedFiles = {
  mask_indices: chunkFile("mask_indices", 0, 0),
  time_points: chunkFile("time_points", 0),
  checksums: chunkFile("checksums", 0, 0)
} as const

/** Bytes of a subject's chunk files. */
export const subjectBytes = (extent: StoreExtent): number => {
  const { chunks, chunkBytes } = chunkGeometry(extent)
  const perVoxel = Float32Array.BYTES_PER_ELEMENT * (extent.precision === "int16" ? 2 : 1)
  return chunks * chunkBytes + extent.voxels * perVoxel
}
