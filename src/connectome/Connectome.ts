/**
 * A normative connectome as the pipeline sees it: what it holds, and how to read a subject's time series into memory
 * that the caller owns. Each source (HDF5, NIfTI, store) is one implementation; stages know only this interface.
 *
 * A source is opened within a Scope and keeps its file handles until the Scope closes. It never allocates for bulk
 * data by itself beyond one reading buffer, and never holds more than what `read` was asked for.
 */
import { type Effect, Schema } from "effect"
import { shortageOf } from "../files/shortage.ts"
import type { Grid } from "../imaging/Grid.ts"
import { printableList } from "../runtime/printable.ts"
import type { PlacedFile, StoredLayout } from "./store/storedSubjects.ts"
import type { StoreExtent } from "./store/storeGeometry.ts"

/** One subject of the connectome: one scan, or several runs that form one. */
export interface Subject {
  /** Position in the connectome's order; sums run over subjects in this order. */
  readonly index: number
  readonly id: string
  /** File that holds it, as an absolute path; of several runs the first. */
  readonly file: string
  /** Files from which that one takes time series, as an HDF5 virtual dataset does. */
  readonly sources?: ReadonlyArray<string>
  /** Time points of all its runs together. */
  readonly timePoints: number
  /** Its runs in the order in which they are joined; left out for a single scan. */
  readonly runs?: ReadonlyArray<Run>
  /** Whether its runs lie one after another as they are, and r is the mean over them. Default: they are joined to one series. */
  readonly averagesRuns?: true
}

/** One scan of a subject that has several. */
export interface Run {
  /** Absolute path of its file. */
  readonly file: string
  readonly timePoints: number
}

/** A subject whose scans could not be used when a store was made, and why. */
export interface LeftOutSubject {
  readonly subject: string
  /** Relative to the scans. */
  readonly file: string
  readonly reason: string
}

/** How many scans the subjects of a connectome have together. */
export const countRuns = (subjects: ReadonlyArray<Subject>): number =>
  subjects.reduce((sum, { runs }) => sum + (runs?.length ?? 1), 0)

/** What there is to know of subjects that were chosen. */
export interface ChosenSubjects {
  /** How many subjects there are to choose from. */
  readonly from: number
  /** Of each file that holds others too, by its position in `files`: which of its subjects are chosen. Empty where files hold chosen subjects alone. */
  readonly rows: ReadonlyArray<{ readonly file: number; readonly subjects: ReadonlyArray<number> }>
}

/** What a subject says of its runs, of which it may have only one. */
export const severalRuns = (
  runs: ReadonlyArray<Run>,
  option: "concatenate" | "average" | "separate"
): Pick<Subject, "runs" | "averagesRuns"> => {
  if (runs.length === 1) return {}
  return option === "average" ? { runs, averagesRuns: true } : { runs }
}

/** Time points of each run over which r is averaged; undefined where there is one series. */
export const averagedRuns = ({ averagesRuns, runs }: Subject): ReadonlyArray<number> | undefined =>
  averagesRuns === true && runs !== undefined ? runs.map(({ timePoints }) => timePoints) : undefined

/** "8 subjects", of a choice "8 of 20 subjects", and where runs were joined "8 subjects (of 16 scans)". */
export const describeSubjects = ({ subjects, chosen }: Pick<Connectome, "subjects" | "chosen">): string => {
  const runs = countRuns(subjects)
  const among = chosen === undefined ? "" : ` of ${chosen.from}`
  return `${subjects.length}${among} subjects${runs > subjects.length ? ` (of ${runs} scans)` : ""}`
}

/** A normative connectome that has been opened. */
export interface Connectome {
  /** Which implementation this is: the name of its row in `sources.ts`. */
  readonly kind: string
  readonly path: string
  /** Every file that is read, absolute, in order; of a store those that hold the checksums of all others. */
  readonly files: ReadonlyArray<string>
  readonly subjects: ReadonlyArray<Subject>
  /** Subjects that are not in it, since their scans could not be used; only a store says so. */
  readonly leftOut?: ReadonlyArray<LeftOutSubject>
  /** Of which its subjects were chosen; left out where all are in it. */
  readonly chosen?: ChosenSubjects
  /** Number of voxels inside the brain mask. */
  readonly voxels: number
  /** The grid that the voxels lie on: that of the scans for NIfTI, else that of the mask. */
  readonly grid: Grid
  /** Shape: (voxels). Element of the grid's volume (first axis fastest) that each voxel is. */
  readonly gridIndex: Int32Array
  /** BIDS space label, where the source says one. */
  readonly space: string | undefined
  /** How the time series lie in the files, for `inspect`: "float32, gzip, chunks 1 × 120 × 4096". */
  readonly storage: string
  /** Bytes on disk that one pass over all subjects reads. */
  readonly bytesToRead: number
  /** The same of a pass over the subjects at these positions, ascending. Default: as many for each subject. */
  readonly bytesOf?: (positions: ReadonlyArray<number>) => number
  /** Subjects that one reading best takes together (a storage chunk may hold several); at least 1. */
  readonly subjectsPerRead: number
  /**
   * Whether a reading passes over subjects whose array is empty, so that subjects that share storage chunks with others are read together.
   * Default: every array is to be filled.
   */
  readonly readsGaps?: true
  /** Bytes that the source's own library holds in the thread that has opened the connectome. Default: 0. */
  readonly libraryBytes?: number
  /** Bytes that the source itself holds at its peak, in each thread that reads, while `count` subjects are read together. */
  readonly readingBytes: (count: number) => number
  /**
   * Reads the time series of consecutive subjects.
   *
   * Shapes: `into[i]` is (time points of subject `first + i`, voxels), voxel fastest, filled whole.
   *
   * Numerics: float32. A source of wider numbers may subtract a constant from each voxel's time series before it
   * rounds, which no later stage can see: correlation does not change when a series is shifted.
   *
   * Errors: `ConnectomeUnreadable` where bytes are missing or damaged.
   */
  readonly read: (first: number, into: ReadonlyArray<Float32Array>) => Effect.Effect<void, ConnectomeUnreadable>
  /**
   * The same reading, cut into parts that any thread may do in any order. Left out where the source can only be read as
   * a whole.
   */
  readonly parts?: (first: number, into: ReadonlyArray<Float32Array>) => ReadonlyArray<ReadingPart>
  /** Standardised time series that the engine reads as they are; only a store has them. */
  readonly stored?: StoredTimeSeries
}

/** Standardised time series in chunk files, which the engine reads into its memory as they are. */
export interface StoredTimeSeries {
  /** Of the subjects as they are stored; fewer people than these may be the connectome's, where they are runs that are averaged over. */
  readonly ids: ReadonlyArray<string>
  readonly extent: StoreExtent
  /** How a subject lies in memory. */
  readonly layout: StoredLayout
  readonly filesOf: (subject: number) => ReadonlyArray<PlacedFile>
  /** The failure of a file, from what the reading threw. */
  readonly unreadable: (file: string, subject: number, cause: unknown) => ConnectomeUnreadable
}

/** A part of a reading: the values that `block` names go into `into`. */
export interface ReadingPart<out Block = unknown> {
  /** Name of the source whose reader understands the block. */
  readonly reader: string
  /** Plain data that can be sent to a worker. */
  readonly block: Block
  /** Of each subject of the block: shape (time points, voxels); the block's part of it is written. */
  readonly into: ReadonlyArray<Float32Array>
  /** The failure of this part, from what the reading threw. */
  readonly unreadable: (cause: unknown) => ConnectomeUnreadable
}

/** The connectome, or one of its files, is not what a connectome must be. Found before anything is computed. */
export class InvalidConnectome extends Schema.TaggedError<InvalidConnectome>()("InvalidConnectome", {
  file: Schema.String,
  problem: Schema.String,
  remedy: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    const shortage = shortageOf(this.cause)
    const found = shortage === undefined ? `${this.problem}. ${this.remedy}` : `${shortage}. The file is not to blame.`
    return printableList(`${this.file}: ${found}`)
  }
}

/** A subject could not be read during the run. */
export class ConnectomeUnreadable extends Schema.TaggedError<ConnectomeUnreadable>()("ConnectomeUnreadable", {
  file: Schema.String,
  subject: Schema.String,
  problem: Schema.String,
  remedy: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    const shortage = shortageOf(this.cause)
    const found = shortage === undefined ? `${this.problem}. ${this.remedy}` : `${shortage}. The file is not to blame.`
    return printableList(`${this.file}: subject ${this.subject}: ${found}`)
  }
}
