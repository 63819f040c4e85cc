/**
 * The scans that a connectome store is made from: which subjects there are, from which runs, and which of them cannot be
 * used as far as headers tell. All problems are found in one go; no time series is read.
 *
 * A subject and its runs are plain data that can be sent to a worker.
 */

import type { FileIdentity } from "../files/unchangedFiles.ts"
import type { Grid } from "../imaging/Grid.ts"

/** A subject as its folder names it: absolute paths of its runs, in the order in which they are joined. */
export interface NamedSubject {
  readonly id: string
  /** The person whose run it is, where runs are subjects of their own. */
  readonly person?: string
  readonly files: ReadonlyArray<string>
}

/** One run of a subject, as it can be read. */
export interface RawRun {
  readonly timePoints: number
  readonly file: string
  /** Name of the source that reads it. */
  readonly reader: string
  /** What that source must know to read it: plain data. */
  readonly place: unknown
}

export interface RawSubject {
  readonly id: string
  /** The person whose run it is, where runs are subjects of their own. */
  readonly person?: string
  /** Files, relative to the source, in the order of the runs. */
  readonly sources: ReadonlyArray<string>
  readonly runs: ReadonlyArray<RawRun>
  /** Time points of all runs together. */
  readonly timePoints: number
  /** Changes when a file of the subject does: size and time of change of each. A copy keeps it. */
  readonly fingerprint: string
  /** Identities of its files when they were opened. */
  readonly files: ReadonlyArray<FileIdentity>
  /** Bytes on disk that reading it takes. */
  readonly bytes: number
}

/** A subject, or a whole file, that cannot be used. */
export interface BadScan {
  readonly subject: string
  readonly file: string
  readonly problem: string
}

export interface RawConnectome {
  /** Name of the source. */
  readonly kind: string
  readonly path: string
  /** BIDS label of the template space, where the source says it. */
  readonly space: string | undefined
  readonly grid: Grid
  readonly gridIndex: Int32Array
  readonly subjects: ReadonlyArray<RawSubject>
  readonly bad: ReadonlyArray<BadScan>
  readonly storage: string
  /** Bytes that reading one subject holds beside its time series. */
  readonly readingBytes: number
}

export interface RawLocation {
  readonly path: string
  readonly pattern?: string
  /** NIfTI and NumPy only: the 3D brain mask. */
  readonly mask?: string
}
