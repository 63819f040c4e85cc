/**
 * The WebAssembly kernels of the fused engine, as TypeScript sees them: which build is loaded, and what its functions do.
 *
 * Everything lives in one shared memory that the host lays out: arguments named after a buffer are byte addresses in
 * it, multiples of 16, not below `RESERVED_BYTES`, and the last page (64 KiB) of a full 4 GiB memory is left unused. The kernels allocate nothing,
 * keep no state, check nothing, and write only what their documentation says they do, so workers may call them side by
 * side on disjoint buffers. `src/kernels/assembly` holds the source; `npm run build:kernels` compiles it.
 *
 *     voxel panel   float32 [T][8]                      8 voxels of one subject, centred and of unit norm
 *     seed block    float32 [T][6]                      6 lesions of one subject, likewise
 *     sums          int64 [panel][6·blocks][2][8]       sum of z, then sum of z², of 8 voxels
 *
 * Invalid series (zero variance, NaN, infinity) are packed as zeros, hence r = 0 and z = 0.
 * Sums are fixed-point numbers of 40 fraction bits, to which every subject adds `roundingBits` (fixedPoint.ts) as well; `takeOffRounding`
 * makes plain sums of them.
 */

/** Voxels in a panel. */
export const PANEL_VOXELS = 8

/** Voxels of a band, which the global signal is added up in. */
export const BAND_VOXELS = 32 * PANEL_VOXELS

/** Lesions in a seed block. */
export const BLOCK_LESIONS = 6

/** Bytes at the start of the memory that hold the kernels' constants, written when they are instantiated. */
export const RESERVED_BYTES = 2_048

/** Bytes that `correlateAndReduce` needs as scratch, and `fusedTile` before its panels: correlations of a block with two panels. */
export const PRODUCT_BYTES = 384

/** `fast` may fuse multiplication and addition; `strict` never does and gives the same bits on every machine. */
export type Arithmetic = "fast" | "strict"

/** Bits of the vectors that a build is made for. Both give the same bits of every result. */
export type VectorBits = 128 | 256

export interface WasmKernels {
  /**
   * Seed time series: the weighted mean over each lesion's voxels less a constant, for time points [firstTime, firstTime + times).
   *
   * Shapes: source float32 [T][V]; panels int32 [panelCount], those that some lesion touches, ascending; voxels int32 and weights
   * float32, one a lesion voxel, ascending, lesion after lesion; ends int32 [lesions + 1], the first voxel of each lesion and the end of
   * the last; scales float64 [lesions], 1 / Σ weights; series float64 [lesions][T]; scratch `seedMeansScratchBytes`. Where `global`, int64
   * [T + 1], is not 0, the standardised time series of the voxels of bands [firstBand, lastBand), `BAND_VOXELS` each, are added to it, whatever
   * the time points, and the number of valid ones to its last. Where seeds are `wide`, their voxels are added in float64. Mutates `series`,
   * `global` and `scratch`.
   */
  lesionMeans(
    source: number,
    timePoints: number,
    rowVoxels: number,
    firstTime: number,
    times: number,
    panels: number,
    panelCount: number,
    voxels: number,
    weights: number,
    ends: number,
    scales: number,
    lesions: number,
    series: number,
    scratch: number,
    firstBand: number,
    lastBand: number,
    global: number,
    wide: boolean
  ): void

  /**
   * Packs seed time series into blocks; returns how many were invalid.
   *
   * Shapes: series float64 [lesions][T]; blocks float32 [ceil(lesions / 6)][T][6]; invalid int32 [lesions], raised by 1
   * where the series is invalid. Mutates `blocks` and `invalid`.
   */
  packSeeds(series: number, lesions: number, timePoints: number, blocks: number, invalid: number): number

  /**
   * Packs `voxels` voxels of one subject from `firstVoxel` on into panels; returns how many were invalid.
   *
   * Shapes: source float32 [T][rowVoxels]; panels float32 [ceil(voxels / 8)][T][8]. Mutates `panels`.
   */
  packVoxels(
    source: number,
    timePoints: number,
    rowVoxels: number,
    firstVoxel: number,
    voxels: number,
    panels: number
  ): number

  /**
   * Adds one subject's Fisher z to the sums, from packed panels and blocks.
   *
   * Shapes: panels float32 [panelCount][T][8]; seeds float32 [blocks][T][6], blocks = ceil(lesions / 6); sums int64 [panelCount][6·blocks][2][8];
   * scratch `PRODUCT_BYTES`. Mutates `sums` and `scratch`.
   */
  correlateAndReduce(
    panels: number,
    panelCount: number,
    seeds: number,
    timePoints: number,
    lesions: number,
    sums: number,
    scratch: number
  ): void

  /**
   * Adds the subjects of a chunk to the sums of panels [firstPanel, firstPanel + panelCount): packs, correlates, reduces.
   *
   * Shapes: raw float32 [subjects][T][V]; seeds float32 [subjects][blocks][T][6]; sums int64 [ceil(V / 8)][6·blocks][2][8],
   * of all panels; invalid int32 [subjects], raised by each subject's invalid voxels; scratch `fusedScratchBytes`. Where `degree`, int64
   * [ceil(V / 8)][8], is not 0, the degree of each subject is added to it, with the mean over its voxels in means float32 [subjects][T].
   * Mutates `sums`, `invalid`, `degree` and `scratch`.
   */
  fusedTile(
    raw: number,
    subjects: number,
    timePoints: number,
    voxels: number,
    firstPanel: number,
    panelCount: number,
    tilePanels: number,
    seeds: number,
    lesions: number,
    sums: number,
    invalid: number,
    scratch: number,
    means: number,
    degree: number
  ): void

  /**
   * Adds the correlation of one subject's voxels with their mean to sums, from packed panels.
   *
   * Shapes: panels float32 [panelCount][T][8]; mean float32 [T], centred; sums int64 [panelCount][8], plain; scratch `PRODUCT_BYTES`.
   * Mutates `sums` and `scratch`.
   */
  addDegree(panels: number, panelCount: number, timePoints: number, mean: number, sums: number, scratch: number): void

  /**
   * Writes one subject's Fisher z, from packed panels and blocks of consecutive lesions, instead of adding it.
   *
   * Shapes: panels float32 [panelCount][T][8]; seeds float32 [ceil(lesions / 6)][T][6]; z float32 [panelCount][lesions][8]; scratch
   * `PRODUCT_BYTES`. Mutates `z` and `scratch`.
   */
  correlateToZ(
    panels: number,
    panelCount: number,
    seeds: number,
    timePoints: number,
    lesions: number,
    z: number,
    scratch: number
  ): void

  /**
   * Adds one subject's z to the sums; returns 1 where every |z| is `largest` at most, else 0: the sums are wrong then.
   *
   * Shapes: z float32 [panelCount][lesions][8], of which the first `voxels` voxels count; sums int64 [panelCount][rows][2][8], of the
   * first of the lesions in the first of the panels on. Mutates `sums`.
   */
  addZ(
    z: number,
    panelCount: number,
    voxels: number,
    lesions: number,
    sums: number,
    rows: number,
    largest: number
  ): number

  /**
   * Seed time series from a store: the weighted mean of sd · x̂ over each lesion's voxels, time points [firstTime, firstTime + times).
   *
   * Shapes: source int16 or float32 [all panels][≥ T][8], `panelBytes` apart; sd and step float32 [8 · all panels], step 0: the source
   * is float32. Where `global` is not 0, the time points of all panels are added to it, and with the first one the number of valid voxels. The
   * rest as for `lesionMeans`. Mutates `series`, `global` and `scratch`.
   */
  storedMeans(
    source: number,
    panelBytes: number,
    timePoints: number,
    sd: number,
    step: number,
    firstTime: number,
    times: number,
    panels: number,
    panelCount: number,
    voxels: number,
    weights: number,
    ends: number,
    scales: number,
    lesions: number,
    series: number,
    scratch: number,
    allPanels: number,
    global: number,
    wide: boolean
  ): void

  /**
   * Correlates each lesion voxel with its lesion's seed, lesions [firstLesion, firstLesion + lesions): the integer nearest to r · 2³⁰.
   *
   * Shapes: source float32 [T][V]; panels, voxels and ends as for `lesionMeans`; series float64 [all lesions][T], of which those of the
   * lesions are standardised; row int32 [voxels of all lesions]; scratch `lesionVoxelsScratchBytes`. Mutates
   * `series`, `row` and `scratch`.
   */
  correlateLesionVoxels(
    source: number,
    timePoints: number,
    rowVoxels: number,
    panels: number,
    panelCount: number,
    voxels: number,
    ends: number,
    series: number,
    firstLesion: number,
    lesions: number,
    row: number,
    scratch: number
  ): void

  /**
   * The same from a store.
   *
   * Shapes: source as for `storedMeans`; integers 1: it is int16, 0: float32. The rest as for `correlateLesionVoxels`. Mutates `series`,
   * `row` and `scratch`.
   */
  storedLesionVoxels(
    source: number,
    panelBytes: number,
    integers: number,
    timePoints: number,
    panels: number,
    panelCount: number,
    voxels: number,
    ends: number,
    series: number,
    firstLesion: number,
    lesions: number,
    row: number,
    scratch: number
  ): void

  /**
   * Brings `count` panels of a store to unit norm; returns how many of their first `voxels` voxels are invalid.
   *
   * Shapes: source int16 or float32 [count][≥ T][8], `panelBytes` apart; sd and step float32 [8 · count], step 0: the source
   * is float32; panels float32 [count][T][8]. Mutates `panels`.
   */
  unpackStored(
    source: number,
    panelBytes: number,
    timePoints: number,
    sd: number,
    step: number,
    count: number,
    voxels: number,
    panels: number
  ): number

  /**
   * `fusedTile` for a chunk of subjects from a store: unpacks, correlates, reduces.
   *
   * Shapes: source, `subjectBytes` a subject: panels int16 or float32 [ceil(V / 8)][≥ T][8], `panelBytes` apart, and at `sd` and
   * `step` bytes from its start float32 [8 · ceil(V / 8)]; step 0: the panels are float32. The rest as for `fusedTile`.
   * Mutates `sums`, `invalid`, `degree` and `scratch`.
   */
  storedTile(
    source: number,
    subjectBytes: number,
    panelBytes: number,
    sd: number,
    step: number,
    subjects: number,
    timePoints: number,
    voxels: number,
    firstPanel: number,
    panelCount: number,
    tilePanels: number,
    seeds: number,
    lesions: number,
    sums: number,
    invalid: number,
    scratch: number,
    means: number,
    degree: number
  ): void

  /**
   * Counts permutations whose squared partial correlation is at least a voxel's threshold, and takes the largest of each permutation.
   *
   * Shapes: panels float32 [panelCount][N][8], residuals of unit norm; rows float32 [ceil(permutations / 6)][K][N][6], those of the
   * design that permutations change (group/permutedRows.ts); thresholds float32 and counts int32 [panelCount][8]; maxima float32
   * [permutations][4], of which the largest counts; scratch `permutationScratchBytes`. Mutates `counts`, `maxima` and `scratch`.
   */
  countPermutations(
    panels: number,
    panelCount: number,
    patients: number,
    rows: number,
    permutations: number,
    designRows: number,
    thresholds: number,
    counts: number,
    maxima: number,
    scratch: number
  ): void

  /**
   * Writes t of permutations.
   *
   * Shapes: t float32 [permutations][mapVoxels], of which the first 8 · panelCount are written; mapVoxels is a multiple of 4. The rest
   * as for `countPermutations`. Mutates `t` and `scratch`.
   */
  permutedT(
    panels: number,
    panelCount: number,
    patients: number,
    rows: number,
    permutations: number,
    designRows: number,
    degreesOfFreedom: number,
    t: number,
    mapVoxels: number,
    scratch: number
  ): void

  /**
   * `countPermutations` for Winkler's G, whose square takes the place of that of the partial correlation.
   *
   * Shapes: squares float32 [panelCount][N][8], of the residuals; rows float32 [ceil(permutations / 6)][2K + 1][N][6]; parameters
   * float32 (assembly/gStatistic.ts); scratch of 2K + 1 rows. Mutates `counts`, `maxima` and `scratch`.
   */
  countPermutedG(
    panels: number,
    squares: number,
    panelCount: number,
    patients: number,
    rows: number,
    permutations: number,
    designRows: number,
    parameters: number,
    terms: number,
    thresholds: number,
    counts: number,
    maxima: number,
    scratch: number
  ): void

  /** `permutedT` for Winkler's G. Shapes: as for `countPermutedG` and `permutedT`. Mutates `g` and `scratch`. */
  permutedG(
    panels: number,
    squares: number,
    panelCount: number,
    patients: number,
    rows: number,
    permutations: number,
    designRows: number,
    parameters: number,
    terms: number,
    g: number,
    mapVoxels: number,
    scratch: number
  ): void

  /**
   * Adds the products of series over weighted voxels to sums: sums[i][j] += Σ_v panel_i[v] · block_j[v] · weight[v].
   *
   * Shapes: panels float32 [panelCount][voxels][8]; blocks float32 [blockCount][voxels][6]; weights float32 [voxels]; sums float64
   * [8 · panelCount][6 · blockCount]; scratch `weightedScratchBytes`. With `lower` 1 only of the blocks that reach into a panel's part of the lower
   * triangle. Mutates `sums` and `scratch`.
   */
  weightedProducts(
    panels: number,
    panelCount: number,
    blocks: number,
    blockCount: number,
    voxels: number,
    weights: number,
    lower: number,
    sums: number,
    scratch: number
  ): void

  /**
   * Adds `words` 32-bit words to the sums of a store's checksum: a += word, b += a, modulo 2⁶⁴.
   *
   * Shapes: source uint32 [words]; sums uint64 [2], a and b. Mutates `sums`.
   */
  wordSums(source: number, words: number, sums: number): void
}

/** Bytes of scratch that `fusedTile` needs. */
export function fusedScratchBytes(subjects: number, timePoints: number, tilePanels: number): number {
  return PRODUCT_BYTES + subjects * tilePanels * timePoints * PANEL_VOXELS * Float32Array.BYTES_PER_ELEMENT
}

/** Voxels that `weightedProducts` sums in float32 before it adds them in float64. */
export const SLICE_VOXELS = 256

/** Bytes of scratch that `weightedProducts` needs: a slice of each block beside the products of one. */
export const weightedScratchBytes = (blocks: number): number =>
  PRODUCT_BYTES + blocks * SLICE_VOXELS * BLOCK_LESIONS * Float32Array.BYTES_PER_ELEMENT

/** Bytes of scratch that `countPermutations` and `permutedT` need. */
export const permutationScratchBytes = (designRows: number): number => designRows * PRODUCT_BYTES

/**
 * z that functions of the user's are given at a time, at most: 8 KiB, which stay in the first-level cache beside the sums that they are
 * added to. At least those of a panel and 8 blocks.
 */
export const MAPPED_VALUES = 2_048

/** Bytes of scratch for z between `correlateToZ` and `addZ`. */
export const MAPPED_BYTES = MAPPED_VALUES * Float32Array.BYTES_PER_ELEMENT

/**
 * Bytes of scratch that `lesionMeans` and `storedMeans` need: 32 panels of 128 transposed time points, four numbers a voxel of these, a
 * sum, a vector, and a cursor a lesion.
 */
export function seedMeansScratchBytes(lesions: number): number {
  const [times, timesOfSum, lanes] = [128, 32, 4]
  const floats = BAND_VOXELS * (times + 4) + timesOfSum + lanes
  return floats * Float32Array.BYTES_PER_ELEMENT + lesions * Int32Array.BYTES_PER_ELEMENT
}

/**
 * Bytes of scratch that `correlateLesionVoxels` and `storedLesionVoxels` need: the norms of 32 voxels, two vectors of sums, an
 * even number of time points of each voxel, and a cursor a lesion.
 */
export function lesionVoxelsScratchBytes(timePoints: number, lesions: number): number {
  const [voxels, vectorBytes] = [4 * PANEL_VOXELS, 16]
  const doubles = voxels * (1 + timePoints + 1)
  return doubles * Float64Array.BYTES_PER_ELEMENT + 2 * vectorBytes + lesions * Int32Array.BYTES_PER_ELEMENT
}
