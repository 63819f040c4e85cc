/**
 * How large a problem is: the numbers from which every stage tells the bytes it will hold.
 *
 * Known in full once the inputs have been looked at, before anything is computed.
 */
export interface ProblemShape {
  /** Subjects of the connectome. */
  readonly subjects: number
  /** Subjects that are read and handed on together. */
  readonly subjectsPerChunk: number
  /** Chunks that may be alive at once: the slots of the chunk pool. */
  readonly chunkSlots: number
  /** Threads that read side by side, where the source can be read in parts. */
  readonly readers: number
  /** Time points of the longest subject. */
  readonly timePoints: number
  /** Voxels inside the brain mask. */
  readonly voxels: number
  /** Voxels of the connectome's whole grid. */
  readonly gridVoxels: number
  /** Lesions of one pass. */
  readonly lesions: number
  /** Lesion voxels of all lesions together. */
  readonly lesionVoxels: number
  /** Maps that are written for each lesion. */
  readonly mapsPerLesion: number
  /** Bytes of a subject as it lies in memory, where a pass reads a store; undefined: float32 time series. */
  readonly storedBytesPerSubject?: number | undefined
  /**
   * Where seeds are refined: at position n the lesion voxels that n lesions have at most together. No position beyond the
   * number of lesions is asked for. Undefined: a seed is the mean over its lesion.
   */
  readonly correlatedVoxels?: ReadonlyArray<number> | undefined
  /** Seeds that are correlated with one another: those of all lesions, whatever a pass takes. Undefined: none are. */
  readonly matrixSeeds?: number | undefined
  /** Seeds that are taken out of one another: those of all lesions of a run, whatever a pass takes. Undefined: none are. */
  readonly partialSeeds?: number | undefined
  /** Whether the degree of the connectome is summed. Undefined: it is not. */
  readonly degree?: boolean | undefined
}

/** Seeds of which time series are made together: those of a pass, or of all lesions where these are correlated in pairs or taken out. */
export const seedsTogether = ({ lesions, matrixSeeds = 0, partialSeeds = 0 }: ProblemShape): number =>
  Math.max(lesions, matrixSeeds, partialSeeds)

export const bytesPerFloat32 = 4
export const bytesPerFloat64 = 8
/** Bytes of a sum over subjects: a 64-bit integer. */
export const bytesPerSum = 8

/** Bytes of one chunk slot: `subjectsPerChunk` subjects, as float32 time series or as they are stored. */
export const chunkSlotBytes = (shape: ProblemShape): number =>
  shape.subjectsPerChunk * (shape.storedBytesPerSubject ?? shape.timePoints * shape.voxels * bytesPerFloat32)

/** Bytes of the correlations of lesion voxels with their own seed, of all subjects; 0 where seeds are not refined. */
export const lesionVoxelBytes = ({ subjects, lesions, correlatedVoxels }: ProblemShape): number =>
  subjects * (correlatedVoxels?.[lesions] ?? 0) * Int32Array.BYTES_PER_ELEMENT
